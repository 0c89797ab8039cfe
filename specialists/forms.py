"""Forms of visits and calls: they check shape; the services check truth."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from orders.forms import PhotosField
from specialists.models import CallNote
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
