"""Paying on delivery: who may promise it, whose word makes money of it, what happens at the door, and what the books say."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import InternalError, connection, transaction
from django.db.models import Sum
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import Hold, Lot
from notifications.models import Notification
from orders.errors import WrongMove
from orders.models import Order, OrderLine, Parcel, ParcelEvent
from orders.services import parcels, reviews
from orders.services.paying import release_order
from payments import earnings, finance, on_delivery_queries, payout_queries
from payments.errors import NotPaidYet, PaymentNotSetUp
from payments.models import Leg, OnDeliveryTerms, Payment, Refund
from payments.services import cancel_and_refund, offline, on_delivery, querying, refunding, settling, start_payment
from payments.services.starting import ways_to_pay, why_unpayable
from tests.breaking import breaks
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.orders.making import post
from tests.payments import claim_scene
from tests.payments.on_delivery_scene import (
    CHECKS,
    came,
    make_offered_order,
    make_on_the_way,
    make_promised,
    offer,
    promise,
    refuse,
)
from tests.payments.scene import first_parcel, make_order, make_payment, paid_event

pytestmark = pytest.mark.django_db
NOW = timezone.now


def balances() -> dict[str, int]:
    sums = Leg.objects.values_list("account__kind").annotate(fen=Sum("fen")).order_by()
    return {kind: fen for kind, fen in sums if fen}


# --- Who may ---


@pytest.mark.parametrize(
    "why", ["", "off", "suspended", "too much", "two farmers", "no phone", "not taken", "open", "late"]
)
def test_it_is_offered_to_a_buyer_whom_we_know_by_a_farmer_who_offers_it(why, settings):
    buyer = make_user("Buyer", phone_verified=why != "no phone")
    if why == "not taken":
        refuse(make_on_the_way(buyer))
    if why == "open":
        settings.ON_DELIVERY_OPEN = 1
        make_promised(buyer)
    if why == "late":
        make_on_the_way(buyer, NOW() - settings.ON_DELIVERY_UNPAID_AFTER)
    order = make_offered_order(buyer)
    terms = OnDeliveryTerms.objects.filter(farmer__parcels__order=order)
    if why == "off":
        terms.update(is_offered=False)
    if why == "too much":
        terms.update(most_fen=order.total_fen - 1)
    if why == "suspended":
        Farmer.objects.filter(parcels__order=order).update(status="SUSPENDED")
    if why == "two farmers":
        other = make_farmer()
        offer(other)
        order = make_order({order.parcels.get().lines.get().listing: 1, make_listing(other): 1}, buyer=buyer)

    assert ("on_delivery" in ways_to_pay(order, NOW()).names) == (not why)
    if why:
        with pytest.raises(PaymentNotSetUp):
            promise(order)
        assert Order.objects.get(pk=order.pk).status == "UNPAID"
        assert not Payment.objects.filter(order=order).exists()


def test_a_farmer_offers_it_up_to_what_the_shop_allows(settings):
    farmer, unverified = make_farmer(), make_farmer(status="APPLIED")
    with pytest.raises(InvalidInput):
        offer(farmer, settings.ON_DELIVERY_MOST_FEN + 1)
    with pytest.raises(NotAllowed):
        offer(unverified)
    settings.PAYMENT_GATEWAY = "on_delivery"
    assert why_unpayable(farmer_ids=[farmer.pk], now=NOW())
    offer(farmer)
    assert not why_unpayable(farmer_ids=[farmer.pk], now=NOW())
    settings.PAYMENT_GATEWAY = "sandbox"
    with pytest.raises(NotAllowed):
        offer(farmer)


# --- The straight way ---


def test_a_promise_makes_the_packs_sold_and_no_money():
    order = make_offered_order()

    promise(order)
    promise(order)  # twice is once

    assert order.status == "PROMISED"
    assert Hold.objects.get().status == "SOLD"
    assert Lot.objects.get().sold == 2
    assert order.parcels.get().state == "TO_PACK"
    assert ParcelEvent.objects.get().actor == order.buyer
    told = Notification.objects.get(kind="parcel_to_pack").context
    assert (told["audience"], told["amount_fen"]) == ("on_delivery", order.total_fen)
    assert Notification.objects.filter(kind="order_promised", recipient=order.buyer).count() == 1
    assert not Leg.objects.exists()
    assert not release_order(order_id=order.pk, now=NOW() + timedelta(days=1)), "it waits for no payment"
    payment = Payment.objects.get()
    querying.ask_provider(payment_id=payment.pk, now=NOW() + timedelta(days=1))
    payment.refresh_from_db()
    assert (payment.status, payment.query_at) == ("STARTED", None)
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize("received", [False, True])
def test_the_farmers_word_pays_it_and_all_of_it_is_theirs(received):
    parcel = make_on_the_way()
    if received:
        parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=NOW())
        assert Notification.objects.filter(kind="on_delivery_ask", recipient=parcel.farmer.user).count() == 1
    assert not Leg.objects.exists(), "neither posting nor receiving makes money"

    order = came(parcel)
    came(parcel)  # twice is once

    line, parcel = OrderLine.objects.get(), Parcel.objects.get()
    assert (order.status, parcel.state) == ("PAID", "RECEIVED")
    assert balances() == {"PROVIDER": order.total_fen, "FARMER_DIRECT": -order.total_fen}
    assert earnings.take_home([line.pk]) == {line.pk: line.total_fen}
    assert line.fund_fen > 0
    assert Notification.objects.get(kind="order_paid").context["audience"] == "on_delivery"
    parcels.run_timer(parcel_id=parcel.pk, now=parcel.claim_until)
    assert Parcel.objects.get().state == "SETTLED"
    assert payout_queries.waiting() == []
    assert breaks(CHECKS) == {}


def test_money_that_never_comes_is_never_made_up():
    parcel, now = make_on_the_way(), NOW()
    later = now + settings.ON_DELIVERY_UNPAID_AFTER

    assert parcels.run_timer(parcel_id=parcel.pk, now=now + settings.AUTO_RECEIVE_AFTER)

    parcel.refresh_from_db()
    assert (parcel.state, parcel.timer) == ("ON_THE_WAY", "")
    assert Notification.objects.filter(kind="on_delivery_ask").count() == 1
    assert list(on_delivery_queries.waiting_for_money(parcel.farmer)) == [parcel]
    assert [figure.count for figure in finance.to_look_at(later) if "PROMISED" in figure.url] == [1]
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=later)
    parcels.run_timer(parcel_id=parcel.pk, now=later + timedelta(days=3))
    assert Notification.objects.get(kind="parcel_settled").context["audience"] == "unpaid"
    with pytest.raises(WrongState):
        reviews.write_review(
            parcel_id=parcel.pk,
            listing_id=OrderLine.objects.get().listing_id,
            buyer=parcel.order.buyer,
            stars=5,
            words="",
            uploads=[],
            now=later,
        )
    assert not Leg.objects.exists()
    assert breaks(CHECKS) == {}
    assert came(parcel, later + timedelta(days=9)).status == "PAID", "and may still come"
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize("who", ["buyer", "another farmer", "moderator"])
def test_nobody_elses_word_counts(who):
    parcel = make_on_the_way()
    people = {"buyer": parcel.order.buyer, "another farmer": make_farmer().user, "moderator": make_moderator()}
    about: dict[str, Any] = {"order_number": parcel.order.number, "now": NOW()}

    with pytest.raises(NotAllowed):
        on_delivery.say_came(farmer=people[who], **about)
    with pytest.raises((NotAllowed, WrongMove)):
        on_delivery.came_back(farmer=people[who], **about)
    if who != "buyer":
        with pytest.raises(NotAllowed):
            on_delivery.refuse(person=people[who], reason="", **about)
        with pytest.raises(NotAllowed):
            on_delivery.promise(order_id=parcel.order_id, buyer=people[who], now=NOW())

    assert Order.objects.get().status == "PROMISED"


# --- Not taken, cancelled, wrong ---


@pytest.mark.parametrize("who", ["buyer", "farmer"])
def test_what_is_not_taken_goes_back_and_its_packs_only_on_the_farmers_word(who):
    parcel = make_on_the_way()
    buyer, farmer = parcel.order.buyer, parcel.farmer.user
    refuse(parcel, buyer if who == "buyer" else farmer)

    parcel.refresh_from_db()
    assert (Order.objects.get().status, parcel.state, Payment.objects.get().status) == ("REFUSED", "REFUSED", "FAILED")
    told = Notification.objects.get(kind="parcel_refused")
    assert told.recipient == (farmer if who == "buyer" else buyer)
    assert Hold.objects.get().status == "SOLD"
    for act in (came, refuse):
        with pytest.raises(WrongMove):
            act(parcel)
    back = partial(on_delivery.came_back, order_number=parcel.order.number, farmer=farmer, now=NOW())
    back()
    with pytest.raises(WrongMove):
        back()
    assert (Hold.objects.get().status, Lot.objects.get().sold) == ("RETURNED", 0)
    assert not Leg.objects.exists()
    assert breaks(CHECKS) == {}


def test_what_was_paid_cannot_be_not_taken():
    parcel = make_on_the_way()
    came(parcel)

    for person in (parcel.order.buyer, parcel.farmer.user):
        with pytest.raises(WrongMove):
            refuse(parcel, person)

    assert Order.objects.get().status == "PAID"


@pytest.mark.parametrize("who", ["buyer", "farmer"])
def test_what_is_not_posted_can_be_cancelled_for_nothing(who):
    parcel = first_parcel(make_promised())
    with pytest.raises(WrongMove):
        came(parcel)
    with pytest.raises(WrongMove):
        refuse(parcel)
    actor = parcel.order.buyer if who == "buyer" else parcel.farmer.user

    assert cancel_and_refund(parcel_id=parcel.pk, actor=actor, reason="下雨", now=NOW()) is None

    assert (Order.objects.get().status, Payment.objects.get().status) == ("CANCELLED", "CLOSED")
    assert (Lot.objects.get().sold, Hold.objects.get().status) == (0, "RETURNED")
    assert not Refund.objects.exists()
    with pytest.raises(WrongMove):
        came(parcel)
    assert breaks(CHECKS) == {}


def test_a_claim_gives_back_only_what_has_come_and_by_hand():
    parcel = make_on_the_way()
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=NOW())
    claim = claim_scene.claim_on(Parcel.objects.select_related("order__buyer", "farmer__user").get())
    with pytest.raises(NotPaidYet):
        claim_scene.agree(claim)
    timer = Parcel.objects.values("timer", "timer_at").get()

    came(parcel)
    assert Parcel.objects.values("timer", "timer_at").get() == timer, "the farmer's time to answer goes on as it was"
    claim_scene.agree(claim)

    total, refund = parcel.total_fen, Refund.objects.get()
    assert balances() == {"PROVIDER": total, "FARMER_DIRECT": 2000 - total, "REFUND_DUE": -2000}
    for pk in refunding.claim_refunds(NOW()):
        refunding.send_refund(refund_id=pk, now=NOW())
    with pytest.raises(NotAllowed):
        offline.say_returned(refund_id=refund.pk, farmer=make_farmer().user, now=NOW())
    offline.say_returned(refund_id=refund.pk, farmer=parcel.farmer.user, now=NOW())
    assert balances() == {"PROVIDER": total - 2000, "FARMER_DIRECT": 2000 - total}
    line = OrderLine.objects.get()
    assert earnings.take_home([line.pk]) == {line.pk: line.total_fen - 2000}
    assert breaks(CHECKS) == {}


def test_a_moderator_may_refuse_a_claim_on_what_is_not_paid_yet():
    parcel = make_on_the_way()
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=NOW())
    claim = claim_scene.dispute(claim_scene.claim_on(Parcel.objects.select_related("order__buyer").get()))

    claim_scene.decide(claim, make_moderator(), 0)

    assert Parcel.objects.get().state == "SETTLED"
    assert came(parcel).status == "PAID"
    assert breaks(CHECKS) == {}


def test_a_providers_late_money_for_a_promised_order_goes_back():
    order = make_offered_order()
    earlier = make_payment(order)
    promise(order)  # closes the provider's trade first, but that was being paid at this very moment
    settling.settle(paid_event(earlier), NOW())

    earlier.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, earlier.status) == ("PROMISED", "TO_REFUND")
    assert came(make_posted(order)).status == "PAID"
    assert breaks(CHECKS) == {}


def make_posted(order: Order) -> Parcel:
    post(first_parcel(order), now=NOW())
    return first_parcel(order)


def test_who_changes_their_mind_before_promising_pays_another_way():
    order = make_offered_order()
    start_payment(order_id=order.pk, buyer=order.buyer, now=NOW(), gateway="on_delivery")
    start_payment(order_id=order.pk, buyer=order.buyer, now=NOW(), gateway="sandbox")

    assert Payment.objects.get(gateway="on_delivery").status == "CLOSED"
    settling.settle(paid_event(Payment.objects.get(gateway="sandbox")), NOW())
    with pytest.raises(WrongMove):
        came(make_posted(order))
    assert breaks(CHECKS) == {}


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE orders_order SET status = 'UNPAID'",
        "UPDATE orders_order SET status = 'RELEASED'",
        "UPDATE orders_order SET paid_at = now()",
        "UPDATE orders_order SET round_up_fen = 1, round_up_for = 'fund', total_fen = total_fen + 1",
        "UPDATE payments_payment SET status = 'CLOSED'",
    ],
)
def test_the_database_lets_nobody_break_the_promise(attack):
    order = make_promised()

    with pytest.raises((InternalError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)

    assert Order.objects.get() == order
