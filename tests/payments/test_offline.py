"""Paying a farmer by their own code: who may, whose word counts, what the ledger says, and what goes back by hand."""

import threading
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import Farmer
from common.errors import NotAllowed, WrongState
from marketplace.models import Hold, Lot
from notifications.models import Notification
from orders.invariants import CHECKS as ORDERS
from orders.models import OrderLine, ParcelEvent
from orders.services.paying import mark_paid, release_order
from payments import earnings, offline_queries, payout_queries, statements
from payments.errors import AlreadyPaid, PaymentNotSetUp, TimeToPayIsOver
from payments.gateways.base import PaidEvent
from payments.invariants import CHECKS as PAYMENTS
from payments.models import GatewayMessage, Leg, Payment, Refund
from payments.services import cancel_and_refund, offline, querying, refunding, settling, start_payment
from payments.services.starting import ways_to_pay
from tests.breaking import breaks
from tests.concurrency.racing import at_once, names
from tests.make import make_farmer, make_finance, make_listing, make_moderator, make_user
from tests.orders.making import post
from tests.payments import claim_scene, payout_scene
from tests.payments.offline_scene import came, farmer_of, make_code, make_direct_order, said
from tests.payments.scene import first_parcel, make_order, make_order_of_two, make_payment, paid_event

pytestmark = pytest.mark.django_db
NOW = timezone.now


#: All but what a moderator decided about the listings: the tests' listings came to be without one.
CHECKS = [check for check in (*ORDERS, *PAYMENTS) if check.name != "sold_was_approved"]


def balances() -> dict[str, int]:
    sums = Leg.objects.values_list("account__kind").annotate(fen=Sum("fen")).order_by()
    return {kind: fen for kind, fen in sums if fen}


def test_it_is_offered_for_one_farmer_who_has_a_code_in_force(settings):
    farmer, bare = make_farmer(), make_farmer()
    make_code(farmer)
    one = make_order({make_listing(farmer): 1})

    assert ways_to_pay(one, NOW()).names == ["sandbox", "offline"]
    assert ways_to_pay(make_order({make_listing(bare): 1}), NOW()).names == ["sandbox"]
    assert ways_to_pay(make_order({make_listing(farmer): 1, make_listing(bare): 1}), NOW()).names == ["sandbox"]
    settings.PAYMENT_GATEWAY = "sandbox"
    assert ways_to_pay(one, NOW()).names == ["sandbox"]


@pytest.mark.parametrize("why", ["two farmers", "too early", "waiting", "suspended"])
def test_it_cannot_be_started_otherwise(why):
    order = make_order_of_two() if why == "two farmers" else make_order()
    farmer = order.parcels.order_by("pk")[0].farmer
    later = NOW() + timedelta(hours=1) if why == "too early" else None
    make_code(farmer, state="WAITING" if why == "waiting" else "APPROVED", in_force_since=later)
    if why == "suspended":
        Farmer.objects.filter(pk=farmer.pk).update(status="SUSPENDED")

    with pytest.raises(PaymentNotSetUp):
        start_payment(order_id=order.pk, buyer=order.buyer, now=NOW(), gateway="offline")

    assert not Payment.objects.exists()


def test_the_buyers_word_keeps_the_boxes_and_pays_nothing():
    order, now = make_direct_order(), NOW()

    said(order, now)
    said(order, now + timedelta(hours=1))  # again changes nothing

    order.refresh_from_db()
    assert order.status == "UNPAID"
    assert order.pay_by == now + settings.OFFLINE_CONFIRM_TIME
    assert set(Hold.objects.values_list("expires_at", flat=True)) == {order.pay_by}
    assert Notification.objects.filter(kind="offline_said", recipient=farmer_of(order)).count() == 1
    assert ParcelEvent.objects.filter(event="SAY_PAID").count() == 1
    assert not Leg.objects.exists()
    assert not release_order(order_id=order.pk, now=now + timedelta(hours=2))
    assert breaks(CHECKS) == {}


def test_the_farmers_word_pays_it_and_all_of_it_is_theirs():
    order = came(make_direct_order())

    line = OrderLine.objects.get()
    assert order.status == "PAID"
    assert line.fund_fen > 0
    assert balances() == {"PROVIDER": order.total_fen, "FARMER_DIRECT": -order.total_fen}
    assert earnings.take_home([line.pk]) == {line.pk: line.total_fen}
    post(order.parcels.get(), now=NOW())
    assert balances() == {"PROVIDER": order.total_fen, "FARMER_DIRECT": -order.total_fen}, "nothing is released"
    assert payout_queries.waiting() == []
    assert breaks(CHECKS) == {}


