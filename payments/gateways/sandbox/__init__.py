"""A provider that moves no money, for trying the shop: its own books, cashier page and signed notifications.

It is there in the embedded mode only. Everything that reaches it passes `require_embedded`.
"""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NAME = "sandbox"
MERCHANT_ID = "sandbox-merchant-1"


def is_allowed() -> bool:
    """Whether there is a sandbox here at all."""
    return bool(settings.CHUSHAN_ENV == "embedded")


def require_embedded() -> None:
    """Raises ImproperlyConfigured anywhere but in the embedded mode: nobody may "pay" a real order with it."""
    if not is_allowed():
        raise ImproperlyConfigured(
            "The sandbox gateway takes no real money and exists only where CHUSHAN_ENV=embedded."
        )
