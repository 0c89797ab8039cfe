"""Whole orders at once, in real threads: one checkout pressed often, the last boxes, payment against the clock."""

import threading
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from common.transactions import use_case
from marketplace.models import Hold, Listing, Lot
from notifications.models import Notification
from orders.clock import Event
from orders.models import Order, Parcel, ParcelEvent
from orders.services import parcels, paying, placing
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_address, make_farmer, make_listing, make_user
from tests.orders.making import cancel_parcel, make_cart, make_order, make_parcel, mark_paid, post, total_of
from tests.orders.test_checkout import hidden

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
LATER = NOON + timedelta(minutes=16)


def checkout(listing: Listing, packs: int = 1, *, key: uuid.UUID | None = None) -> partial[Order]:
    """A buyer with a full cart, their thumb above the button."""
    buyer = make_user("Buyer")
    cart = make_cart(buyer, {listing: packs})
    return partial(
        placing.place_order,
        buyer=buyer,
        cart_id=cart.pk,
        address_id=make_address(buyer).pk,
        checkout_key=key or uuid.uuid4(),
        expected_total_fen=total_of(cart),
        note="",
        now=NOON,
    )


def assert_conserved() -> None:
    """harvested = sold + held + left, and the counters are what the holds say."""
    for lot in Lot.objects.all():
        by_status: dict[str, Any] = dict(
            lot.holds.values_list("status").annotate(packs=Sum("packs")).values_list("status", "packs")
        )
        assert lot.held == by_status.get(Hold.Status.HELD, 0)
        assert lot.sold == by_status.get(Hold.Status.SOLD, 0)
        assert 0 <= lot.left == lot.harvested - lot.sold - lot.held


def test_one_checkout_pressed_ten_times_at_once_places_one_order():
    listing = make_listing(packs=20)
    press = checkout(listing, 2)

    results = at_once(*[press] * 10)

    assert set(names(results)) == {"Order"}
    assert len({order.pk for order in results}) == 1
    assert Order.objects.count() == 1
    assert listing.lots.get().held == 2
    assert Notification.objects.filter(kind="order_placed").count() == 1


def test_control_without_the_lock_on_the_buyer_pressing_often_fails(monkeypatch):
    """Without it, the presses no longer all get the one order: the unique key alone stops the second."""
    press = checkout(make_listing(packs=50), 2)
    all_inside = threading.Barrier(10)  # where they waited for the lock: nobody is through before the last has come
    monkeypatch.setattr(placing, "_lock_buyer", lambda buyer: all_inside.wait(timeout=20))

    results = at_once(*[press] * 10)

    assert "BrokenBarrierError" not in names(results)
    assert set(names(results)) != {"Order"}
    assert Order.objects.count() == 1


def test_two_buyers_for_the_last_box_make_one_order():
    listing = make_listing(packs=1)

    results = at_once(*[checkout(listing) for _ in range(8)])

    assert names(results).count("Order") == 1
    assert set(names(results)) <= {"Order", "OutOfStock", "NothingToOrder"}
    assert_conserved()


def test_stock_cut_to_nothing_while_buyers_check_out_is_never_oversold():
    listing = make_listing(packs=10)

    def cut() -> int:
        return Lot.objects.filter(listing=listing, sold=0).update(harvested=5)

    results = at_once(cut, *[checkout(listing) for _ in range(12)])

    assert not {"OperationalError", "DataError"} & set(names(results))
    assert_conserved()


@pytest.mark.parametrize("rivals", [0, 1])
def test_payment_against_the_clock_ends_in_one_outcome(rivals):
    """Eight orders paid in the very moment they are given up; with rivals, other buyers want the freed boxes too."""
    listing = make_listing(packs=16)
    orders = [make_order(make_user(), {listing: 2}) for _ in range(8)]
    calls: list[Any] = []
    for order in orders:
        calls += [
            partial(mark_paid, order_id=order.pk, now=LATER),
            partial(paying.release_order, order_id=order.pk, now=LATER),
        ]
    Lot.objects.update(harvested=17)
    waiting = [checkout(listing) for _ in range(rivals)]
    Lot.objects.update(harvested=16)

    results = at_once(*calls, *waiting)

    for order, paid in zip(orders, results[0:16:2], strict=True):
        order.refresh_from_db()
        holds = set(Hold.objects.filter(order_number=order.number).values_list("status", flat=True))
        if paid is True:
            assert order.status == Order.Status.PAID
            assert Hold.Status.SOLD in holds
            assert order.parcels.get().state == Parcel.State.TO_PACK
        else:
            assert type(paid).__name__ == "StockGone"  # released first, then sold to someone else
            assert order.status == Order.Status.RELEASED
            assert holds == {Hold.Status.RELEASED}
    if not rivals:
        assert results[0:16:2] == [True] * 8
    assert_conserved()


def test_a_payment_confirmed_many_times_at_once_is_taken_once():
    order = make_order()

    results = at_once(*[partial(mark_paid, order_id=order.pk, now=NOON)] * 8)

    assert sorted(results) == [False] * 7 + [True]
    assert ParcelEvent.objects.filter(event=Event.PAY).count() == 1
    assert_conserved()


def test_posting_and_cancelling_at_once_ends_in_one_of_them():
    for _ in range(4):
        parcel = make_parcel(wanted={make_listing(make_farmer()): 2})
        cancel = partial(cancel_parcel, parcel_id=parcel.pk, actor=parcel.order.buyer, reason="", now=NOON)

        results = at_once(partial(post, parcel, now=NOON), cancel, partial(post, parcel, now=NOON), cancel)

        assert names(results).count("WrongMove") == 3
        assert parcel.events.exclude(event=Event.PAY).count() == 1
        parcel.refresh_from_db()
        assert parcel.refunded_fen == (parcel.total_fen if parcel.state == Parcel.State.CANCELLED else 0)
    assert_conserved()


def test_two_workers_at_one_timer_run_it_once():
    parcel = make_parcel(Parcel.State.ON_THE_WAY)
    timer = partial(parcels.run_timer, parcel_id=parcel.pk, now=NOON + timedelta(days=11))

    results = at_once(*[timer] * 6)

    assert sorted(results) == [False] * 5 + [True]
    assert ParcelEvent.objects.filter(event=Event.AUTO_RECEIVE).count() == 1


def test_the_last_two_parcels_cancelled_at_once_cancel_the_order():
    buyer = make_user()
    order = make_order(buyer, {make_listing(make_farmer("Chen")): 1, make_listing(make_farmer("Li")): 1})
    mark_paid(order_id=order.pk, now=NOON)

    at_once(
        *[
            partial(cancel_parcel, parcel_id=parcel.pk, actor=buyer, reason="", now=NOON)
            for parcel in order.parcels.all()
        ]
    )

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED


def test_a_wait_that_is_given_up_is_told_as_busy_and_the_same_press_works_later(client):
    listing = make_listing(packs=5)
    buyer = make_user("Buyer")
    make_cart(buyer, {listing: 1})
    make_address(buyer)
    client.force_login(buyer)
    sent = hidden(client.get("/checkout/").content.decode())
    asked, may_go = threading.Event(), threading.Event()

    @use_case
    def hog() -> None:
        list(Lot.objects.select_for_update().filter(listing=listing))
        asked.set()
        may_go.wait(20)

    def shop() -> tuple[int, int]:
        asked.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        try:
            busy = client.post("/checkout/", sent)
        finally:
            may_go.set()
        return busy.status_code, Order.objects.count()

    results = at_once(hog, shop)

    assert results[1] == (409, 0)
    assert client.post("/checkout/", sent).status_code == 302
    assert listing.lots.get().held == 1
