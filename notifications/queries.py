"""What a person has been told, and what the embedded mode would have sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F, Q, QuerySet

from notifications.kinds import SIGN_IN_CODE
from notifications.models import Notification, OutboxMessage, WebhookDelivery, WebhookSubscription

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

PAGE = 30
OUTBOX = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unread_count(user: User | AnonymousUser) -> int:
    """How many notifications `user` has not read; 0 for a guest. Sign-in codes are never unread.

    Plain SQL: each page's frame asks, and building the query took four times as long as answering it.
    """
    if not user.is_authenticated:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM notifications_notification WHERE recipient_id = %s AND read_at IS NULL", [user.pk]
        )
        (unread,) = cursor.fetchone()
    return int(unread)


def page_for(user: User | AnonymousUser, after: str = "") -> tuple[list[Notification], str]:
    """One page of what `user` was told, newest first, and the key of the next page ("" on the last).

    `after` is such a key; anything else gives the first page.
    """
    mine = Notification.objects.filter(recipient_id=user.pk).exclude(kind=SIGN_IN_CODE)
    if position := _read_key(after):
        created_at, pk = position
        mine = mine.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    found = list(mine.order_by("-created_at", "-pk")[: PAGE + 1])
    page = found[:PAGE]
    return page, _key(page[-1]) if len(found) > PAGE else ""


def outbox(address: str = "") -> QuerySet[OutboxMessage]:
    """The newest messages that the embedded mode would have sent, to addresses that contain `address`."""
    messages = OutboxMessage.objects.annotate(language=F("delivery__notification__recipient__language")).order_by(
        "-written_at", "-pk"
    )
    wanted = "".join(address.split()).replace("\x00", "")
    if wanted:
        messages = messages.filter(address__icontains=wanted)
    return messages[:OUTBOX]


def _key(notification: Notification) -> str:
    microseconds = (notification.created_at - EPOCH) // timedelta(microseconds=1)
    return f"{microseconds}-{notification.pk}"


def _read_key(key: str) -> tuple[datetime, int] | None:
    microseconds, _, pk = key.partition("-")
    if not (microseconds.isascii() and microseconds.isdigit() and pk.isascii() and pk.isdigit()) or len(key) > 40:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), min(int(pk), 2**63 - 1)
    except OverflowError:
        return None


def webhook_log(subscription: WebhookSubscription, before: str = "") -> tuple[list[WebhookDelivery], str]:
    """A page of what was sent to one address, newest first, each with its attempts, and the next page's query. 2 queries."""
    log = subscription.deliveries.order_by("-pk").prefetch_related("tries")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        log = log.filter(pk__lt=int(before))
    found = list(log[: PAGE + 1])
    return found[:PAGE], f"?after={found[PAGE - 1].pk}" if len(found) > PAGE else ""
