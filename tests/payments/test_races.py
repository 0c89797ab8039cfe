"""Money in a hurry: the same message many times at once, a payment against the clock, refunds against each other."""

import time
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from common.transactions import use_case
from marketplace.models import Lot
from marketplace.services.stock import OutOfStock, hold_stock
from notifications.models import Notification
from orders.models import Order, ParcelEvent
from orders.services.paying import mark_paid, release_order
from payments.gateways.base import FailedEvent, PaidEvent
from payments.models import GatewayMessage, Payment, Refund, SandboxTrade
from payments.services import cancel_and_refund, refunding, settle, settling, start_payment
from payments.services.settling import record_failure
from tests.concurrency.racing import at_once, names
from tests.make import make_listing
from tests.payments.scene import (
    first_parcel,
    make_order,
    make_order_of_two,
    make_paid_order,
    make_payment,
    paid_event,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

THREADS = 8
owe = use_case(refunding.owe_refund)
hold = use_case(hold_stock)


def effects(order: Order) -> tuple[int, int, int]:
    """How often the parcel was paid, the buyer told and money given back."""
    return (
        ParcelEvent.objects.filter(parcel__order=order, event="PAY").count(),
        Notification.objects.filter(kind="order_paid", recipient=order.buyer).count(),
        Refund.objects.count(),
    )


@pytest.mark.parametrize("same_event", [True, False])
def test_one_payment_said_many_times_at_once_is_applied_once(same_event):
    order = make_order()
    payment = make_payment(order)
    events = [paid_event(payment, **({} if same_event else {"event_id": f"event-{copy}"})) for copy in range(THREADS)]

    results = at_once(*[partial(settle, event, timezone.now()) for event in events])

    lot = Lot.objects.get()
    assert names(results) == ["GatewayMessage"] * THREADS
    assert effects(order) == (1, 1, 0)
    assert GatewayMessage.objects.filter(outcome="APPLIED").count() == 1
    assert (lot.sold, lot.held) == (1, 0)


def test_control_without_the_locks_the_copies_break_on_each_other(monkeypatch):
    payment = make_payment(make_order())

    def forgetful(event: PaidEvent, now: datetime) -> tuple[GatewayMessage, bool]:
        said = {"gateway": "sandbox", "event_id": uuid.uuid4().hex, "payload": {}, "received_at": now}
        return GatewayMessage.objects.create(**said, outcome="NO_CHANGE"), True

    def slowly(**what: Any) -> bool:
        time.sleep(0.2)  # time for the others to read the same
        return mark_paid(**what)

    monkeypatch.setattr(settling, "_remember", forgetful)
    monkeypatch.setattr(settling, "mark_paid", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)

    results = at_once(*[partial(settle, paid_event(payment), timezone.now()) for _ in range(THREADS)])

    assert names(results).count("GatewayMessage") < THREADS


def test_two_trades_of_one_payment_at_once_pay_once_and_give_the_other_back():
    order = make_order()
    payment = make_payment(order)
    events = [paid_event(payment, trade_number=f"SBX-{n}", event_id=f"e{n}") for n in (1, 2)]

    at_once(*[partial(settle, event, timezone.now()) for event in events])

    assert effects(order) == (1, 1, 1)
    assert Refund.objects.get().amount_fen == order.total_fen
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["SUCCEEDED", "TO_REFUND"]


def test_a_payment_against_the_clock_ends_paid_or_refunded_and_nothing_between():
    """The order's time is over; its payment, its release and a rival for the last pack come at the same moment."""
    for _round in range(12):
        listing = make_listing(packs=1)
        order = make_order({listing: 1})
        payment = make_payment(order)
        Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))
        rival = partial(
            hold, order_number=f"RIVAL{order.pk}", wanted={listing.pk: 1}, now=timezone.now(), expires_at=order.pay_by
        )

        results = at_once(
            partial(release_order, order_id=order.pk, now=timezone.now()),
            partial(settle, paid_event(payment), timezone.now()),
            rival,
        )

        order.refresh_from_db()
        payment.refresh_from_db()
        lot = listing.lots.get()
        assert not [r for r in results if isinstance(r, Exception) and not isinstance(r, OutOfStock)], results
        assert lot.sold + lot.held <= 1
        assert (order.status, payment.status) in {("PAID", "SUCCEEDED"), ("RELEASED", "TO_REFUND")}
        if order.status == "PAID":
            assert (lot.sold, payment.refunds.count()) == (1, 0)
        else:
            assert payment.refunds.get().amount_fen == order.total_fen


