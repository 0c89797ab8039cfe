"""What one signs in with: another one, and the two codes for it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts import MAX_LENGTH, parse_contact
from accounts.forms.sign_in import NO_TEXTS
from common.errors import InvalidInput
from notifications.channels import adapter_name


class ContactForm(forms.Form):
    """One field for either, as at the door. After is_valid() `kind` is "phone" or "email"."""

    contact = forms.CharField(
        label=_("New phone number or e-mail"),
        max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Please type your phone number or e-mail.")},
    )
    kind = ""

    def clean_contact(self) -> str:
        try:
            self.kind, contact = parse_contact(self.cleaned_data["contact"])
        except InvalidInput as error:
            raise ValidationError(error.message, code=error.code) from None
        if self.kind == "phone" and not adapter_name("SMS"):
            raise ValidationError(NO_TEXTS, code="no_texts")
        return contact


class ContactCodesForm(forms.Form):
    """The six digits that came to the present one, and those that came to the new one."""

    own_code = forms.CharField(max_length=20, error_messages={"required": _("Please type the code we sent you.")})
    new_code = forms.CharField(max_length=20, error_messages={"required": _("Please type the code we sent you.")})

    def __init__(self, *args: Any, own: str, new: str, **kwargs: Any) -> None:
        """`own` and `new`: where the codes went, as their owner reads it."""
        super().__init__(*args, **kwargs)
        for name, where in (("own_code", own), ("new_code", new)):
            field = self.fields[name]
            field.label = _("The 6 digits sent to %(where)s") % {"where": where}
            field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
