"""Our one rule about passwords that Django says in English only."""

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Django's rule; its sentence has lost its Chinese translation."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(
                _("Too short: at least %(count)s letters or digits."),
                code="password_too_short",
                params={"count": self.min_length},
            )
