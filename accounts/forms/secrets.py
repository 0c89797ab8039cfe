"""allauth's forms for passwords and second factors, in our words: a label above each field, nothing inside it."""

from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm, ReauthenticateForm, SetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

CODE = _("Code")


class OurWords(forms.Form):
    """Puts `labels` on the fields and takes allauth's placeholders and help away."""

    labels: ClassVar[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in self.labels.items():
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.widget.attrs.pop("placeholder", None)


class SetOwnPasswordForm(OurWords, SetPasswordForm):
    labels = {"password1": _("New password"), "password2": _("The same again")}


class ChangeOwnPasswordForm(OurWords, ChangePasswordForm):
    labels = {"oldpassword": _("Present password"), "password1": _("New password"), "password2": _("The same again")}


class ConfirmPasswordForm(OurWords, ReauthenticateForm):
    labels = {"password": _("Password")}


class SecondStepForm(OurWords, AuthenticateForm):
    labels = {"code": CODE}


class SecondStepAgainForm(OurWords, ReauthenticateByCodeForm):
    labels = {"code": CODE}


class ActivateForm(OurWords, ActivateTOTPForm):
    labels = {"code": _("The 6 digits in the app")}