def test_pressing_pay_many_times_at_once_makes_one_payment_and_one_trade():
    order = make_order()

    results = at_once(
        *[partial(start_payment, order_id=order.pk, buyer=order.buyer, now=timezone.now()) for _ in range(THREADS)]
    )

    assert len(set(results)) == 1
    assert Payment.objects.count() == SandboxTrade.objects.count() == 1


def test_success_failure_and_a_new_click_at_once_do_not_deadlock():
    for _round in range(5):
        order = make_order()
        payment = make_payment(order)
        failed = FailedEvent(gateway="sandbox", event_id=f"f{order.pk}", reference=payment.reference)

        results = at_once(
            partial(settle, paid_event(payment), timezone.now()),
            partial(record_failure, failed, timezone.now()),
            partial(start_payment, order_id=order.pk, buyer=order.buyer, now=timezone.now()),
        )

        order.refresh_from_db()
        payment.refresh_from_db()
        assert (order.status, payment.status) == ("PAID", "SUCCEEDED")
        assert set(names(results)) <= {"GatewayMessage", "str", "AlreadyPaid"}


def owe_at_once(payment: Payment, fen: int) -> list[str]:
    parcel = first_parcel(payment.order)
    call = partial(owe, payment=payment, amount_fen=fen, reason=Refund.Reason.CLAIM, now=timezone.now(), parcel=parcel)
    return names(at_once(*[call for _ in range(THREADS)]))


def given(payment: Payment) -> int:
    return payment.refunds.aggregate(fen=Sum("amount_fen"))["fen"]


def test_refunds_at_once_never_exceed_what_was_paid():
    payment = make_paid_order().payments.get()
    share = payment.amount_fen // 3

    results = owe_at_once(payment, share)

    assert (results.count("Refund"), results.count("RefundExceedsPaid")) == (3, THREADS - 3)
    assert given(payment) <= payment.amount_fen


def test_control_without_the_trigger_they_do():
    payment = make_paid_order().payments.get()
    share = payment.amount_fen // 3
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_refund DISABLE TRIGGER USER")
    try:
        owe_at_once(payment, share)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE payments_refund ENABLE TRIGGER USER")

    assert given(payment) > payment.amount_fen


def test_buyer_and_farmer_cancel_at_once_and_the_money_goes_back_once():
    parcel = first_parcel(make_paid_order())
    people = [parcel.order.buyer, parcel.farmer.user] * 3

    results = names(
        at_once(
            *[
                partial(cancel_and_refund, parcel_id=parcel.pk, actor=person, reason="冰雹", now=timezone.now())
                for person in people
            ]
        )
    )

    assert (results.count("Refund"), results.count("WrongMove")) == (1, len(people) - 1)
    assert Refund.objects.get().amount_fen == parcel.total_fen
    assert Lot.objects.get().sold == 0


def test_both_parcels_of_an_order_cancelled_at_once_come_back_whole():
    order = make_paid_order(make_order_of_two())

    results = at_once(
        *[
            partial(cancel_and_refund, parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())
            for parcel in order.parcels.all()
        ]
    )

    order.refresh_from_db()
    assert names(results) == ["Refund", "Refund"]
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == order.total_fen
    assert order.status == "CANCELLED"


def test_workers_side_by_side_send_each_refund_once():
    order = make_paid_order(make_order_of_two())
    for parcel in order.parcels.all():
        cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())

    claimed = at_once(*[partial(refunding.claim_refunds, timezone.now()) for _ in range(4)])

    assert sorted(pk for pks in claimed for pk in pks) == sorted(Refund.objects.values_list("pk", flat=True))
