"""Passwords and the second factor. allauth runs the pages; here is what it leaves out."""

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.views import PasswordChangeView, PasswordSetView, ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.forms.secrets import SetOwnPasswordForm
from accounts.http import signed_in
from accounts.views.answers import SayWhatIsWrong

JUST_NOW = 15 * 60


class ChangePasswordView(SayWhatIsWrong, PasswordChangeView):
    """The present password and a new one. Who forgot it signs in by code: for 15 minutes that stands in for it."""

    def get_form_class(self) -> type[Form]:
        return SetOwnPasswordForm if _just_came_by_code(self.request) else super().get_form_class()

    def get_default_success_url(self) -> str:
        return reverse("accounts:me")


class SetPasswordView(SayWhatIsWrong, PasswordSetView):
    """A first password."""

    def get_default_success_url(self) -> str:
        return reverse("accounts:me")


class ConfirmPasswordView(SayWhatIsWrong, ReauthenticateView):
    """The password once more, before something that matters."""


class ActivateTotpView(SayWhatIsWrong, ActivateTOTPView):
    """Whoever just proved to hold the app has used it: they are not asked for another code at once."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user = signed_in(self.request)
        factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        record_authentication(self.request, user, "mfa", id=factor.pk, type=factor.type, reauthenticated=True)
        return response


def _just_came_by_code(request: HttpRequest) -> bool:
    records = get_authentication_records(request, signed_in(request))
    return any(record["method"] == "code" and time.time() - record["at"] < JUST_NOW for record in records)
