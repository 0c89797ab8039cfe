"""What the settings of a production shop must say about telling people."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from notifications.channels import ADAPTERS, adapter_name
from notifications.models import Delivery


@register(Tags.compatibility)
def channels_are_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """Each channel has an adapter, and outside the embedded mode none that only pretends to send."""
    found: list[CheckMessage] = []
    for channel, setting in [(Delivery.Channel.SMS, "SMS_BACKEND"), (Delivery.Channel.EMAIL, "EMAIL_CHANNEL")]:
        name = adapter_name(channel)
        if name == "outbox" and not settings.EMBEDDED:
            found.append(
                Error(f"{setting} is “outbox”, which sends nothing and shows sign-in codes.", id="notifications.E001")
            )
        elif name and name not in ADAPTERS:
            found.append(Error(f"{setting} names no known adapter: {name}.", id="notifications.E002"))
        elif not name:
            found.append(
                Warning(
                    f"{setting} is empty: messages over {channel} are kept as failed, and nobody gets them.",
                    hint=f"Set {setting} to one of: {', '.join(ADAPTERS)}.",
                    id="notifications.W001",
                )
            )
    return found
