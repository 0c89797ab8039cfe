"""Choosing what to send next, and with what it goes together. Everything is looked at anew, at the moment of sending:
what the person switched off meanwhile, quiet hours, news that has been replaced, and what else of the kind waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, Q, QuerySet, Value, When

from common.transactions import needs_transaction, use_case
from notifications.groups import group_of, is_urgent, replaced_by
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Choices, Delivery, Notification
from notifications.services import breaker
from notifications.services.quiet import quiet_until
from notifications.ways import must_be_told

CLAIM = timedelta(seconds=150)  # longer than Celery lets a task live: whoever held a lapsed claim is dead
CODE_CLAIM = timedelta(seconds=30)
CODE_LIFE = timedelta(minutes=5)
TOGETHER_MAX = 50  # notifications in one message; the rest makes another

CODES_FIRST = Case(When(notification__kind=SIGN_IN_CODE, then=Value(0)), default=Value(1))
OPEN = [Delivery.Status.DUE, Delivery.Status.SENDING]


@dataclass(frozen=True)
class Claim:
    """One attempt at one delivery, and what it takes to send it. `others` are told in the same message."""

    delivery: Delivery
    notification: Notification
    language: str
    others: list[Notification] = field(default_factory=list)
    is_failing: bool = False
    is_carrying: bool = False

    @property
    def is_code(self) -> bool:
        return self.notification.kind == SIGN_IN_CODE


def claim_next(*, now: datetime) -> Claim | None:
    """Take the next delivery that is due, so that nobody else has it; None when there is none.

    Sign-in codes go first. What must wait or is no longer wanted is put aside on the way, each in a transaction.
    """
    while True:
        found = _claim_one(now=now)
        if not isinstance(found, _PutAside):
            return found


class _PutAside:
    """What was found must wait, or is no longer wanted: look for the next."""


@use_case
def _claim_one(*, now: datetime) -> Claim | _PutAside | None:
    health = breaker.look(now)
    delivery = _next_due(health, now)
    if delivery is None:
        return None
    notification = delivery.notification
    choices: Choices | None = getattr(notification.recipient, "choices", None)
    others = list(_carried(delivery)) if delivery.attempts else []
    told = _still_news([notification, *(other.notification for other in others)])
    if not told or _is_off(delivery, choices):
        _drop(delivery)
        return _PutAside()
    if wait := _must_wait(delivery, choices, now):
        Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.DUE, due_at=wait)
        return _PutAside()
    if delivery.channel in health.to_probe and not breaker.take_probe(delivery.channel, now):
        return _PutAside()
    is_code = notification.kind == SIGN_IN_CODE
    if not delivery.attempts and not is_code:
        others = _take_along(delivery)
        told = [notification, *(other.notification for other in others)]
    delivery.attempts += 1
    delivery.status = Delivery.Status.SENDING
    delivery.due_at = now + (CODE_CLAIM if is_code else CLAIM)
    delivery.save(update_fields=["attempts", "status", "due_at"])
    return Claim(
        delivery,
        told[0],
        notification.recipient.language,
        told[1:],
        is_failing=delivery.channel in health.failing,
        is_carrying=bool(others),
    )


def _next_due(health: breaker.Health, now: datetime) -> Delivery | None:
    """The next one over a channel that is not paused. A code that has become useless is let through, to be closed."""
    busy = _in_flight(health.slow, now)
    stale_code = Q(notification__kind=SIGN_IN_CODE, notification__created_at__lte=now - CODE_LIFE)
    due: QuerySet[Delivery] = Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    due = due.select_related("notification__recipient__choices").filter(
        status__in=OPEN, due_at__lte=now, carried_by=None
    )
    if out := health.closed | busy:
        due = due.filter(~Q(channel__in=out) | stale_code)
    order: list[Case | str] = [CODES_FIRST, "due_at", "pk"]
    if health.slow:
        order.insert(1, Case(When(channel__in=health.slow, then=Value(1)), default=Value(0)))
    return due.order_by(*order).first()


def _in_flight(channels: frozenset[str], now: datetime) -> frozenset[str]:
    """Those of the channels that a sender is busy with."""
    if not channels:
        return frozenset()
    busy = Delivery.objects.filter(
        status=Delivery.Status.SENDING, due_at__gt=now, carried_by=None, channel__in=channels
    )
    return frozenset(busy.values_list("channel", flat=True))


def _is_off(delivery: Delivery, choices: Choices | None) -> bool:
    """Whether the person has switched this off since; what must be told goes out all the same."""
    notification = delivery.notification
    group = group_of(notification.kind, notification.audience)
    if choices is None or delivery.attempts or f"{group}/{delivery.channel}" not in choices.off:
        return False
    return delivery.channel == Delivery.Channel.PUSH or not must_be_told(group)


def _still_news(told: list[Notification]) -> list[Notification]:
    """Those that nothing newer about the same thing has replaced."""
    newer = replaced_by(told[0].kind)
    if not newer:
        return told
    replaced = set(
        Notification.objects.filter(
            recipient_id=told[0].recipient_id, kind__in=newer, about__in=[one.about for one in told]
        ).values_list("about", flat=True)
    )
    return [one for one in told if one.about not in replaced]


@needs_transaction
def _drop(delivery: Delivery) -> None:
    family = Q(pk=delivery.pk) | Q(carried_by=delivery.pk)
    Delivery.objects.filter(family).update(status=Delivery.Status.DROPPED)


def _must_wait(delivery: Delivery, choices: Choices | None, now: datetime) -> datetime | None:
    """Until when it has to wait: for the end of quiet hours, or to be told with others of its kind."""
    notification = delivery.notification
    if is_urgent(notification.kind, notification.audience):
        return None
    if quiet := quiet_until(choices, now):
        return quiet
    if delivery.attempts or not settings.TELL_TOGETHER:
        return None
    lately = now - settings.TELL_TOGETHER
    last = (
        Delivery.objects.filter(
            notification__recipient_id=notification.recipient_id,
            notification__created_at__gt=lately - timedelta(days=1),
            notification__kind=notification.kind,
            channel=delivery.channel,
            sent_at__gt=lately,
            sent_at__lte=now,
        )
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    return last + settings.TELL_TOGETHER if last else None


def _carried(delivery: Delivery) -> QuerySet[Delivery]:
    """What an earlier attempt took along. A further one tells exactly of these: the earlier one may have arrived."""
    return delivery.carries.select_related("notification").exclude(status=Delivery.Status.DROPPED).order_by("pk")


@needs_transaction
def _take_along(delivery: Delivery) -> list[Delivery]:
    """Everything of this kind that waits for the same person over the same channel and was never tried."""
    notification = delivery.notification
    if is_urgent(notification.kind, notification.audience) or not settings.TELL_TOGETHER:
        return []
    waiting = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("notification")
        .filter(
            notification__recipient_id=notification.recipient_id,
            notification__kind=notification.kind,
            channel=delivery.channel,
            address=delivery.address,
            status=Delivery.Status.DUE,
            attempts=0,
            carried_by=None,
        )
        .exclude(pk=delivery.pk)
        .order_by("due_at", "pk")[:TOGETHER_MAX]
    )
    found = [one for one in waiting if one.notification.audience == notification.audience]
    if not found:
        return []
    news = {one.pk for one in _still_news([notification, *(one.notification for one in found)])}
    for stale in [one for one in found if one.notification_id not in news]:
        _drop(stale)
    found = [one for one in found if one.notification_id in news]
    Delivery.objects.filter(pk__in=[one.pk for one in found]).update(
        status=Delivery.Status.SENDING, carried_by=delivery
    )
    return found
