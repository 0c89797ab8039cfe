"""A letter to somebody who is nobody here: a guest's receipt. To people of the shop, `notify` tells things."""

from django.utils import timezone

from notifications.channels import adapter_name, channel_for
from notifications.channels.base import Message
from notifications.models import Delivery, OutboxMessage

EMAIL = Delivery.Channel.EMAIL


def send_letter(*, key: str, address: str, subject: str, body: str) -> None:
    """Hand one letter to the e-mail channel, outside any transaction. Raises what the channel raises."""
    if adapter_name(EMAIL) == "outbox":  # which knows what was written by its delivery, and there is none
        OutboxMessage.objects.create(
            channel=EMAIL, address=address, subject=subject[:200], body=body, written_at=timezone.now()
        )
        return
    channel_for(EMAIL).send(Message(delivery_id=0, key=key, channel=EMAIL, address=address, subject=subject, body=body))