def test_what_was_paid_directly_stands_apart_in_the_statement():
    order = came(make_direct_order())
    farmer = order.parcels.get().farmer
    today = timezone.localdate()

    statement = statements.statement_of(farmer, today.year, today.month)

    assert (statement.opening_fen, statement.closing_fen, statement.rows) == (0, 0, [])
    assert statement.direct_fen == order.total_fen
    assert f"{order.total_fen / 100:.2f}" in statements.as_csv(statement).decode()
    assert earnings.money_of(farmer) == earnings.Money(0, 0)


@pytest.mark.parametrize("who", ["buyer", "another farmer", "stranger"])
def test_nobody_elses_word_counts(who):
    order = make_direct_order()
    said(order)
    person = {"buyer": order.buyer, "another farmer": make_farmer().user, "stranger": make_user("S")}[who]
    before = Payment.objects.values().get()

    for act in (offline.say_came, offline.say_none_came):
        with pytest.raises(NotAllowed):
            act(order_number=order.number, farmer=person, now=NOW())
    if who != "buyer":
        with pytest.raises(NotAllowed):
            offline.say_paid(order_id=order.pk, buyer=person, now=NOW())

    assert Payment.objects.values().get() == before


def test_no_money_came_gives_the_buyer_time_for_another_way_but_not_for_this_one_again():
    order = make_direct_order()
    said(order)
    now = NOW()

    offline.say_none_came(order_number=order.number, farmer=farmer_of(order), now=now)

    order.refresh_from_db()
    assert order.pay_by == now + settings.TIME_TO_PAY
    assert Notification.objects.filter(kind="offline_denied", recipient=order.buyer).count() == 1
    assert ways_to_pay(order, now).names == ["sandbox"]
    with pytest.raises(WrongState):
        offline.say_none_came(order_number=order.number, farmer=farmer_of(order), now=now)
    with pytest.raises(TimeToPayIsOver):
        said(order)
    assert came(order).status == "PAID", "the farmer found it after all"
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize("is_sold_out", [False, True])
def test_money_that_the_farmer_finds_too_late_follows_the_rule_for_late_payments(is_sold_out):
    order = make_direct_order()
    said(order)
    late = NOW() + settings.OFFLINE_CONFIRM_TIME + timedelta(minutes=1)
    assert release_order(order_id=order.pk, now=late)
    querying.ask_provider(payment_id=Payment.objects.get().pk, now=late)
    assert [trade.pk for trade in offline_queries.unanswered(late)] == [Payment.objects.get().pk]
    if is_sold_out:
        Lot.objects.update(harvested=0)

    came(order, late)

    payment = Payment.objects.get()
    if is_sold_out:
        assert (order.status, payment.status) == ("RELEASED", "TO_REFUND")
        assert balances() == {"PROVIDER": order.total_fen, "REFUND_DUE": -order.total_fen}
        assert Notification.objects.filter(kind="offline_refund_owed", recipient=farmer_of(order)).count() == 1
    else:
        assert (order.status, payment.status) == ("PAID", "SUCCEEDED")
    assert breaks(CHECKS) == {}


def test_who_changes_their_mind_pays_once_and_what_came_twice_goes_back():
    order = make_direct_order()
    start_payment(order_id=order.pk, buyer=order.buyer, now=NOW(), gateway="sandbox")
    other = Payment.objects.get(gateway="sandbox")
    assert Payment.objects.get(gateway="offline").status == "CLOSED"
    settling.settle(paid_event(other), NOW())

    came(order)  # they had paid the farmer, too

    assert Payment.objects.get(gateway="offline").status == "TO_REFUND"
    assert Refund.objects.get().amount_fen == order.total_fen
    with pytest.raises(AlreadyPaid):
        said(order)
    assert breaks(CHECKS) == {}


