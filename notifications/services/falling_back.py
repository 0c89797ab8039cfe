"""When one channel did not reach a person: the next one, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from common.transactions import needs_transaction
from common.wake import wake
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery, Device
from notifications.services.telling import DELIVER, reachable_at
from notifications.texts import text_of
from notifications.ways import ways


@needs_transaction
def fall_back(delivery_ids: Iterable[int], *, now: datetime) -> None:
    """Tell what these deliveries did not over each person's next channel; a step.

    A sign-in code goes nowhere but where it was asked for. What already is a stand-in, or has one, gets no other.
    """
    lost = list(
        Delivery.objects.filter(pk__in=delivery_ids, is_fallback=False)
        .exclude(notification__kind=SIGN_IN_CODE)
        .select_related("notification__recipient__choices")
        .order_by("pk")
    )
    used = defaultdict(set)
    for notification_id, channel in Delivery.objects.filter(
        notification__in=[one.notification_id for one in lost]
    ).values_list("notification_id", "channel"):
        used[notification_id].add(channel)
    instead = [one for delivery in lost if (one := _next_way(delivery, used[delivery.notification_id], now))]
    if instead:
        Delivery.objects.bulk_create(instead, ignore_conflicts=True)
        wake(DELIVER)


def _next_way(delivery: Delivery, used: set[str], now: datetime) -> Delivery | None:
    notification, user = delivery.notification, delivery.notification.recipient
    choices = getattr(user, "choices", None)
    reachable = reachable_at(user, choices.off if choices else [], Device.objects.filter(user=user).exists())
    try:
        reach = text_of(notification.kind, notification.context).reach
    except KeyError:  # a row written by a newer version of the shop
        return None
    for channel in ways(reachable, notification.kind, notification.audience, reach):
        if channel not in used:
            return Delivery(
                notification=notification,
                channel=channel,
                address=reachable.address(channel),
                due_at=now,
                is_fallback=True,
            )
    return None
