"""Sending what is due. A delivery is claimed in one transaction, sent outside any, and marked in another.

A claim lapses, so what a killed process had in hand is sent again; only whoever holds the present claim may mark the
delivery. Between "the provider took it" and "we noted it" a crash means a second attempt: the outbox, a letter's
Message-ID and a notice's tag absorb it, a text message may really arrive twice. Nobody can do better without the
provider's help.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from common.transactions import needs_transaction, use_case
from notifications import together
from notifications.channels import Message, NotNow, ProviderTrouble, Unsendable, channel_for
from notifications.groups import named
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery, Notification
from notifications.services import breaker
from notifications.services.claiming import CLAIM, CODE_LIFE, OPEN, Claim, claim_next
from notifications.services.falling_back import fall_back

__all__ = ["BACK_OFF", "CLAIM", "MAX_ATTEMPTS", "OPEN", "Claim", "claim_next", "deliver", "within_cap"]

BACK_OFF = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
]
MAX_ATTEMPTS = len(BACK_OFF) + 1
CODES_SHARE = 5  # one in so many of the day's text messages is kept for sign-in codes


def deliver(claim: Claim) -> None:
    """Make one attempt at a claimed delivery and note how it went. Never raises for what a channel does.

    What is kept of a failure is its type, or our own words for it: a provider's message may repeat the address or the
    code.
    """
    delivery, notification = claim.delivery, claim.notification
    now = timezone.now()
    try:
        if delivery.attempts > MAX_ATTEMPTS:
            raise Unsendable("tried often enough: every attempt ended before its answer came")
        if claim.is_code and now >= notification.created_at + CODE_LIFE:
            raise Unsendable("the code is no longer valid")
        channel = channel_for(delivery.channel)
        message = _message(claim)
        if delivery.channel == Delivery.Channel.SMS and not within_cap(is_code=claim.is_code, now=now):
            _postpone(claim, now)
            return
        started = time.monotonic()
        provider_id = channel.send(message)
    except Unsendable as reason:
        _give_up(claim, str(reason))
    except NotNow as reason:
        _try_later(claim, str(reason), wait=reason.wait)
    except Exception as error:  # a provider may do anything; the delivery must still be noted and tried again
        breaker.note_failure(channel=delivery.channel, now=timezone.now())
        _try_later(claim, str(error) if isinstance(error, ProviderTrouble) else type(error).__name__)
    else:
        _mark_sent(claim, provider_id, timezone.now())
        if claim.is_failing:
            breaker.note_success(channel=delivery.channel)
        if time.monotonic() - started > breaker.SLOW.total_seconds():
            breaker.note_slow(channel=delivery.channel, now=timezone.now())


def _message(claim: Claim) -> Message:
    delivery, notification = claim.delivery, claim.notification
    told, language = [notification, *claim.others], claim.language
    link = notification.link
    match delivery.channel:
        case Delivery.Channel.SMS:
            subject, body = together.title(told, language), together.text_message(told, language)
        case Delivery.Channel.PUSH:
            subject, body = together.notice(told, language), ""
            link = "/notifications/" if claim.others else f"/notifications/{notification.pk}/"
        case _:
            subject, body = together.letter(told, language)
    return Message(
        delivery_id=delivery.pk,
        key=key_of(delivery.pk),
        channel=delivery.channel,
        address=delivery.address,
        subject=subject,
        body=body,
        kind=named(notification.kind, notification.audience),
        values=together.values(told, language),
        count=len(told),
        recipient_id=notification.recipient_id,
        link=link,
    )


def key_of(delivery_id: int) -> str:
    """A delivery's name at providers: the same at every attempt."""
    return f"chushan-delivery-{delivery_id}"


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
    """Park it with the reason, and tell the same over the person's next channel if there is one."""
    _fail(claim, reason)


@needs_transaction
def _fail(claim: Claim, reason: str) -> None:
    if _close(claim, status=Delivery.Status.FAILED, last_error=reason[:200]):
        _forget_code(claim.notification)
        carried = Delivery.objects.filter(carried_by=claim.delivery, status=Delivery.Status.FAILED)
        fall_back([claim.delivery.pk, *carried.values_list("pk", flat=True)], now=timezone.now())


@use_case
def _try_later(claim: Claim, reason: str, wait: timedelta | None = None) -> None:
    """Wait longer each time, or as long as the provider says; after the last attempt, or when a code would be no use
    any more, give up.
    """
    attempts = claim.delivery.attempts
    if attempts > len(BACK_OFF):
        wait = None
    elif wait is None:
        wait = BACK_OFF[attempts - 1]
    now = timezone.now()
    if wait is None or (claim.is_code and now + wait >= claim.notification.created_at + CODE_LIFE):
        _fail(claim, reason)
    else:
        _close(claim, status=Delivery.Status.DUE, due_at=now + wait, last_error=reason[:200])


def _postpone(claim: Claim, now: datetime) -> None:
    """The day's text messages are used up: a code is given up, anything else waits for tomorrow morning."""
    reason = "the daily cap of text messages is reached"
    if claim.is_code:
        _give_up(claim, reason)
        return
    tomorrow = timezone.localtime(now).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
    _wait_until(claim, tomorrow, reason)


@use_case
def _wait_until(claim: Claim, due_at: datetime, reason: str) -> None:
    """Put it back without counting the attempt: nothing was tried."""
    attempts = claim.delivery.attempts - 1
    if _close(claim, status=Delivery.Status.DUE, due_at=due_at, attempts=attempts, last_error=reason) and not attempts:
        Delivery.objects.filter(carried_by=claim.delivery).update(carried_by=None, due_at=due_at)


def _close(claim: Claim, **fields: object) -> bool:
    """End the claim, if it is still ours: a later attempt has a higher number. What it carried goes with it."""
    ours = Delivery.objects.filter(
        pk=claim.delivery.pk, status=Delivery.Status.SENDING, attempts=claim.delivery.attempts
    )
    if not ours.update(**fields):
        return False
    if claim.is_carrying:
        shared = {name: value for name, value in fields.items() if name in {"status", "sent_at", "last_error"}}
        Delivery.objects.filter(carried_by=claim.delivery).exclude(status=Delivery.Status.DROPPED).update(**shared)
    return True


def _forget_code(notification: Notification) -> None:
    if notification.kind == SIGN_IN_CODE:
        Notification.objects.filter(pk=notification.pk).update(context={})