def test_a_refund_waits_for_the_farmers_hand():
    order = came(make_direct_order())
    farmer, parcel = farmer_of(order), order.parcels.get()
    refund = cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=NOW())

    for pk in refunding.claim_refunds(NOW()):
        refunding.send_refund(refund_id=pk, now=NOW())
    refund.refresh_from_db()
    assert (refund.status, refund.last_error) == ("SENT", "the farmer gives it back by hand")
    assert balances() == {"PROVIDER": order.total_fen, "REFUND_DUE": -order.total_fen}
    with pytest.raises(NotAllowed):
        offline.say_returned(refund_id=refund.pk, farmer=make_farmer().user, now=NOW())

    offline.say_returned(refund_id=refund.pk, farmer=farmer, now=NOW())
    offline.say_returned(refund_id=refund.pk, farmer=farmer, now=NOW())

    refund.refresh_from_db()
    assert refund.status == "DONE"
    assert balances() == {}
    assert Notification.objects.get(kind="refund_done").context["audience"] == "by_hand"
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize(("cause", "bearer"), [("COURIER", "COURIER"), ("PLATFORM", "LOSSES")])
def test_what_another_bears_the_farmer_sends_back_by_hand_and_gets_with_the_next_payout(cause, bearer):
    order, one, two = came(make_direct_order()), make_finance("One"), make_finance("Two")
    parcel = claim_scene.receive(first_parcel(order))
    lines, total = [line.pk for line in parcel.lines.all()], order.total_fen
    before = earnings.take_home(lines)

    disputed = claim_scene.dispute(claim_scene.claim_on(parcel))
    claim_scene.decide(disputed, make_moderator(), 777, cause=cause, now=NOW())

    assert earnings.take_home(lines) == before, "it was not the farmer's doing"
    owed = {"PROVIDER": total, "FARMER_DIRECT": 777 - total, "FARMER_DUE": -777, bearer: 777, "REFUND_DUE": -777}
    assert balances() == owed
    for pk in refunding.claim_refunds(NOW()):
        refunding.send_refund(refund_id=pk, now=NOW())
    offline.say_returned(refund_id=Refund.objects.get().pk, farmer=parcel.farmer.user, now=NOW())
    [payout] = payout_scene.sent(one, two)
    payout_scene.confirm(payout, one)

    assert (payout.farmer_id, payout.amount_fen) == (parcel.farmer_id, 777)
    assert balances() == {"PROVIDER": total - 2 * 777, "FARMER_DIRECT": 777 - total, bearer: 777}
    assert earnings.money_of(parcel.farmer) == earnings.Money(0, 0)
    today = timezone.localdate()
    statement = statements.statement_of(parcel.farmer, today.year, today.month)
    assert (statement.closing_fen, statement.direct_fen) == (0, total - 777)
    assert sorted(row.fen for row in statement.rows) == [-777, 777]
    assert breaks(CHECKS) == {}


def test_another_farmers_refund_of_money_at_a_provider_cannot_be_called_given():
    order = make_order()
    settling.settle(paid_event(make_payment(order)), NOW())
    parcel = order.parcels.get()
    refund = cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=NOW())

    with pytest.raises(NotAllowed):
        offline.say_returned(refund_id=refund.pk, farmer=parcel.farmer.user, now=NOW())

    assert Refund.objects.get().status == "DUE"


# --- At once ---


def effects() -> tuple[int, int]:
    return ParcelEvent.objects.filter(event="PAY").count(), Leg.objects.filter(account__kind="PROVIDER").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_confirmations_at_once_book_once():
    order = make_direct_order()
    farmer = farmer_of(order)

    results = at_once(
        *[partial(offline.say_came, order_number=order.number, farmer=farmer, now=NOW()) for _ in range(6)]
    )

    assert names(results) == ["GatewayMessage"] * 6
    assert effects() == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_yes_and_no_at_once_end_in_paid():
    """The farmer's two phones: whichever is first, the money that came is booked, once."""
    for _round in range(4):
        order = make_direct_order()
        said(order)
        answer = {"order_number": order.number, "farmer": farmer_of(order), "now": NOW()}

        results = at_once(partial(offline.say_came, **answer), partial(offline.say_none_came, **answer))

        order.refresh_from_db()
        assert order.status == "PAID", results
        assert order.payments.get().status == "SUCCEEDED"
    assert breaks(CHECKS) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_control_without_memory_and_locks_the_confirmations_break_on_each_other(monkeypatch):
    order = make_direct_order()
    farmer, all_inside = farmer_of(order), threading.Barrier(4)

    def forgetful(event: PaidEvent, now: datetime) -> tuple[GatewayMessage, bool]:
        said_now = {"gateway": "offline", "event_id": uuid.uuid4().hex, "payload": {}, "received_at": now}
        return GatewayMessage.objects.create(**said_now, outcome="NO_CHANGE"), True

    def together(**what: Any) -> bool:
        all_inside.wait(timeout=20)  # all have read the same by then
        return mark_paid(**what)

    monkeypatch.setattr(settling, "_remember", forgetful)
    monkeypatch.setattr(settling, "mark_paid", together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)

    results = at_once(
        *[partial(offline.say_came, order_number=order.number, farmer=farmer, now=NOW()) for _ in range(4)]
    )

    assert names(results).count("GatewayMessage") < 4
