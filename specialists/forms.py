"""Forms of visits and calls: they check shape; the services check truth."""

from typing import Any, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import County
from common.errors import DomainError
from common.weight import JIN, UNIT_CHOICES, parse_grams
from marketplace.forms.fields import CountField
from marketplace.forms.selling import HarvestForm
from marketplace.models import Produce
from orders.forms import PhotosField
from specialists.models import CallNote
from specialists.services.acting import Prepared
from specialists.services.visits import MAX_PHOTOS


class VisitForm(forms.Form):
    """When, and what for."""

    planned_on = forms.DateField(
        label=_("Which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(["required", "invalid"], _("Please choose a day.")),
    )
    aim = forms.CharField(
        label=_("What for?"),
        max_length=200,
        help_text=_("Such as “take photos of the tea”, “show how to pack”."),
        error_messages={"required": _("Please say what for.")},
    )


class VisitNoteForm(forms.Form):
    """How it was."""

    note = forms.CharField(
        label=_("How was it?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write a line or two: how was it?")},
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=format_lazy(_("Up to {most}. Only the county's specialists see them."), most=MAX_PHOTOS),
    )


class CallNoteForm(forms.Form):
    """What came of a call."""

    task = forms.CharField(max_length=40, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=CallNote.Outcome.choices)
    words = forms.CharField(max_length=300, required=False)


class InvitationForm(forms.Form):
    """For whom, and in which county where a specialist has several."""

    for_whom = forms.CharField(
        label=_("For whom?"),
        max_length=60,
        help_text=_("A note for yourself: “Old Li by the bridge”. They don't see it."),
        error_messages={"required": _("Please say for whom, so that you know it again.")},
    )
    county_id = forms.TypedChoiceField(
        label=_("County"),
        coerce=int,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose one.")),
    )

    def __init__(self, *args: Any, counties: list[County], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["county_id"])
        field.choices = [(county.pk, county.local_name) for county in counties]
        if len(counties) == 1:
            field.widget, self.initial["county_id"] = forms.HiddenInput(), counties[0].pk


class ConsentCodeForm(forms.Form):
    """What the farmer read out from their phone."""

    code = forms.CharField(
        label=_("The 6 digits from the farmer's phone"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Please type the code we sent.")},
    )


class PaperForm(forms.Form):
    """A photo of the signed paper."""

    paper = forms.FileField(
        label=_("Photo of the signed paper"),
        widget=forms.FileInput(attrs={"accept": "image/*,application/pdf"}),
        error_messages={"required": _("Please choose a photo.")},
    )


class PrepareForm(HarvestForm):
    """Something to sell, but for its price."""

    produce = forms.ModelChoiceField(
        label=_("What do they sell?"),
        queryset=Produce.objects.filter(parent__isnull=False, shelf_life_days__isnull=False).select_related("parent"),
        empty_label=_("Please choose"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Please choose what they sell.")),
    )
    weight = forms.CharField(
        label=_("One box weighs"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    unit = forms.ChoiceField(label=_("Unit of weight"), choices=UNIT_CHOICES, initial=JIN, widget=forms.RadioSelect)
    packs = CountField(label=_("How many boxes they have"))
    photos = PhotosField(label=_("Photos"), required=False, help_text=_("By daylight, close up. JPEG, PNG or WebP."))

    field_order = ["produce", "photos", "weight", "unit", "packs", "when"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeps_days"].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "weight" in values and "unit" in values:
            try:
                values["grams"] = parse_grams(values["weight"], values["unit"])
            except DomainError as error:
                self.add_error("weight", error.message)
        return values

    def prepared(self) -> Prepared:
        """What was typed, for the service. Only after is_valid()."""
        values = self.cleaned_data
        return Prepared(
            produce=values["produce"],
            pack_grams=values["grams"],
            packs=values["packs"],
            origin=values["origin"],
            words=values["words"],
            keeps_days=values["keeps_days"] or values["produce"].shelf_life_days,
            harvest=values["harvest"],
        )


class PaperDecisionForm(forms.Form):
    """Whether a paper stands, and why not."""

    decision = forms.ChoiceField(choices=[("accept", ""), ("end", "")])
    reason = forms.CharField(max_length=500, required=False)
