"""The live price: enforced at checkout for as long as it was announced and never longer, for so many boxes and no more."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from live.errors import NotOnAir, NotVerified
from live.models import Broadcast
from live.services import airing, planning
from live.services.planning import Laid
from live.tasks import sweep_broadcasts
from marketplace.models import Lot, Offer
from marketplace.services.stock import OutOfStock
from orders.errors import PriceChanged
from orders.models import OrderLine
from orders.pricing import price_cart
from orders.services import carts, paying
from orders.services.placing import hold_again, place_order
from tests.live.scene import live, plan
from tests.make import NOON, make_address, make_farmer, make_listing, make_moderator, make_user
from tests.orders.making import SHANGHAI, make_order, make_route

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)


def in_cart(broadcast, buyer, packs=1, now=NOON):
    make_route()
    cart = carts.open_cart(user=buyer)
    carts.add_from_offer(cart_id=cart.pk, offer_id=broadcast.items.get().offer_id, packs=packs, now=now)
    return cart


def costs(cart, now):
    return price_cart(list(cart.lines.all()), province=SHANGHAI, now=now).goods_fen


def buy(broadcast, packs=1, now=NOON + MINUTE):
    """An order placed from the broadcast, as somebody who watches does."""
    buyer = make_user("Watcher")
    cart = in_cart(broadcast, buyer, packs, now)
    total = price_cart(list(cart.lines.all()), province=SHANGHAI, now=now).total_fen
    return make_order_of(buyer, cart, total, now)


def make_order_of(buyer, cart, total, now):
    return place_order(
        buyer=buyer,
        cart_id=cart.pk,
        address_id=make_address(buyer).pk,
        checkout_key=uuid.uuid4(),
        expected_total_fen=total,
        note="",
        now=now,
    )


def slice_of(broadcast):
    return Offer.objects.get(table_item__broadcast=broadcast)


def test_holds_from_the_first_moment_to_the_last_and_not_one_longer():
    broadcast = live(make_listing(), now=NOON, minutes=30)
    cart = in_cart(broadcast, make_user())
    ends = NOON + 30 * MINUTE

    assert [costs(cart, moment) for moment in (NOON, ends - TICK, ends)] == [3990, 3990, 4980]


def test_whoever_saw_the_live_price_is_asked_again_when_it_is_over():
    broadcast = live(make_listing(), now=NOON)
    buyer = make_user()
    cart = in_cart(broadcast, buyer)
    seen = price_cart(list(cart.lines.all()), province=SHANGHAI, now=NOON).total_fen
    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=NOON + MINUTE)

    with pytest.raises(PriceChanged):
        make_order_of(buyer, cart, seen, NOON + MINUTE)

    assert not OrderLine.objects.exists()
    assert costs(cart, NOON + MINUTE) == 4980


def test_an_order_takes_from_the_slice_and_says_so():
    broadcast = live(make_listing(packs=20), now=NOON)
    lot = Lot.objects.get()

    order = buy(broadcast, packs=2)

    line = OrderLine.objects.get()
    lot.refresh_from_db()
    assert (line.unit_price_fen, line.offer, order.goods_fen) == (3990, slice_of(broadcast), 7980)
    assert (slice_of(broadcast).left, lot.held, lot.left) == (3, 5, 15)


def test_more_than_the_slice_has_cannot_be_had_at_its_price():
    broadcast = live(make_listing(), now=NOON)

    with pytest.raises(OutOfStock):
        in_cart(broadcast, make_user(), packs=6)

    buy(broadcast, packs=5)
    late = in_cart_by_page(broadcast)
    assert costs(late, NOON + 2 * MINUTE) == 4980, "sold out at the live price: the usual one, and nobody is surprised"


def in_cart_by_page(broadcast):
    cart = carts.open_cart(user=make_user())
    carts.add_to_cart(cart_id=cart.pk, listing_id=broadcast.items.get().listing_id, packs=1)
    cart.lines.update(offer=slice_of(broadcast))
    return cart


def test_what_is_not_paid_goes_back_to_the_slice_while_it_is_on_and_to_everybody_afterwards():
    broadcast = live(make_listing(packs=20), now=NOON)
    first, second = buy(broadcast), buy(broadcast)

    paying.release_order(order_id=first.pk, now=first.pay_by + MINUTE)
    assert slice_of(broadcast).left == 4

    airing.end_broadcast(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=NOON + 20 * MINUTE)
    paying.release_order(order_id=second.pk, now=second.pay_by + MINUTE)
    lot = Lot.objects.get()
    assert (lot.held, lot.left) == (0, 20)


def test_paid_too_late_takes_from_the_slice_or_not_at_all():
    broadcast = live(make_listing(packs=20), now=NOON)
    order = buy(broadcast, packs=5)
    paying.release_order(order_id=order.pk, now=order.pay_by + MINUTE)
    again = use_case(hold_again)

    again(order, order.pay_by + 2 * MINUTE)
    assert slice_of(broadcast).left == 0

    other = live(make_listing(packs=20), now=NOON)
    order = buy(other, packs=5)
    paying.release_order(order_id=order.pk, now=order.pay_by + MINUTE)
    airing.end_broadcast(broadcast_id=other.pk, farmer=other.farmer, now=NOON + 20 * MINUTE)
    with pytest.raises(OutOfStock):
        again(order, NOON + 21 * MINUTE)


def test_planning_sets_the_boxes_aside_and_calling_off_gives_them_back():
    listing = make_listing(packs=6)
    broadcast = plan(listing=listing, packs=5, now=NOON)
    assert Lot.objects.get().left == 1
    with pytest.raises(OutOfStock):
        plan(listing=listing, packs=2, now=NOON)
    assert Broadcast.objects.count() == 1

    planning.call_off(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=NOON)

    assert Lot.objects.get().left == 6
    with pytest.raises(NotOnAir):
        airing.go_live(broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=NOON)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_fen": 4980}, "price"),
        ({"price_fen": 2400}, "price"),
        ({"packs": 0}, "packs"),
        ({"title": "加微信 13812345678"}, "title"),
        ({"planned_for": NOON - timedelta(hours=1)}, "planned_for"),
        ({"table": []}, "table"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_set_aside(changes, field):
    with pytest.raises(InvalidInput) as refused:
        plan(listing=make_listing(), now=NOON, **changes)

    assert refused.value.field == field
    assert (Lot.objects.get().left, Broadcast.objects.count()) == (20, 0)


def test_nobody_lays_anothers_listing_on_the_table_and_nobody_unverified_plans():
    theirs = make_listing()
    with pytest.raises(NotAllowed):
        plan(make_farmer(), table=[Laid(theirs.pk, 3990, 1)], now=NOON)
    with pytest.raises(NotVerified):
        plan(make_farmer(status="WAITING"), theirs, now=NOON)


def test_a_price_once_announced_stays_whoever_writes():
    offer = slice_of(live(make_listing(), now=NOON))

    for change in ({"price_fen": 4500}, {"packs": 9}, {"closes_at": NOON + timedelta(days=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Offer.objects.filter(pk=offer.pk).update(**change)


def test_a_moderator_stops_it_and_the_price_with_it():
    broadcast, moderator = live(make_listing(), now=NOON), make_moderator()
    with pytest.raises(NotAllowed):
        airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=make_user(), reason="x", now=NOON)

    airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=moderator, reason="不是自己种的", now=NOON + MINUTE)

    broadcast.refresh_from_db()
    assert (broadcast.status, Lot.objects.get().left) == ("STOPPED", 20)
    assert not Broadcast.objects.shown().exists()
    with pytest.raises(WrongState):
        airing.stop_broadcast(broadcast_id=broadcast.pk, moderator=moderator, reason="again", now=NOON + MINUTE)


def test_the_sweep_ends_what_was_left_alone_and_gives_back_what_is_over():
    silent = live(make_listing(), now=NOON - timedelta(minutes=11))
    over = live(make_listing(), now=NOON - timedelta(minutes=31), minutes=30)
    Broadcast.objects.filter(pk=over.pk).update(seen_at=NOON)
    forgotten = plan(listing=make_listing(), now=NOON - timedelta(hours=4))

    for _twice in range(2):
        sweep_broadcasts()

    statuses = dict(Broadcast.objects.values_list("pk", "status"))
    assert statuses == {silent.pk: "ENDED", over.pk: "LIVE", forgotten.pk: "CALLED_OFF"}
    assert [lot.left for lot in Lot.objects.all()] == [20, 20, 20]


def test_an_ordinary_order_is_as_it_was():
    order = make_order()

    assert OrderLine.objects.get(parcel__order=order).offer is None
