"""The forms of entries: they check shape; the use-cases check truth. Each has what it is about, and photos."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.weight import UNIT_CHOICES, parse_grams
from marketplace.forms.fields import YuanField, said
from marketplace.forms.selling import DayField, LotForm, usual_unit
from marketplace.services.drafts import MAX_PHOTOS, check_price
from orders.forms import PhotosField, PostForm
from orders.services.packing import MAX_GRAMS
from specialists.forms import PrepareForm

MAX_WEIGHED_GRAMS = 100_000_000  # a hundred tonnes: more than one household picks
_THING = re.compile(r"(\d{1,18})(?:@([0-9a-f]{0,12}))?")
CHOOSE = _("Please choose one.")


class ThingField(forms.CharField):
    """What an entry is about, and how that was: “12@3f2a9c01b7de”. Cleans to both; the service looks whose it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Select, error_messages={"required": CHOOSE}, **kwargs)

    def clean(self, value: Any) -> Any:
        found = _THING.fullmatch(super().clean(value) or "")
        if found is None:
            raise ValidationError(CHOOSE, code="invalid")
        return int(found[1]), found[2] or ""


class EntryForm(forms.Form):
    """What every entry has. `made_at` is when it was written; days such as “today” are that day's."""

    thing = ThingField()
    photos = PhotosField(label=_("Photos"), required=False)
    field_order = ["thing"]
    most_photos = 3

    def __init__(self, *args: Any, choices: list[tuple[str, str]], made_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "thing" in self.fields:
            widget = self.fields["thing"].widget
            widget.choices = self._with_chosen(choices)
            widget.attrs["translate"] = "no"
        self.fields["photos"].widget.attrs["data-shrink"] = self.most_photos

    def _with_chosen(self, choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """What was chosen stays chosen in a form that comes back, though the thing has changed since."""
        chosen = str(self.data.get("thing", ""))
        same = chosen.partition("@")[0] + "@"
        return [(chosen if chosen and value.startswith(same) else value, words) for value, words in choices]

    def clean_photos(self) -> list[UploadedFile]:
        photos: list[UploadedFile] = self.cleaned_data["photos"]
        if len(photos) > self.most_photos:
            raise ValidationError(_("At most %(most)s photos."), code="too_many", params={"most": self.most_photos})
        return photos

    def values(self) -> dict[str, Any]:
        """What the use-case takes. Only after is_valid()."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("thing", "photos")}


class PostingForm(EntryForm, PostForm):
    """A parcel was handed to a courier."""

    field_order = ["thing", "courier", "tracking_number", "photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thing"].label = _("Which parcel?")
        self.fields["photos"].label = _("Photo of the slip")


class HarvestEntryForm(EntryForm, LotForm):
    """A new harvest of something that is on sale."""

    field_order = ["thing", "packs", "when", "picked_on", "expected_from", "expected_until", "grade", "photos"]

    def __init__(self, *args: Any, made_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, made_at=made_at, now=made_at, **kwargs)
        self.fields["thing"].label = _("Of what?")

    def values(self) -> dict[str, Any]:
        return {"packs": self.cleaned_data["packs"], "harvest": self.cleaned_data["harvest"]}


class WeighingForm(EntryForm):
    """What a harvest weighed, all of it."""

    weight = forms.CharField(
        label=_("What does all of it weigh?"),
        help_text=_("The whole harvest, with what is sold of it already."),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(label=_("Unit of weight"), choices=UNIT_CHOICES, widget=forms.RadioSelect)
    picked_on = DayField(label=_("Picked on"), help_text=_("For a harvest that was sold before it was picked."))
    field_order = ["thing", "weight", "unit", "picked_on", "photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thing"].label = _("Which harvest?")
        self.fields["photos"].label = _("Photo of the scale")
        self.fields["unit"].initial = usual_unit()
        self.fields["picked_on"].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "weight" in values and "unit" in values:
            try:
                values["grams"] = parse_grams(values["weight"], values["unit"], most=MAX_WEIGHED_GRAMS)
            except DomainError as error:
                self.add_error("weight", said(error))
        return values

    def values(self) -> dict[str, Any]:
        return {"grams": self.cleaned_data["grams"], "picked_on": self.cleaned_data.get("picked_on")}


class PackingForm(EntryForm):
    """A box was closed, and perhaps weighed."""

    weight = forms.CharField(
        label=_("What does the closed box weigh?"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(label=_("Unit of weight"), choices=UNIT_CHOICES, widget=forms.RadioSelect)
    field_order = ["thing", "weight", "unit", "photos"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thing"].label = _("Which parcel?")
        self.fields["photos"].label = _("Photo of the box")
        self.fields["unit"].initial = usual_unit()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("weight") and "unit" in values:
            try:
                values["grams"] = parse_grams(values["weight"], values["unit"], most=MAX_GRAMS)
            except DomainError as error:
                self.add_error("weight", said(error))
        return values

    def values(self) -> dict[str, Any]:
        return {"grams": self.cleaned_data.get("grams")}


class PreparedForm(EntryForm, PrepareForm):
    """Something to sell, but for its price: as a specialist may write it down."""

    thing = None  # type: ignore[assignment]  # it is about nothing that is there already
    most_photos = MAX_PHOTOS
    field_order = ["produce", "photos", "weight", "unit", "packs", "when"]

    def __init__(self, *args: Any, made_at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, made_at=made_at, now=made_at, **kwargs)
        self.fields["unit"].initial = usual_unit()

    def values(self) -> dict[str, Any]:
        return {"whole": self.prepared()}


class ListingForm(PreparedForm):
    """Something to sell, as its farmer writes it down."""

    price = YuanField(label=_("Price of a box, in yuan"), help_text=_("Without postage: the buyer pays that on top."))
    field_order = ["produce", "photos", "weight", "unit", "price", "packs", "when"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("price") is not None:
            try:
                check_price(values["price"])
            except DomainError as error:
                self.add_error("price", said(error))
        return values

    def values(self) -> dict[str, Any]:
        return super().values() | {"price_fen": self.cleaned_data["price"]}
