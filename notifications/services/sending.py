"""Sending what is due. A delivery is claimed in one transaction, sent outside any, and marked in another.

A claim lapses, so what a killed process had in hand is sent again; only whoever holds the present claim may mark the
delivery. Between "the provider took it" and "we noted it" a crash means a second attempt: the outbox and a letter's
Message-ID absorb it, a text message may really arrive twice. Nobody can do better without the provider's help.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Case, Value, When
from django.utils import timezone

from common.transactions import use_case
from notifications.channels import Message, Unsendable, channel_for
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery, Notification
from notifications.texts import as_email, as_sms

BACK_OFF = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
]
MAX_ATTEMPTS = len(BACK_OFF) + 1
CLAIM = timedelta(seconds=150)  # longer than Celery lets a task live: whoever held a lapsed claim is dead
CODE_CLAIM = timedelta(seconds=30)
CODE_LIFE = timedelta(minutes=5)
CODES_SHARE = 5  # one in so many of the day's text messages is kept for sign-in codes

CODES_FIRST = Case(When(notification__kind=SIGN_IN_CODE, then=Value(0)), default=Value(1))
OPEN = [Delivery.Status.DUE, Delivery.Status.SENDING]


@dataclass(frozen=True)
class Claim:
    """One attempt at one delivery, and what it takes to send it."""

    delivery: Delivery
    notification: Notification
    language: str


@use_case
def claim_next(*, now: datetime) -> Claim | None:
    """Take the next delivery that is due, so that nobody else has it; None when there is none. A use-case.

    Sign-in codes go first. Text messages count against the day's cap here, in the same transaction.
    """
    delivery = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("notification__recipient")
        .filter(status__in=OPEN, due_at__lte=now)
        .order_by(CODES_FIRST, "due_at", "pk")
        .first()
    )
    if delivery is None:
        return None
    notification = delivery.notification
    is_code = notification.kind == SIGN_IN_CODE
    delivery.attempts += 1
    delivery.status = Delivery.Status.SENDING
    delivery.due_at = now + (CODE_CLAIM if is_code else CLAIM)
    delivery.save(update_fields=["attempts", "status", "due_at"])
    return Claim(delivery, notification, notification.recipient.language)


def deliver(claim: Claim) -> None:
    """Make one attempt at a claimed delivery and note how it went. Never raises for what a channel does.

    What is kept of a failure is its type, or an Unsendable's own words: a provider's message may repeat the address or
    the code.
    """
    delivery, notification = claim.delivery, claim.notification
    is_code = notification.kind == SIGN_IN_CODE
    now = timezone.now()
    try:
        if delivery.attempts > MAX_ATTEMPTS:
            raise Unsendable("tried often enough: every attempt ended before its answer came")
        if is_code and now >= notification.created_at + CODE_LIFE:
            raise Unsendable("the code is no longer valid")
        channel = channel_for(delivery.channel)
        if delivery.channel == Delivery.Channel.SMS and not within_cap(is_code=is_code, now=now):
            _postpone(claim, now)
            return
        provider_id = channel.send(_message(claim))
    except Unsendable as reason:
        _give_up(claim, str(reason))
    except Exception as error:  # a provider may do anything; the delivery must still be noted and tried again
        _try_later(claim, type(error).__name__)
    else:
        _mark_sent(claim, provider_id, timezone.now())


def _message(claim: Claim) -> Message:
    delivery, notification = claim.delivery, claim.notification
    if delivery.channel == Delivery.Channel.SMS:
        subject, body = "", as_sms(notification.kind, notification.context, claim.language)
    else:
        subject, body = as_email(notification.kind, notification.context, notification.link, claim.language)
    return Message(
        delivery_id=delivery.pk,
        key=f"chushan-delivery-{delivery.pk}",
        channel=delivery.channel,
        address=delivery.address,
        subject=subject,
        body=body,
    )


@use_case
def within_cap(*, is_code: bool, now: datetime) -> bool:
    """Count one text message against the day's cap; False (and nothing counted) when the day is used up. A use-case.

    Attempts are counted, since a provider bills what it did not answer too. The last fifth of the cap is kept for
    sign-in codes; without the count no message goes out.
    """
    cap = settings.SMS_DAILY_CAP if is_code else settings.SMS_DAILY_CAP - settings.SMS_DAILY_CAP // CODES_SHARE
    if cap <= 0:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO notifications_smsday AS today (day, attempts) VALUES (%s, 1)
               ON CONFLICT (day) DO UPDATE SET attempts = today.attempts + 1 WHERE today.attempts < %s
               RETURNING attempts""",
            [timezone.localdate(now), cap],
        )
        return cursor.fetchone() is not None


@use_case
def _mark_sent(claim: Claim, provider_id: str, now: datetime) -> None:
    if _close(claim, status=Delivery.Status.SENT, sent_at=now, provider_id=provider_id[:80], last_error=""):
        _forget_code(claim.notification)


@use_case
def _give_up(claim: Claim, reason: str) -> None:
    if _close(claim, status=Delivery.Status.FAILED, last_error=reason[:200]):
        _forget_code(claim.notification)


@use_case
def _try_later(claim: Claim, reason: str) -> None:
    """Wait longer each time; after the last attempt, or when a code would be no use any more, give up."""
    attempts = claim.delivery.attempts
    wait = BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
    now = timezone.now()
    is_code = claim.notification.kind == SIGN_IN_CODE
    if wait is None or (is_code and now + wait >= claim.notification.created_at + CODE_LIFE):
        if _close(claim, status=Delivery.Status.FAILED, last_error=reason[:200]):
            _forget_code(claim.notification)
    else:
        _close(claim, status=Delivery.Status.DUE, due_at=now + wait, last_error=reason[:200])


def _postpone(claim: Claim, now: datetime) -> None:
    """The day's text messages are used up: a code is given up, anything else waits for tomorrow morning."""
    reason = "the daily cap of text messages is reached"
    if claim.notification.kind == SIGN_IN_CODE:
        _give_up(claim, reason)
        return
    tomorrow = timezone.localtime(now).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
    _wait_until(claim, tomorrow, reason)


@use_case
def _wait_until(claim: Claim, due_at: datetime, reason: str) -> None:
    """Put it back without counting the attempt: nothing was tried."""
    attempts = claim.delivery.attempts - 1
    _close(claim, status=Delivery.Status.DUE, due_at=due_at, attempts=attempts, last_error=reason)


def _close(claim: Claim, **fields: object) -> bool:
    """End the claim, if it is still ours: a later attempt has a higher number."""
    ours = Delivery.objects.filter(
        pk=claim.delivery.pk, status=Delivery.Status.SENDING, attempts=claim.delivery.attempts
    )
    return bool(ours.update(**fields))


def _forget_code(notification: Notification) -> None:
    if notification.kind == SIGN_IN_CODE:
        Notification.objects.filter(pk=notification.pk).update(context={})
