"""Writing an event down for everyone who asked to hear of it: in the transaction of the event itself."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from common.transactions import needs_transaction
from common.wake import wake
from notifications.models import WebhookDelivery, WebhookSubscription
from notifications.webhooks.events import EVENTS, VERSION

SEND = "notifications.tasks.send_webhooks"
TRIES = 9


@needs_transaction
def publish(event: str, *, to: Iterable[int], now: datetime, **data: Any) -> str:
    """Tell the programs of these people (ids of users who may read the thing by the API); a step of one query, or two.

    `data` holds ids, numbers, states and sums: nothing that names or locates a person. Returns the event's id, the same
    for all who hear of it.
    """
    if event not in EVENTS:
        raise KeyError(event)
    event_id = f"evt_{uuid.uuid4().hex}"
    subscriptions = WebhookSubscription.objects.filter(owner__in=set(to), events__contains=[event]).exclude(
        status=WebhookSubscription.Status.PAUSED
    )
    body = body_of(event_id, event, data, now)
    made = WebhookDelivery.objects.bulk_create(_delivery(each, event_id, event, body, now) for each in subscriptions)
    if made:
        wake(SEND)
    return event_id


def _delivery(
    subscription: WebhookSubscription, event_id: str, event: str, body: str, now: datetime
) -> WebhookDelivery:
    return WebhookDelivery(
        subscription=subscription,
        event_id=event_id,
        event=event,
        body=body,
        tries_left=TRIES,
        due_at=now,
        created_at=now,
    )


@needs_transaction
def write_for(subscription: WebhookSubscription, event: str, now: datetime, /, **data: Any) -> WebhookDelivery:
    """One event for one subscription, whatever it asked for; a step."""
    event_id = f"evt_{uuid.uuid4().hex}"
    delivery = _delivery(subscription, event_id, event, body_of(event_id, event, data, now), now)
    delivery.save()
    wake(SEND)
    return delivery


def body_of(event_id: str, event: str, data: dict[str, Any], now: datetime) -> str:
    """The JSON that is sent, byte for byte the same each time."""
    said = {"id": event_id, "type": event, "version": VERSION, "created_at": now.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, default=str)
