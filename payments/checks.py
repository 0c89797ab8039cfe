"""What the settings of a shop must say about taking money."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register

from payments.gateways import GATEWAYS
from payments.gateways.sandbox import NAME as SANDBOX
from payments.gateways.sandbox import is_allowed


@register(Tags.compatibility)
def gateway_is_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """The gateway is one we know, and never the sandbox outside the embedded mode."""
    name = settings.PAYMENT_GATEWAY
    if name == SANDBOX and not is_allowed():
        return [Error("PAYMENT_GATEWAY is “sandbox”, which marks orders paid for no money.", id="payments.E001")]
    if name and name not in GATEWAYS:
        return [Error(f"PAYMENT_GATEWAY names no known gateway: {name}.", id="payments.E002")]
    if not name:
        return [
            Info(  # not a fault of the settings: until a merchant contract is signed, this is the honest state
                "PAYMENT_GATEWAY is empty: buyers can place orders but nobody can pay them.",
                hint="docs/payments.md says what a real gateway needs.",
                id="payments.I001",
            )
        ]
    return []
