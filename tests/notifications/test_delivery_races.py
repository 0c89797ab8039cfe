"""Real threads and real commits: two deliverers at once send each message once."""

import threading
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from notifications.channels import ADAPTERS, Message
from notifications.models import Delivery, Notification
from notifications.services import notify, sending
from notifications.tasks import deliver_due
from tests.make import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

DELIVERIES = 24
WORKERS = 4


class Counting:
    """Counts what it is given; slow enough for two deliverers to meet."""

    sent: Counter[int] = Counter()
    lock = threading.Lock()

    def send(self, message: Message) -> str:
        with self.lock:
            self.sent[message.delivery_id] += 1
        threading.Event().wait(0.002)
        return "ok"


@pytest.fixture(autouse=True)
def counting(monkeypatch: Any, settings: Any) -> type[Counting]:
    Counting.sent = Counter()
    monkeypatch.setitem(ADAPTERS, "counting", Counting)
    settings.SMS_BACKEND = settings.EMAIL_CHANNEL = "counting"
    return Counting


def tell_many() -> None:
    with transaction.atomic():
        for number in range(DELIVERIES):
            notify(recipient=make_user(), kind="parcel_to_pack", about=f"parcel:{number}", now=timezone.now())


def at_once(work: Any) -> list[BaseException]:
    """Run `work` in as many threads as there are workers, starting together. Returns what they raised."""
    barrier = threading.Barrier(WORKERS)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait()
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def test_deliverers_at_once_send_each_message_once(counting: type[Counting]) -> None:
    tell_many()

    assert at_once(deliver_due) == []

    assert Delivery.objects.filter(status="SENT", attempts=1).count() == DELIVERIES
    assert set(counting.sent.values()) == {1}
    assert len(counting.sent) == DELIVERIES


def test_control_without_the_claim_messages_go_out_twice(counting: type[Counting], monkeypatch: Any) -> None:
    """The same race with a claim that only looks: if this one passed too, the test above would prove nothing."""

    def look(*, now: datetime) -> sending.Claim | None:
        delivery = (
            Delivery.objects.select_related("notification__recipient")
            .filter(status__in=sending.OPEN, due_at__lte=now)
            .order_by("due_at", "pk")
            .first()
        )
        if delivery is None:
            return None
        Delivery.objects.filter(pk=delivery.pk).update(status="SENDING", attempts=1)
        delivery.attempts = 1
        return sending.Claim(delivery, delivery.notification, "en")

    monkeypatch.setattr(sending, "claim_next", look)
    tell_many()

    assert at_once(deliver_due) == []

    assert max(counting.sent.values()) > 1


def test_telling_the_same_at_once_makes_one_row() -> None:
    farmer = make_user()

    @transaction.atomic
    def tell() -> None:
        notify(recipient=farmer, kind="parcel_to_pack", about="parcel:1", now=timezone.now())

    assert at_once(tell) == []

    assert Notification.objects.count() == Delivery.objects.count() == 1


def test_the_days_cap_holds_when_many_ask_at_once(settings: Any) -> None:
    settings.SMS_DAILY_CAP = 10
    allowed: list[bool] = []

    def ask() -> None:
        for _ in range(5):
            allowed.append(sending.within_cap(is_code=True, now=timezone.now()))

    assert at_once(ask) == []

    assert allowed.count(True) == 10
    assert len(allowed) == 5 * WORKERS


def test_a_slow_channel_is_called_outside_any_transaction(monkeypatch: Any, counting: type[Counting]) -> None:
    inside: list[bool] = []

    def note(self: Counting, message: Message) -> str:
        inside.append(connection.in_atomic_block)
        return "ok"

    monkeypatch.setattr(Counting, "send", note)
    with transaction.atomic():
        notify(recipient=make_user(), kind="parcel_to_pack", about="parcel:1", now=timezone.now())

    deliver_due()

    assert inside == [False]
