"""A person's own marks on their notifications."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from common.transactions import use_case
from notifications.models import Notification

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


@use_case
def mark_read(*, user: User | AnonymousUser, notification_id: int, now: datetime) -> None:
    """Note that `user` opened this one. Another person's, or one read before, stays as it is."""
    Notification.objects.filter(pk=notification_id, recipient_id=user.pk, read_at__isnull=True).update(read_at=now)


@use_case
def mark_all_read(*, user: User | AnonymousUser, up_to: int, now: datetime) -> int:
    """Mark everything told to `user` up to the notification with pk `up_to` as read: what came after stays unread."""
    return Notification.objects.filter(recipient_id=user.pk, read_at__isnull=True, pk__lte=up_to).update(read_at=now)
