"""An order is paid, or released; late payments take stock again or say that it is gone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from marketplace.models import Hold, Listing
from notifications.models import Notification
from orders import tasks
from orders.errors import StockGone
from orders.models import Order, Parcel
from orders.services import paying
from tests.make import NOON, make_farmer, make_listing, make_lot, make_user
from tests.orders.making import make_order, make_paid_order, mark_paid

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=16)


def test_paying_sells_the_packs_and_asks_each_farmer_to_pack():
    chen, li = make_listing(make_farmer("Chen")), make_listing(make_farmer("Li"))
    order = make_order(wanted={chen: 2, li: 1})

    assert mark_paid(order_id=order.pk, now=NOON) is True

    order.refresh_from_db()
    assert (order.status, order.paid_at) == (Order.Status.PAID, NOON)
    for parcel in order.parcels.all():
        assert parcel.state == Parcel.State.TO_PACK
        assert parcel.post_by == NOON + timedelta(days=3)
        assert (parcel.timer, parcel.timer_at) == ("REMIND", parcel.post_by)
        assert [event.event for event in parcel.events.all()] == ["PAY"]
    lot = chen.lots.get()
    assert (lot.held, lot.sold) == (0, 2)
    told = Notification.objects.exclude(kind="order_placed")
    assert {(note.recipient, note.kind) for note in told} == {
        (chen.farmer.user, "parcel_to_pack"),
        (li.farmer.user, "parcel_to_pack"),
        (order.buyer, "order_paid"),
    }


def test_paying_twice_pays_once():
    order = make_paid_order()
    notes = Notification.objects.count()

    assert mark_paid(order_id=order.pk, now=LATER) is False

    assert Notification.objects.count() == notes
    assert Hold.objects.get().status == Hold.Status.SOLD


def test_presale_has_to_be_posted_after_its_harvest():
    listing = make_listing(packs=None)
    make_lot(listing, 5, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 5))

    parcel = make_paid_order(wanted={listing: 1}).parcels.get()

    assert parcel.post_by is not None
    assert timezone.localdate(parcel.post_by) == date(2026, 12, 8)


def test_an_unpaid_order_is_released_once_and_its_packs_are_on_sale_again():
    listing = make_listing(packs=5)
    order = make_order(wanted={listing: 2})

    assert paying.release_order(order_id=order.pk, now=LATER) is True
    assert paying.release_order(order_id=order.pk, now=LATER) is False

    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    assert order.parcels.get().state == Parcel.State.RELEASED
    lot = listing.lots.get()
    assert (lot.held, lot.sold, lot.left) == (0, 0, 5)
    assert Notification.objects.filter(kind="order_released").count() == 1


def test_an_order_is_not_released_before_its_time_nor_once_paid():
    order = make_order()
    assert paying.release_order(order_id=order.pk, now=NOON + timedelta(minutes=14)) is False
    mark_paid(order_id=order.pk, now=NOON)
    assert paying.release_order(order_id=order.pk, now=LATER) is False

    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def test_a_late_payment_takes_the_packs_again_from_whichever_lot_has_them():
    listing = make_listing(packs=2)
    order = make_order(wanted={listing: 2})
    paying.release_order(order_id=order.pk, now=LATER)
    listing.lots.update(closed_at=LATER)
    fresh = make_lot(listing, 4)

    assert mark_paid(order_id=order.pk, now=LATER) is True

    line = order.parcels.get().lines.get()
    assert (line.lot, line.packs, line.unit_price_fen) == (fresh, 2, 4980)
    assert line.hold.status == Hold.Status.SOLD
    fresh.refresh_from_db()
    assert (fresh.held, fresh.sold) == (0, 2)
    assert order.parcels.get().state == Parcel.State.TO_PACK


@pytest.mark.parametrize("why", ["sold out", "taken down"])
def test_a_late_payment_for_what_is_gone_changes_nothing(why):
    listing = make_listing(packs=2)
    order = make_order(wanted={listing: 2})
    paying.release_order(order_id=order.pk, now=LATER)
    if why == "sold out":
        make_order(make_user("faster"), {listing: 1}, now=LATER)
    else:
        Listing.objects.update(status=Listing.Status.TAKEN_DOWN)
    before = list(Hold.objects.order_by("pk").values_list("pk", "status"))

    with pytest.raises(StockGone):
        mark_paid(order_id=order.pk, now=LATER)

    order.refresh_from_db()
    assert order.status == Order.Status.RELEASED
    assert order.parcels.get().lines.get().packs == 2
    assert list(Hold.objects.order_by("pk").values_list("pk", "status")) == before


def test_the_sweep_releases_what_is_overdue_and_may_run_twice():
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    overdue, fresh = make_order(now=long_ago), make_order(now=timezone.now())

    assert tasks.release_unpaid_orders() == 1
    assert tasks.release_unpaid_orders() == 0

    overdue.refresh_from_db()
    fresh.refresh_from_db()
    assert (overdue.status, fresh.status) == (Order.Status.RELEASED, Order.Status.UNPAID)


def test_a_bad_row_stops_no_other(monkeypatch, caplog):
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    bad, good = make_order(now=long_ago), make_order(now=long_ago)
    Hold.objects.filter(order_number=bad.number).update(packs=9)  # the lot holds fewer

    assert tasks.release_unpaid_orders() == 1

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (bad.status, good.status) == (Order.Status.UNPAID, Order.Status.RELEASED)
    assert f"row {bad.pk}" in caplog.text
