"""Must show: SIGKILL between the provider's answer and our commit, in both directions, and nothing is paid twice or forgotten.

A process of its own does the work on this test's database and asks the stand-in over HTTP. This test holds the order's
row, so that the process has the provider's answer in hand, has written all that comes before, and waits for that lock when
it is killed: exactly between the two, every time. Then the next one to come round has to find out what happened.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.utils import timezone

from notifications.models import Notification
from orders.models import Order
from payments import tasks
from payments.invariants import CHECKS
from payments.models import Entry, GatewayMessage, Payment, Refund
from payments.services import cancel_and_refund
from tests.acceptance.lying import balanced
from tests.acceptance.running_shop import environment
from tests.breaking import breaks
from tests.payments.providers.base import Letter, Provider
from tests.payments.providers.scene import begin, post, stand
from tests.payments.scene import make_order

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

PATIENCE = 90.0  # seconds; a start takes two on a quiet machine
WAITS_FOR_US = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid
"""
ASKS = "from payments import tasks; tasks.query_open_payments()"
REFUNDS = "from payments import tasks; tasks.send_refunds()"
KNOCKS = """
import json, sys
from django.test import Client
said = json.load(sys.stdin)
Client().post(said["url"], said["body"], content_type=said["type"], headers=said["headers"])
"""
PRESSES = """
from django.utils import timezone
from orders.models import Order
from payments.services import start_payment
order = Order.objects.get()
start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now())
"""


@pytest.fixture
def order(transactional_db) -> Order:
    return make_order()


def child(provider: Provider, code: str) -> subprocess.Popen[bytes]:
    """A process that does one thing in this test's shop."""
    env = environment(8000, "memory://", {"PAYMENT_GATEWAY": provider.name, **provider.settings()})
    program = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
    return subprocess.Popen(program, cwd=configured.BASE_DIR, env=env, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert process.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < end, "it never got there"
        time.sleep(0.02)


def kill_before_it_commits(provider: Provider, order: Order, code: str, said: bytes = b"") -> None:
    """Run `code`, and kill it as soon as it waits for the order that we hold."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITS_FOR_US)
            return bool(cursor.fetchone()[0])

    with transaction.atomic():
        Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        process = child(provider, code)
        assert process.stdin
        process.stdin.write(said)
        process.stdin.close()
        wait_for(waits, process)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=20) == -signal.SIGKILL


def is_paid_once(payment: Payment) -> bool:
    told = Notification.objects.filter(kind="order_paid").count()
    return (
        stand(payment) == ("SUCCEEDED", "PAID")
        and Entry.objects.filter(kind="PAID").count() == told == 1
        and balanced()
        and breaks(CHECKS) == {}
    )


def test_killed_with_the_answer_that_it_was_paid(provider: Provider, payment: Payment, order: Order):
    provider.pay(payment.reference)
    Payment.objects.update(query_at=timezone.now())

    kill_before_it_commits(provider, order, ASKS)
    assert stand(payment) == ("STARTED", "UNPAID")
    assert not GatewayMessage.objects.exists()

    Payment.objects.update(query_at=timezone.now())  # its next turn, which was set before the first question
    assert tasks.query_open_payments() == 1
    assert is_paid_once(payment)
    assert tasks.query_open_payments() == 0


@pytest.mark.parametrize("provider", ["wechat"], indirect=True)
def test_killed_with_the_notification_that_it_was_paid(provider: Provider, payment: Payment, order: Order, client):
    """No `success` was answered: they post it again; and if they never do, asking finds it."""
    provider.pay(payment.reference)
    letter: Letter = provider.letter(payment.reference)
    said = {"url": "/payments/notify/wechat/", "body": letter.body.decode(), "type": letter.content_type}

    kill_before_it_commits(provider, order, KNOCKS, json.dumps({**said, "headers": letter.headers}).encode())
    assert stand(payment) == ("STARTED", "UNPAID")

    assert post(client, provider, letter) == 200
    assert is_paid_once(payment)


def test_killed_with_the_answer_that_it_was_given_back(provider: Provider, payment: Payment, order: Order, client):
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference))
    cancel_and_refund(parcel_id=order.parcels.get().pk, actor=order.buyer, reason="", now=timezone.now())

    kill_before_it_commits(provider, order, REFUNDS)
    refund = Refund.objects.get()
    assert (refund.status, Entry.objects.filter(kind="REFUNDED").count()) == ("SENT", 0)
    assert provider.deals[payment.reference].given == {refund.reference: (order.total_fen, "DONE")}

    Refund.objects.update(next_attempt_at=timezone.now())
    assert tasks.send_refunds() == 1
    refund.refresh_from_db()
    assert (refund.status, Entry.objects.filter(kind="REFUNDED").count()) == ("DONE", 1)
    assert (provider.calls["refund"], provider.calls["query_refund"]) == (1, 1)
    assert sum(fen for fen, _state in provider.deals[payment.reference].given.values()) == order.total_fen
    assert Notification.objects.filter(kind="refund_done").count() == 1
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize("provider", ["wechat"], indirect=True)
def test_killed_as_soon_as_the_trade_is_open(provider: Provider, order: Order):
    """The payment was committed before they heard of it: pressing the button again finds both."""
    processes: list[subprocess.Popen[bytes]] = []
    provider.before_answer = lambda operation: os.kill(processes[0].pid, signal.SIGKILL) if processes else None
    processes.append(child(provider, PRESSES))
    assert processes[0].wait(timeout=PATIENCE) == -signal.SIGKILL
    processes.clear()

    payment = begin(provider, order)

    assert list(provider.deals) == [payment.reference]
    assert payment.query_at is not None
    assert payment.query_at <= payment.started_at + timedelta(minutes=1)
