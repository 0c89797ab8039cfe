"""Signing in: by code (one field, one door for new and old), or by password for those who set one."""

from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm, LoginForm
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.contacts import MAX_LENGTH, parse_contact
from accounts.models import User
from accounts.services import people
from common.errors import InvalidInput
from notifications.channels import adapter_name

NO_TEXTS = _("We can't send text messages yet. Please type your e-mail address.")
TOO_SOON = _("A code was asked for a moment ago. Please wait a minute, then ask again.")


def may_send_code(contact: str) -> bool:
    """Whether one more code may go to this phone or address, and from this visitor; counts as one when it may.

    The visitor's network is counted first: who owns many addresses of one must not use up what a contact may get.
    """
    if not ratelimit.consume(context.request, action="request_login_code_network", key=network_of(context.request)):
        return False
    return ratelimit.consume(context.request, action="request_login_code", key=contact)


def network_of(request: HttpRequest) -> str:
    """The /24 (IPv6: /48) that a visitor's address lies in, as text; the address itself where it isn't one."""
    address = get_adapter().get_client_ip(request)
    try:
        return str(ip_network((address, 24 if ip_address(address).version == 4 else 48), strict=False))
    except ValueError:
        return address


class SignInForm(forms.Form):
    """One field for a phone number or an e-mail address. allauth's view reads `_user` and the cleaned phone or email."""

    who = forms.CharField(
        label=_("Phone number or e-mail"),
        max_length=MAX_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": _("Please type your phone number or e-mail.")},
    )

    _user: User | None = None

    def clean_who(self) -> str:
        try:
            self.kind, self.contact = parse_contact(self.cleaned_data["who"])
        except InvalidInput as error:
            raise ValidationError(error.message, code=error.code) from None
        if self.kind == "phone" and not adapter_name("SMS"):
            raise ValidationError(NO_TEXTS, code="no_texts")
        if not may_send_code(self.contact):
            raise ValidationError(TOO_SOON, code="rate_limited")
        return self.contact

    def clean(self) -> dict[str, Any]:
        """Known or not, blocked or not: the same answer. Only a blocked person gets no code."""
        if not self.errors:
            contact = {self.kind: self.contact}
            self._user = people.person_to_sign_in(**contact, now=timezone.now())
            self.cleaned_data |= contact
        return self.cleaned_data


class ConfirmCodeForm(ConfirmLoginCodeForm):
    """The six digits, however they were pasted."""

    code = forms.CharField(
        label=_("The 6 digits we sent you"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Please type the code we sent you.")},
    )


class PasswordSignInForm(LoginForm):
    """For those who set a password. The wrong person and the wrong password get the same answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("Phone number or e-mail")
        login.widget.attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        login.max_length = MAX_LENGTH
        password.label = _("Password")
        password.help_text = ""
        password.widget.attrs = {"autocomplete": "current-password"}

    def clean_login(self) -> str:
        """The phone in E.164 or the address in lower case, as it is stored."""
        try:
            return parse_contact(self.cleaned_data["login"])[1]
        except InvalidInput as error:
            raise ValidationError(error.message, code=error.code) from None
