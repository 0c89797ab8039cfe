"""Reminders of announced broadcasts: asking, taking back, and telling, each person once."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from common.errors import NotAllowed, WrongState
from common.transactions import use_case
from live.models import Broadcast, Reminder
from notifications.services import notify

AT_ONCE = 100


@use_case
def ask_reminder(*, broadcast_id: int, user: User, now: datetime) -> None:
    """Tell this person when it begins. Asking twice changes nothing.

    Raises NotAllowed for one that watchers may not see, WrongState once it has begun.
    """
    seen = Broadcast.objects.shown().select_for_update(no_key=True, of=("self",))  # or it begins while this is written
    broadcast = seen.filter(pk=broadcast_id).first()
    if broadcast is None:
        raise NotAllowed
    if broadcast.status != Broadcast.Status.PLANNED:
        raise WrongState
    Reminder.objects.get_or_create(broadcast=broadcast, user=user, defaults={"asked_at": now})


@use_case
def drop_reminder(*, broadcast_id: int, user: User) -> None:
    """Wait for it no longer. Doing it twice changes nothing."""
    Reminder.objects.filter(broadcast_id=broadcast_id, user=user, told_at=None).delete()


@use_case
def tell_some(*, broadcast_id: int, now: datetime) -> int:
    """Tell up to AT_ONCE of those who wait that it has begun, or that it will not; how many were told by this call.

    Safe twice and at once: whoever another call is telling is left to it.
    """
    due = Reminder.objects.due().filter(broadcast_id=broadcast_id)
    found = due.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related(
        "broadcast__farmer", "user"
    )
    reminders = list(found.order_by("pk")[:AT_ONCE])
    for reminder in reminders:
        broadcast = reminder.broadcast
        begun = broadcast.status == Broadcast.Status.LIVE
        notify(
            recipient=reminder.user,
            kind="broadcast_begun" if begun else "broadcast_called_off",
            about=f"broadcast:{broadcast.pk}",
            now=now,
            link=reverse("live:broadcast_detail", args=[broadcast.pk]) if begun else reverse("live:broadcast_list"),
            farmer=broadcast.farmer.name,
            **({"show": broadcast.title} if begun else {}),
        )
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(told_at=now)
    return len(reminders)
