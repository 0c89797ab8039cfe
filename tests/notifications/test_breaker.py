"""A provider that is down is left alone for a while, is tried by one, and holds up nobody else."""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone

from notifications.channels import ADAPTERS, Message
from notifications.models import ChannelHealth, Delivery, SmsDay
from notifications.services import breaker, notify, send_code, sending
from notifications.tasks import deliver_due
from tests.make import make_user

pytestmark = pytest.mark.django_db


class Half:
    """E-mail works, text messages don't, while `down`."""

    down: ClassVar[bool]
    asked: ClassVar[Counter[str]]

    def send(self, message: Message) -> str:
        self.asked[message.channel] += 1
        if self.down and message.channel == "SMS":
            raise TimeoutError
        return "ok"


@pytest.fixture(autouse=True)
def half(monkeypatch: Any, settings: Any) -> type[Half]:
    Half.down, Half.asked = True, Counter()
    monkeypatch.setitem(ADAPTERS, "half", Half)
    settings.SMS_BACKEND = settings.EMAIL_CHANNEL = "half"
    return Half


def tell(number: int, **person: Any) -> None:
    kind = "order_paid" if "email" in person else "parcel_to_pack"
    notify(recipient=make_user(**person), kind=kind, about=f"x:{number}", now=timezone.now(), number="1")


def pause_is_over() -> None:
    ChannelHealth.objects.update(closed_until=timezone.now() - timedelta(seconds=1))
    Delivery.objects.filter(status="DUE").update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_dead_channel_costs_three_tries_and_loses_nobody_an_attempt() -> None:
    for number in range(10):
        tell(number)
        tell(number, email=f"b{number}@example.com", phone=None)

    deliver_due()

    assert Half.asked == {"SMS": 3, "EMAIL": 10}
    assert Delivery.objects.filter(channel="EMAIL", status="SENT").count() == 10
    assert Delivery.objects.filter(channel="SMS", attempts=0, status="DUE").count() == 7
    assert SmsDay.objects.get().attempts == 3, "what was not tried does not count against the day"


def test_when_the_pause_is_over_one_message_tries_and_the_next_pause_is_longer() -> None:
    for number in range(6):
        tell(number)
    deliver_due()
    pause_is_over()
    before = timezone.now()

    deliver_due()

    assert Half.asked == {"SMS": 4}
    closed_until = ChannelHealth.objects.get().closed_until
    assert closed_until is not None
    assert 2 * breaker.PAUSE <= closed_until - before < 2 * breaker.PAUSE + timedelta(seconds=10)


def test_once_it_works_again_everything_goes_out() -> None:
    for number in range(6):
        tell(number)
    deliver_due()
    Half.down = False
    pause_is_over()

    deliver_due()

    assert Delivery.objects.filter(status="SENT").count() == 6
    health = ChannelHealth.objects.get()
    assert (health.failures, health.closed_until) == (0, None)


def test_the_pause_has_an_end() -> None:
    for _ in range(40):
        breaker.note_failure(channel="SMS", now=timezone.now())

    closed_until = ChannelHealth.objects.get().closed_until
    assert closed_until is not None
    assert closed_until - timezone.now() <= breaker.LONGEST_PAUSE


def test_a_code_that_expired_during_the_pause_is_closed_and_forgotten() -> None:
    for _ in range(3):
        breaker.note_failure(channel="SMS", now=timezone.now())
    user = make_user()
    send_code(user=user, channel="SMS", address=user.phone or "", code="123456")
    assert deliver_due() == 0
    notification = Delivery.objects.get().notification
    notification.created_at -= timedelta(minutes=6)
    notification.save()

    deliver_due()

    notification.refresh_from_db()
    assert (Delivery.objects.get().status, notification.context) == ("FAILED", {})
    assert Half.asked == {}


def test_a_slow_channel_gets_one_sender_at_a_time() -> None:
    tell(1)
    tell(2)
    tell(3, email="b@example.com", phone=None)
    breaker.note_slow(channel="SMS", now=timezone.now())
    now = timezone.now()

    claims = [sending.claim_next(now=now) for _ in range(3)]

    assert [claim.delivery.channel if claim else None for claim in claims] == ["EMAIL", "SMS", None]
    assert claims[1] is not None
    sending.deliver(claims[1])
    last = sending.claim_next(now=now)
    assert last is not None
    assert last.delivery.channel == "SMS"
