"""Placing an order: all of it or nothing, once, at the price that was seen."""

import uuid
from datetime import date, timedelta

import pytest

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed
from marketplace.models import Hold, Listing
from marketplace.services.stock import OutOfStock
from notifications.models import Notification
from orders.errors import CartChanged, NothingToOrder, OwnProduce, PriceChanged
from orders.models import Order, Parcel
from orders.services import placing
from tests.make import NOON, make_address, make_farmer, make_listing, make_lot, make_produce, make_user
from tests.orders.making import make_cart, make_order, total_of

pytestmark = pytest.mark.django_db


def place(buyer, cart, **fields):
    address = buyer.addresses.first() or make_address(buyer)
    wishes = {
        "buyer": buyer,
        "cart_id": cart.pk,
        "address_id": address.pk,
        "checkout_key": uuid.uuid4(),
        "expected_total_fen": total_of(cart),
        "note": "",
        "now": NOON,
    }
    return placing.place_order(**wishes | fields)


def assert_nothing_happened(cart):
    assert not Order.objects.exists()
    assert not Hold.objects.exists()
    assert cart.lines.exists()
    assert not Notification.objects.exists()


def test_a_cart_of_two_farmers_becomes_one_order_with_two_parcels():
    chen, li = make_listing(make_farmer("Chen")), make_listing(make_farmer("Li"), price_fen=9900, pack_grams=2500)
    buyer = make_user()

    order = make_order(buyer, {chen: 2, li: 1}, note="门口放着就好")

    assert order.status == Order.Status.UNPAID
    assert order.pay_by == NOON + timedelta(minutes=15)
    assert order.address == "上海市徐汇区 漕溪北路 1 号 502 室"
    assert order.note == "门口放着就好"
    first, second = order.parcels.all()
    assert (first.farmer, second.farmer) == (chen.farmer, li.farmer)
    assert first.number == f"{order.number}-1"
    assert (first.goods_fen, first.postage_fen, first.weight_grams) == (9960, 800 + 9 * 400, 10_000)
    assert (second.goods_fen, second.postage_fen, second.weight_grams) == (9900, 800 + 2 * 400, 2_500)
    assert order.total_fen == 9960 + 4400 + 9900 + 1600
    assert {parcel.state for parcel in order.parcels.all()} == {Parcel.State.PLACED}
    assert not buyer.cart.lines.exists()
    assert Notification.objects.get().kind == "order_placed"


def test_lines_are_frozen_with_names_revision_lot_and_price():
    listing = make_listing(packs=2)
    second = make_lot(listing, 5, picked_on=date(2026, 11, 23))

    order = make_order(wanted={listing: 3})
    listing.price_fen = 100
    listing.save()

    lines = list(order.parcels.get().lines.all())
    assert [(line.lot.pk, line.packs) for line in lines] == [(listing.lots.first().pk, 2), (second.pk, 1)]
    assert {line.unit_price_fen for line in lines} == {4980}
    assert {line.revision for line in lines} == {listing.approved_revision}
    assert {(line.produce_zh, line.produce_en, line.pack_grams) for line in lines} == {("脐橙", "Navel orange", 5000)}
    assert sum(line.total_fen for line in lines) == order.goods_fen


def test_asking_twice_with_one_key_places_one_order():
    buyer = make_user()
    cart = make_cart(buyer, {make_listing(): 1})
    key, total = uuid.uuid4(), total_of(cart)

    first = place(buyer, cart, checkout_key=key, expected_total_fen=total)
    second = place(buyer, cart, checkout_key=key, expected_total_fen=total)

    assert first == second
    assert Order.objects.count() == 1
    assert Hold.objects.get().packs == 1


def test_two_people_may_use_the_same_key():
    key = uuid.uuid4()

    assert make_order(checkout_key=key) != make_order(checkout_key=key)


