"""What a person has been told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notifications.models import Notification

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


def unread_count(user: User | AnonymousUser) -> int:
    """How many notifications `user` has not read; 0 for a guest."""
    if not user.is_authenticated:
        return 0
    return Notification.objects.filter(recipient_id=user.pk, read_at__isnull=True).count()
