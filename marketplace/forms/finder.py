"""Filters and sorts, as they stand in the address. What cannot be read is said beside its field and left out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import parse_yuan
from marketplace.queries.shelves import RELEVANCE, SORTS, Stock, Wanted

Choices = list[tuple[str, Any]]


class FinderForm(forms.Form):
    """Province, county, what is left of it, who grew it, price per kilogram, order."""

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
    sort = forms.ChoiceField(label=_("Sort by"), required=False)

    def __init__(self, *args: Any, provinces: Choices, counties: Choices, searching: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = [("", _("All provinces")), *provinces]  # type: ignore[attr-defined]
        self.fields["county"].choices = [("", _("All counties")), *counties]  # type: ignore[attr-defined]
        if not counties:
            del self.fields["county"]
        sorts: Choices = [(name, sort.label) for name, sort in SORTS.items()]
        first: Choices = [("", RELEVANCE.label), *sorts] if searching else [("", SORTS["new"].label), *sorts[1:]]
        self.fields["sort"].choices = first  # type: ignore[attr-defined]
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
            province=data.get("province", ""),
            county=data.get("county", ""),
            women_led=data.get("women", False),
            stock=data.get("stock") or Stock.ANY,
            min_fen_per_kg=data.get("price_from"),
            max_fen_per_kg=data.get("price_to"),
            query=query,
            sort=data.get("sort", ""),
            after=after,
        )

    @property
    def active(self) -> list[tuple[str, Any]]:
        """Each filter in force: the names of its parameters and what to call it on the page."""
        data = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        found: list[tuple[str, Any]] = []
        for name in ("province", "county", "stock"):
            if value := data.get(name):
                found.append((name, dict(self.fields[name].choices)[value]))  # type: ignore[attr-defined]
        if data.get("women"):
            found.append(("women", _("Women-led")))
        if data.get("price_from") is not None:
            found.append(("price_from", _("from ¥%(yuan)s/kg") % {"yuan": self["price_from"].value().strip()}))
        if data.get("price_to") is not None:
            found.append(("price_to", _("up to ¥%(yuan)s/kg") % {"yuan": self["price_to"].value().strip()}))
        return found
