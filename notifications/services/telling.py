"""Telling someone something: a row in the caller's transaction, and a delivery row for each channel it has to go out over."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise

from common.transactions import needs_transaction, use_case
from common.wake import wake
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery, Notification
from notifications.texts import text_of
from notifications.ways import Reachable, first_ways

if TYPE_CHECKING:
    from accounts.models import User

DELIVER = "notifications.tasks.deliver_due"


@needs_transaction
def notify(
    *, recipient: User, kind: str, about: str, now: datetime, link: str = "", occurrence: str = "", **context: Any
) -> Notification | None:
    """Tell one person something, as a row in the caller's transaction; a step of at most two queries.

    `kind` is a key of notifications/kinds.py, which also says the channels (KeyError for no such kind). `about` is e.g.
    "parcel:12", `link` a path of this site. `context` holds the values the texts name: fen as integers (`amount_fen`),
    names as pairs (`produce_zh`, `produce_en`), times as datetimes; `audience` ("buyer", "farmer") picks the wording
    where a kind has several. Telling the same person the same kind about the same thing twice makes one row, unless
    `occurrence` differs (e.g. the reminder's date). Returns the new row, None when it had been told already.
    """
    values = {name: _plain(value) for name, value in context.items()}
    reach = text_of(kind, values).reach
    notification = Notification(
        recipient=recipient,
        kind=kind,
        about=about,
        dedupe_key=_dedupe_key(f"{recipient.pk}/{kind}/{about}/{occurrence}"),
        context=values,
        link=link,
        created_at=now,
    )
    chosen = _insert(notification)
    if chosen is None:
        return None
    reachable = reachable_at(recipient, *chosen)
    channels = first_ways(reachable, kind, notification.audience, reach)
    if channels:
        Delivery.objects.bulk_create(
            Delivery(notification=notification, channel=channel, address=reachable.address(channel), due_at=now)
            for channel in channels
        )
        wake(DELIVER)
    return notification


@use_case
def send_code(*, user: User, channel: str, address: str, code: str) -> None:
    """Send a one-time sign-in code to `address` over "SMS" or "EMAIL"; a use-case."""
    owe_code(user=user, channel=channel, address=address, code=code)


@needs_transaction
def owe_code(*, user: User, channel: str, address: str, code: str, **context: str) -> None:
    """Let a one-time code go to `address` over "SMS" or "EMAIL"; a step. `audience` says what else than signing in it is for.

    It goes out before anything else, is not tried again after 5 minutes, never shows in the shop, and the row forgets
    the code once it was sent or given up.
    """
    now = timezone.now()
    notification = Notification.objects.create(
        recipient=user,
        kind=SIGN_IN_CODE,
        about=f"user:{user.pk}",
        dedupe_key=f"{user.pk}/{SIGN_IN_CODE}/{uuid.uuid4()}",
        context={"code": code, **context},
        created_at=now,
        read_at=now,
    )
    Delivery.objects.create(notification=notification, channel=Delivery.Channel(channel), address=address, due_at=now)
    wake(DELIVER)


def reachable_at(user: User, off: Collection[str], has_device: bool) -> Reachable:
    """What `user` can be reached over: only a phone that was shown to be theirs counts."""
    phone = user.phone if user.phone and user.phone_verified else ""
    return Reachable(phone=phone, email=user.email or "", has_device=has_device, off=off)


def _insert(notification: Notification) -> tuple[list[str], bool] | None:
    """One INSERT that says whether it inserted, which Django's own way of ignoring conflicts doesn't.

    It answers with what the recipient has switched off and whether they have a device; None for what was told before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO notifications_notification
                   (recipient_id, kind, about, dedupe_key, context, link, created_at, read_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, NULL)
               ON CONFLICT (dedupe_key) DO NOTHING
               RETURNING id,
                   (SELECT off FROM notifications_choices WHERE user_id = recipient_id),
                   EXISTS (SELECT FROM notifications_device WHERE user_id = recipient_id)""",
            [
                notification.recipient_id,
                notification.kind,
                notification.about,
                notification.dedupe_key,
                json.dumps(notification.context, ensure_ascii=False),
                notification.link,
                notification.created_at,
            ],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    notification.pk, off, has_device = row
    notification._state.adding, notification._state.db = False, "default"
    return off or [], has_device


def _dedupe_key(key: str) -> str:
    """The key itself, or a fixed-length one that stands for it where it is too long for its column."""
    return key if len(key) <= 140 else f"{key[:75]}/{hashlib.sha256(key.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    """The value as JSON can keep it: times as ISO text, lazy words as text in the shop's own language."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Promise) else value
