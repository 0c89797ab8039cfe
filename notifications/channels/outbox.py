"""The embedded mode's channel: nothing leaves the machine, /outbox/ shows what would have."""

from django.utils import timezone

from notifications.channels.base import Message
from notifications.models import OutboxMessage


class OutboxChannel:
    """Writes a row, one per delivery however often it is asked."""

    def send(self, message: Message) -> str:
        written, _ = OutboxMessage.objects.get_or_create(
            delivery_id=message.delivery_id,
            defaults={
                "channel": message.channel,
                "address": message.address,
                "subject": message.subject[:200],
                "body": message.body,
                "written_at": timezone.now(),
            },
        )
        return f"outbox-{written.pk}"
