"""Quiet hours: when a person's phone stays silent, in their own time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from notifications.models import Choices


def quiet_hours(choices: Choices | None) -> tuple[time, time] | None:
    """From when until when this person is left in peace: their own hours, else the shop's; None for never."""
    if choices and choices.never_quiet:
        return None
    if choices and choices.quiet_from is not None and choices.quiet_until is not None:
        return choices.quiet_from, choices.quiet_until
    if not settings.QUIET_HOURS:
        return None
    start, _, end = settings.QUIET_HOURS.partition("-")
    return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())


def quiet_until(choices: Choices | None, now: datetime) -> datetime | None:
    """When the present quiet hours end, or None when `now` is outside them. The hours may span midnight."""
    hours = quiet_hours(choices)
    if hours is None:
        return None
    start, end = hours
    zone = ZoneInfo((choices.time_zone if choices else "") or settings.TIME_ZONE)
    local = now.astimezone(zone)
    at = local.time()
    within = start <= at < end if start < end else at >= start or at < end
    if not within:
        return None
    day = local.date() + timedelta(days=1 if at >= end else 0)
    return datetime.combine(day, end, tzinfo=zone)
