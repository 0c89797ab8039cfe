"""Form fields for the ways people write phone numbers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts import parse_phone
from common.errors import InvalidInput


class PhoneField(forms.CharField):
    """A phone number a courier can call; cleaned to E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone"))
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return parse_phone(text)
        except InvalidInput as error:
            raise ValidationError(error.message, code=error.code) from None
