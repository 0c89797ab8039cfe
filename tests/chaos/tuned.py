"""Celery's application for a run under fire: claims lapse sooner, so that a run takes minutes and not hours; for the
controls, a guard is taken away.

CHAOS_WITHOUT=claim   deliverers look at what is due and don't claim it; the outbox takes the same message twice
"""

import os
import time
from datetime import datetime, timedelta

from config.celery import app

__all__ = ["app"]

app.loader.import_default_modules()

from notifications.channels import ADAPTERS, Message  # noqa: E402 - Django is set up by then
from notifications.models import Delivery, OutboxMessage  # noqa: E402
from notifications.services import claiming, sending  # noqa: E402

claiming.CLAIM = timedelta(seconds=int(os.environ["CHAOS_CLAIM_SECONDS"]))


def look(*, now: datetime) -> claiming.Claim | None:
    """The next that is due, for whoever looks."""
    due = Delivery.objects.select_related("notification__recipient").filter(status__in=claiming.OPEN, due_at__lte=now)
    delivery = due.order_by("due_at", "pk").first()
    if delivery is None:
        return None
    Delivery.objects.filter(pk=delivery.pk).update(status="SENDING", attempts=1)
    delivery.attempts = 1
    return claiming.Claim(delivery, delivery.notification, "en")


class ForgetfulOutbox:
    """Writes down whatever it is given, however often."""

    def send(self, message: Message) -> str:
        time.sleep(0.1)  # long enough for two deliverers to meet
        OutboxMessage.objects.create(
            delivery_id=message.delivery_id,
            channel=message.channel,
            address=message.address,
            body=message.body,
            written_at=datetime.now().astimezone(),
        )
        return ""


if os.environ.get("CHAOS_WITHOUT") == "claim":
    sending.claim_next = look
    ADAPTERS["outbox"] = ForgetfulOutbox
