"""Where django-allauth meets our users: phones live on the user, and codes go out as deliveries like everything else."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.models import User
from notifications import services as notifications


class AccountAdapter(DefaultAccountAdapter):
    """Phone and e-mail sign-in by code. Signing up is signing in for the first time, so allauth's sign-up is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone, is_active=True).first()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        notifications.send_code(user=user, channel="SMS", address=phone, code=code)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Never called with a code: the sign-in form makes the person first. A blocked person gets silence."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sign-in codes by e-mail go the same way as by SMS; allauth's other letters stay its own."""
        if template_prefix == "account/email/login_code":
            user = User.objects.get(email=email.lower())
            notifications.send_code(user=user, channel="EMAIL", address=email, code=context["code"])
        elif template_prefix != "account/email/unknown_account":
            super().send_mail(template_prefix, email, context)
