"""Filters and sorts, as they stand in the address. What cannot be read is said beside its field and left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import parse_yuan
from marketplace.models import Produce
from marketplace.queries.distance import place_of
from marketplace.queries.facets import Facets
from marketplace.queries.shelves import NEAREST, RELEVANCE, SORTS, Stock, Wanted

Choices = list[tuple[str, Any]]


class FinderForm(forms.Form):
    """Province, county, what is left of it, who grew it, price per kilogram, order."""

    produce = forms.ChoiceField(label=_("Produce"), required=False)
    province = forms.ChoiceField(label=_("Province"), required=False)
    county = forms.ChoiceField(label=_("County"), required=False)
    stock = forms.ChoiceField(
        label=_("Stock"),
        required=False,
        choices=[
            ("", _("Can be bought")),
            (Stock.NOW, _("In stock now")),
            (Stock.PRESALE, _("Presale")),
            (Stock.SOLD_OUT_TOO, _("Sold out too")),
        ],
    )
    price_from = forms.CharField(label=_("From, yuan per kg"), required=False, max_length=12)
    price_to = forms.CharField(label=_("To, yuan per kg"), required=False, max_length=12)
    women = forms.BooleanField(label=_("Women-led only"), required=False)
    near = forms.CharField(label=_("Near"), required=False, max_length=20)
    sort = forms.ChoiceField(label=_("Sort by"), required=False)

    def __init__(
        self,
        *args: Any,
        provinces: Choices,
        counties: Choices,
        searching: bool,
        kinds: Sequence[Produce] = (),
        everywhere: Sequence[tuple[str, Any]] = (),
        **kwargs: Any,
    ) -> None:
        """`provinces` and `counties` sell, `everywhere` are all provinces; without `kinds` there is no produce to choose."""
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        if kinds:
            names: Choices = [(kind.slug, kind.local_name) for kind in kinds]
            self.fields["produce"].choices = [("", _("All produce")), *names]  # type: ignore[attr-defined]
        else:
            del self.fields["produce"]
        near = self.data.get("near", "")
        here: Choices = [(near, _("Where I am"))] if place_of(near) and near not in dict(everywhere) else []
        self.fields["near"].widget = forms.Select(choices=[("", _("Anywhere")), *here, *everywhere])
        self.fields["province"].choices = [("", _("All provinces")), *provinces]  # type: ignore[attr-defined]
        self.fields["county"].choices = [("", _("All counties")), *counties]  # type: ignore[attr-defined]
        if not counties:
            del self.fields["county"]
        sorts: Choices = [(name, sort.label) for name, sort in SORTS.items()]
        first: Choices = [("", RELEVANCE.label), *sorts] if searching else [("", SORTS["new"].label), *sorts[1:]]
        if place_of(near):
            first = [*first, ("near", NEAREST.label)]
        self.fields["sort"].choices = first  # type: ignore[attr-defined]
        self.fields["near"].widget.attrs["data-near"] = _("Where I am (asks you first)")
        for name in ("price_from", "price_to"):
            self.fields[name].widget.attrs.update(inputmode="decimal", size=6)

    def _fen(self, name: str) -> int | None:
        if not (text := self.cleaned_data[name].strip()):
            return None
        try:
            fen = parse_yuan(text)
        except DomainError as error:
            raise forms.ValidationError(error.message, code=error.code) from error
        if fen < 0:
            raise forms.ValidationError(_("A price cannot be below 0."), code="negative")
        return fen

    def clean_price_from(self) -> int | None:
        return self._fen("price_from")

    def clean_price_to(self) -> int | None:
        return self._fen("price_to")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        low, high = data.get("price_from"), data.get("price_to")
        if low is not None and high is not None and low > high:
            self.add_error("price_to", _("This is less than the lower price."))
        return data

    def wanted(self, *, query: str, after: str) -> Wanted:
        """What was asked for, without the fields that could not be read."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(
            produce=self._produce_ids(data.get("produce", "")),
            province=data.get("province", ""),
            county=data.get("county", ""),
            women_led=data.get("women", False),
            stock=data.get("stock") or Stock.ANY,
            min_fen_per_kg=data.get("price_from"),
            max_fen_per_kg=data.get("price_to"),
            query=query,
            sort=data.get("sort", ""),
            after=after,
            near=data.get("near", ""),
        )

    def _produce_ids(self, slug: str) -> tuple[int, ...]:
        """The kind, or all kinds of the group."""
        chosen = {kind.pk for kind in self.kinds if slug and kind.slug == slug}
        return tuple(kind.pk for kind in self.kinds if kind.pk in chosen or kind.parent_id in chosen)

    def show_counts(self, counts: Facets, counties: Mapping[int, str]) -> None:
        """Write beside each choice how many offers it would leave, and leave out what would leave none."""
        more = "+" if counts.at_least else ""
        by_slug = {kind.slug: counts.produce.get(kind.pk, 0) for kind in self.kinds}
        by_county = {slug: counts.counties.get(pk, 0) for pk, slug in counties.items()}
        numbers = {"produce": by_slug, "province": counts.provinces, "county": by_county, "stock": counts.stock}
        for name, known in numbers.items():
            if name not in self.fields:
                continue
            chosen = self.data.get(name, "")
            choices = [
                (value, f"{label} ({known[value]}{more})" if known.get(value) else label)
                for value, label in self.fields[name].choices  # type: ignore[attr-defined]
                if not value or value == chosen or known.get(value) or name == "stock"
            ]
            self.fields[name].widget.choices = choices
        if counts.women_led:
            self["women"].label = f"{self['women'].label} ({counts.women_led}{more})"

    @property
    def active(self) -> list[tuple[str, Any]]:
        """Each filter in force: the names of its parameters and what to call it on the page."""
        data = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        found: list[tuple[str, Any]] = []
        for name in ("produce", "province", "county", "stock"):
            if value := data.get(name):
                found.append((name, dict(self.fields[name].choices)[value]))  # type: ignore[attr-defined]
        if data.get("women"):
            found.append(("women", _("Women-led")))
        if data.get("price_from") is not None:
            found.append(("price_from", _("from ¥%(yuan)s/kg") % {"yuan": self["price_from"].value().strip()}))
        if data.get("price_to") is not None:
            found.append(("price_to", _("up to ¥%(yuan)s/kg") % {"yuan": self["price_to"].value().strip()}))
        return found
