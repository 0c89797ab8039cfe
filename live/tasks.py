"""Celery tasks of broadcasts: thin, and safe to run twice."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from live import queries
from live.engines import engine
from live.models import Broadcast, Reminder
from live.services import airing, planning, recorders, reminding, reporting


@shared_task
def sweep_broadcasts(**_: Any) -> None:
    """End what was abandoned, give back slices whose announced time is over, call off what nobody began."""
    now = timezone.now()
    for pk in Broadcast.objects.on_air().values_list("pk", flat=True):
        airing.end_abandoned(broadcast_id=pk, now=now)
        airing.close_late_offers(broadcast_id=pk, now=now)
    late = Broadcast.objects.filter(status=Broadcast.Status.PLANNED, planned_for__lte=now - settings.LIVE_LATE_START)
    for pk in late.values_list("pk", flat=True):
        planning.call_off_forgotten(broadcast_id=pk, now=now)


@shared_task
def forget_recordings(**_: Any) -> None:
    """Each hour: delete video that was kept long enough, or is too much, and comments that were kept long enough.

    Deletes again what was left half deleted.
    """
    now = timezone.now()
    for pk in [*queries.kept_too_long(now), *queries.kept_too_much()]:
        recorders.forget_recording(broadcast_id=pk, now=now)
    engine().clear()
    while reporting.forget_comments(now=now):
        pass


@shared_task
def tell_waiting(**_: Any) -> None:
    """Tell those who asked that a broadcast has begun, or that it will not."""
    waiting = Reminder.objects.due().order_by("broadcast_id").values_list("broadcast_id", flat=True).distinct()
    for broadcast_id in list(waiting):
        while reminding.tell_some(broadcast_id=broadcast_id, now=timezone.now()):
            pass
