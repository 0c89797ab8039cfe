"""The three steps of a listing, its price and its lots."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import yuan
from common.weight import JIN, KG, UNIT_CHOICES, parse_grams
from marketplace.forms.fields import CountField, YuanField, said
from marketplace.models import ListingRevision, Lot
from marketplace.services import drafts, lots
from marketplace.services.lots import Harvest


def usual_unit() -> str:
    """What people who read this language weigh in."""
    return KG if (get_language() or "").startswith("en") else JIN


def weight_as_typed(grams: int | None) -> dict[str, str]:
    """A weight as its owner would type it, for a form's first values."""
    if grams is None:
        return {"unit": usual_unit()}
    unit = usual_unit()
    return {"weight": f"{grams / (500 if unit == JIN else 1000):.4f}".rstrip("0").rstrip("."), "unit": unit}


class PackForm(forms.Form):
    """Step two. Cleans to `grams`, `price` in fen and `packs`."""

    weight = forms.CharField(
        label=_("One box weighs"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-echo": "weight"}),
    )
    unit = forms.ChoiceField(
        label=_("Unit of weight"), choices=UNIT_CHOICES, widget=forms.RadioSelect(attrs={"data-echo": "unit"})
    )
    price = YuanField(
        label=_("Price of a box, in yuan"),
        help_text=_("Without postage: the buyer pays that on top."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-echo": "price"}),
    )
    packs = CountField(label=_("How many boxes you have"))

    @classmethod
    def of(cls, draft: ListingRevision) -> "PackForm":
        return cls(
            initial=weight_as_typed(draft.pack_grams)
            | {"price": yuan(draft.price_fen) if draft.price_fen else "", "packs": draft.packs or ""}
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "weight" in values and "unit" in values:
            try:
                values["grams"] = parse_grams(values["weight"], values["unit"])
            except DomainError as error:
                self.add_error("weight", said(error))
        checks = {"grams": drafts.check_pack, "price": drafts.check_price, "packs": lots.check_packs}
        for name, check in checks.items():
            if name in values:
                _collect(self, values[name], check)
        return values


def _collect(form: forms.Form, value: int, check: Callable[[int], None]) -> None:
    """Say everything that is wrong at once: the service would stop at the first."""
    try:
        check(value)
    except DomainError as error:
        form.add_error(error.field, said(error))


class WordsForm(forms.Form):
    """Step three of an approved listing's edit: where it grows, the farmer's words, how long it keeps."""

    origin = forms.CharField(
        label=_("Where it grows"),
        max_length=60,
        help_text=_("The town is enough: buyers see this, so leave the village out."),
    )
    keeps_days = CountField(label=_("Days it keeps"), help_text=_("From picking, stored cool and dry."))
    words = forms.CharField(
        label=_("In your own words"),
        max_length=300,
        required=False,
        help_text=_("What is special about it? One or two sentences are enough."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @staticmethod
    def first_values(draft: ListingRevision) -> dict[str, Any]:
        return {"origin": draft.origin, "keeps_days": draft.keeps_days, "words": draft.words}


class When:
    """Answers to "when was it picked?"."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    DAY = "day"
    LATER = "later"
    CHOICES = [(TODAY, _("Today")), (YESTERDAY, _("Yesterday")), (DAY, _("Another day")), (LATER, _("Not yet"))]


class DayField(forms.DateField):
    """A day that one answer needs and the others don't: never shown as optional, asked for by the form."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**kwargs)

    def validate(self, value: Any) -> None:
        """Empty is for the form to judge."""


class HarvestFields(forms.Form):
    """When it was picked or will be, and the grade. Cleans to a `harvest`."""

    when = forms.ChoiceField(
        label=_("When was it picked?"),
        choices=When.CHOICES,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please say when it was picked.")),
    )
    picked_on = DayField(label=_("Picked on"))
    expected_from = DayField(label=_("Picking begins about"))
    expected_until = DayField(label=_("Picking ends about"))
    grade = forms.ChoiceField(
        label=_("Grade"), choices=Lot.Grade.choices, initial=Lot.Grade.FIRST, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = timezone.localdate(now)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        when = values.get("when")
        if when == When.DAY and not values.get("picked_on"):
            self._ask("picked_on", _("Please choose the day."))
        if when == When.LATER:
            for name in ("expected_from", "expected_until"):
                if not values.get(name):
                    self._ask(name, _("Please say about when you will pick."))
        if when and "grade" in values:
            values["harvest"] = self._harvest(values)
        return values

    def _ask(self, name: str, message: Any) -> None:
        if name not in self.errors:
            self.add_error(name, ValidationError(message, code="required"))

    def _harvest(self, values: dict[str, Any]) -> Harvest:
        if values["when"] == When.LATER:
            return Harvest(
                values["grade"],
                expected_from=values.get("expected_from"),
                expected_until=values.get("expected_until"),
            )
        days = {When.TODAY: self.today, When.YESTERDAY: self.today - timedelta(days=1)}
        return Harvest(values["grade"], picked_on=days.get(values["when"]) or values.get("picked_on"))

    @staticmethod
    def values_of(lot: Lot, today: date) -> dict[str, Any]:
        """What stands in the form for a lot that is there already."""
        return {
            "when": When.LATER
            if lot.picked_on is None
            else {0: When.TODAY, 1: When.YESTERDAY}.get((today - lot.picked_on).days, When.DAY),
            "picked_on": lot.picked_on,
            "expected_from": lot.expected_from,
            "expected_until": lot.expected_until,
            "grade": lot.grade,
        }


class HarvestForm(HarvestFields, WordsForm):
    """Step three of a new listing."""

    field_order = ["when", "picked_on", "expected_from", "expected_until", "grade", "origin", "keeps_days", "words"]


class LotForm(HarvestFields):
    """Another harvest of a listing that is on sale. Cleans to `packs` and `harvest`."""

    packs = CountField(label=_("How many boxes you have"))
    field_order = ["packs", "when"]


class PriceForm(forms.Form):
    price = YuanField(label=_("Price of a box, in yuan"))


class OfLot(forms.Form):
    """A small form of one lot, on a page that shows several: `lot_id` says whose errors these are."""

    def __init__(self, *args: Any, lot_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lot_id = lot_id


class StockForm(OfLot):
    left = CountField(label=_("Boxes left to sell"))


class PickedForm(OfLot):
    picked_on = forms.DateField(label=_("Picked on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
