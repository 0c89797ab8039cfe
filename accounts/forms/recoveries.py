"""Another number for somebody who lost theirs: who, which, why, and what showed that it is them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts import parse_contact
from accounts.models import User
from accounts.services.recoveries import LENGTH
from common.errors import InvalidInput


def mobile(text: str) -> str:
    """E.164 of a number that can get a code; ValidationError for anything else."""
    try:
        kind, number = parse_contact(text)
    except InvalidInput as error:
        raise ValidationError(error.message, code=error.code) from None
    if kind != "phone":
        raise ValidationError(_("Please type a mobile number."), code="no_phone")
    return number


def number_field(label: Any, help_text: Any) -> forms.CharField:
    """A field for a mobile number that is somebody else's than the typist's."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Please type a mobile number.")},
    )


def words_field(label: Any, help_text: Any) -> forms.CharField:
    """A few lines that stay on record."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please write a line: it stays on record.")},
    )


class RecoveryForm(forms.Form):
    """For a household that is known."""

    phone = number_field(_("Their new number"), _("They sign in with a code to it."))
    reason = words_field(_("What happened to the old one?"), _("Such as “fell into the river”, “card cancelled”."))
    proof = words_field(
        _("How do you know that it is them?"),
        _("Such as “visited them, saw the identity card and the orchard”. Write no numbers of papers here."),
    )

    def clean_phone(self) -> str:
        return mobile(self.cleaned_data["phone"])


class FindAndRecoverForm(RecoveryForm):
    """For anybody, found by the number that was lost. Cleans to `person`."""

    former = number_field(_("Their old number"), _("The one they signed in with, all of it."))
    field_order = ["former", "phone", "reason", "proof"]
    person: User | None = None

    def clean_former(self) -> str:
        former = mobile(self.cleaned_data["former"])
        self.person = User.objects.filter(phone=former).exclude(last_login=None, farmer=None).first()
        if self.person is None:
            raise ValidationError(_("Nobody signs in with this number."), code="nobody")
        return former


class DropForm(forms.Form):
    """Why it is given up."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Please give a reason: it stays on record.")},
    )
