"""Where django-allauth meets our users: phones live on the user, and codes go out as deliveries like everything else."""

import base64
import hashlib
import io
import logging
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.encoding import force_bytes
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms.fields import PhoneField
from accounts.models import User
from accounts.services import people
from notifications import services as notifications

logger = logging.getLogger(__name__)

CODE_LENGTH = 6
MESSAGES = {
    "enter_current_password": _("That is not your present password."),
    "incorrect_code": _("That code is not right. Please look again."),
    "incorrect_password": _("That password is not right."),
    "too_many_login_attempts": _("Too many tries. Please wait a few minutes and try again."),
    "rate_limited": _("Too many tries. Please wait a few minutes and try again."),
    "email_password_mismatch": _("That does not match. Please check both, or sign in with a code."),
    "phone_password_mismatch": _("That does not match. Please check both, or sign in with a code."),
    "username_password_mismatch": _("That does not match. Please check both, or sign in with a code."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Phone and e-mail sign-in by code. Signing up is signing in for the first time, so allauth's sign-up is closed."""

    error_messages = DefaultAccountAdapter.error_messages | MESSAGES

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    # --- Phones ---

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Never called: a phone is given by signing in with it, and nothing changes it."""
        raise NotImplementedError

    def set_phone_verified(self, user: User, phone: str) -> None:
        people.mark_phone_verified(user_id=user.pk, phone=phone)

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone, is_active=True).first()

    def phone_form_field(self, **kwargs: Any) -> Field:
        return PhoneField(**kwargs)

    # --- Codes ---

    def generate_login_code(self) -> str:
        """Six digits from the system's random source: enough for 5 tries in 5 minutes, and quickly typed."""
        return get_random_string(CODE_LENGTH, "0123456789")

    def generate_phone_verification_code(self, *, user: User, phone: str) -> str:
        return self.generate_login_code()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        notifications.send_code(user=user, channel="SMS", address=phone, code=code)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A sign-in code goes the same way as by SMS. allauth has no other letter to send here."""
        if template_prefix != "account/email/login_code":
            raise NotImplementedError(template_prefix)
        user = User.objects.get(email=email)
        notifications.send_code(user=user, channel="EMAIL", address=email, code=context["code"])

    # --- Signing in ---

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count of wrong passwords per person: allauth's own would put all phones into one."""
        login = credentials.get("email") or credentials.get("phone") or credentials.get("username") or ""
        return f"{get_current_site(request).domain}:{login.lower()}"

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, _("This account is closed."))
        return HttpResponseRedirect(reverse("account_request_login_code"))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Signed in: write to them in the language they read, then let the apps above do their part.

        AFTER_SIGN_IN lists them: callables `(request, user)`. One that fails keeps nobody out.
        """
        people.remember_language(user_id=user.pk, language=get_language() or settings.LANGUAGE_CODE)
        for path in settings.AFTER_SIGN_IN:
            try:
                import_string(path)(request, user)
            except Exception:
                logger.exception("%s failed after a sign-in", path)
        return super().post_login(request, user, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors encrypted with the site's key."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": MESSAGES["incorrect_code"]}

    def get_totp_label(self, user: User) -> str:
        return user.email or user.masked_phone

    def build_totp_svg(self, url: str) -> str:
        """Dark on white whatever the page's colours, or no phone reads it."""
        svg = io.BytesIO()
        segno.make(url, error="m").save(svg, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
        return svg.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return str(_secret_box().encrypt(text.encode()), "ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return _secret_box().decrypt(encrypted_text.encode()).decode()


def _secret_box() -> MultiFernet:
    """Encrypts with SECRET_KEY; opens what was closed with one of SECRET_KEY_FALLBACKS too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second-factor:" + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