def test_another_total_than_the_buyer_saw_is_refused():
    buyer, listing = make_user(), make_listing()
    cart = make_cart(buyer, {listing: 1})
    seen = total_of(cart)
    Listing.objects.filter(pk=listing.pk).update(price_fen=5200)

    with pytest.raises(PriceChanged) as caught:
        place(buyer, cart, expected_total_fen=seen)

    assert caught.value.total_fen == seen + 220
    assert_nothing_happened(cart)


def test_stock_cut_to_nothing_during_checkout_is_told_and_nothing_saved():
    buyer, listing = make_user(), make_listing(packs=5)
    cart = make_cart(buyer, {listing: 3})
    total = total_of(cart)
    listing.lots.update(harvested=2)

    with pytest.raises(OutOfStock) as caught:
        place(buyer, cart, expected_total_fen=total)

    assert caught.value.left == 2
    assert_nothing_happened(cart)


def test_a_listing_taken_off_sale_stays_in_the_cart_and_out_of_the_order():
    buyer, kept, gone = make_user(), make_listing(), make_listing()
    cart = make_cart(buyer, {kept: 1, gone: 1})
    Listing.objects.filter(pk=gone.pk).update(status=Listing.Status.TAKEN_DOWN)

    order = place(buyer, cart)

    assert [line.listing for line in order.parcels.get().lines.all()] == [kept]
    assert [line.listing for line in cart.lines.all()] == [gone]


@pytest.mark.parametrize("change", ["paused", "suspended", "closed"])
def test_nothing_on_sale_is_nothing_to_order(change):
    buyer, listing = make_user(), make_listing()
    cart = make_cart(buyer, {listing: 1})
    if change == "paused":
        Listing.objects.update(status=Listing.Status.PAUSED)
    elif change == "suspended":
        Farmer.objects.update(status=Farmer.Status.SUSPENDED)
    else:
        listing.lots.update(closed_at=NOON)

    with pytest.raises(NothingToOrder):
        place(buyer, cart, expected_total_fen=0)

    assert_nothing_happened(cart)


def test_anothers_cart_or_address_is_refused():
    buyer, stranger = make_user(), make_user()
    cart = make_cart(buyer, {make_listing(): 1})

    with pytest.raises(NotAllowed):
        place(stranger, cart)
    with pytest.raises(NotAllowed):
        place(buyer, cart, address_id=make_address(stranger).pk)

    assert_nothing_happened(cart)


def test_produce_that_would_not_survive_the_way_is_refused():
    lychee = make_produce("lychee", name_zh="荔枝", name_en="Lychee", shelf_life_days=4, cold="YES")
    buyer = make_user()
    cart = make_cart(buyer, {make_listing(produce=lychee): 1})

    with pytest.raises(CartChanged):
        place(buyer, cart)

    assert_nothing_happened(cart)


def test_where_no_courier_goes_nothing_is_ordered():
    buyer = make_user()
    cart = make_cart(buyer, {make_listing(): 1})
    from orders.models import PostageZone

    PostageZone.objects.all().delete()

    with pytest.raises(CartChanged):
        place(buyer, cart)

    assert_nothing_happened(cart)


def test_nobody_buys_from_themselves():
    farmer = make_farmer()
    buyer = make_user()
    cart = make_cart(buyer, {make_listing(farmer): 1})
    cart.user = farmer.user
    cart.save()

    with pytest.raises(OwnProduce):
        place(farmer.user, cart)

    assert_nothing_happened(cart)


def test_more_than_the_ledgers_can_hold_is_refused_in_words():
    buyer = make_user()
    cart = make_cart(buyer, {make_listing(price_fen=90_000_000): 2})

    with pytest.raises(InvalidInput, match="too much"):
        place(buyer, cart)

    assert_nothing_happened(cart)


def test_numbers_can_be_read_aloud_and_do_not_repeat():
    numbers = {placing.new_number() for _ in range(200)}

    assert len(numbers) == 200
    assert all(len(number) == 11 and not set(number) & set("01IO") for number in numbers)
