"""What people type into the forms of selling, made into fen and numbers."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import parse_yuan


def said(error: DomainError) -> ValidationError:
    """A refusal of the domain, to stand beside a field."""
    return ValidationError(error.message, code=error.code)


def show_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Put a service's refusal beside the field it names, or above the form."""
    form.add_error(error.field if error.field in form.fields else None, said(error))


class YuanField(forms.CharField):
    """An amount in yuan as typed ("49.8", "４９．８０"); cleans to fen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except DomainError as error:
            raise said(error) from error


class CountField(forms.CharField):
    """A whole number as typed, full-width digits too; cleans to int. A phone shows its number keys."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 12)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        digits = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
        if not digits.removeprefix("-").isdecimal():
            raise ValidationError(_("Please type a whole number such as 20."), code="invalid")
        return int(digits)
