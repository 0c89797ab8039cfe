"""Carts, orders and parcels for tests, made through the services, as far along as a test needs them."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Region, User
from common.transactions import use_case
from marketplace.models import Listing
from orders.models import Cart, Order, Parcel, PostageRate, PostageZone
from orders.pricing import price_cart
from orders.services import carts, parcels, paying, placing
from tests.make import NOON, make_address, make_listing, make_region, make_shanghai, make_user

SHANGHAI, JIANGXI = "310000", "360000"


def make_route(origin: str = JIANGXI, destination: str = SHANGHAI, **fields: Any) -> PostageRate:
    """A route of 8.00 for the first kg, 4.00 for each further one, 2 to 4 days (cooled 2 to 3), unless told otherwise."""
    make_shanghai()
    make_region(JIANGXI, "江西省", "Jiangxi", Region.Level.PROVINCE)
    zone = fields.pop("zone", "Z3")
    rate, _ = PostageRate.objects.update_or_create(
        zone=zone,
        defaults={
            "description": "800-1300 km",
            "first_kg_fen": 800,
            "further_kg_fen": 400,
            "days_min": 2,
            "days_max": 4,
            "cold_days_min": 2,
            "cold_days_max": 3,
        }
        | fields,
    )
    PostageZone.objects.get_or_create(origin_id=origin, destination_id=destination, defaults={"rate": rate})
    return rate


def make_cart(buyer: User, wanted: dict[Listing, int]) -> Cart:
    """The buyer's cart with packs of listings in it, added as a buyer would."""
    make_route()
    cart = carts.open_cart(user=buyer)
    for listing, packs in wanted.items():
        carts.add_to_cart(cart_id=cart.pk, listing_id=listing.pk, packs=packs)
    return cart


def total_of(cart: Cart, province: str = SHANGHAI) -> int:
    """What the cart page would show as the total, in fen."""
    return price_cart(list(cart.lines.all()), province=province, now=NOON).total_fen


def make_order(
    buyer: User | None = None, wanted: dict[Listing, int] | None = None, *, now: datetime = NOON, **fields: Any
) -> Order:
    """An unpaid order, one box of a new listing unless told otherwise."""
    buyer = buyer or make_user("Buyer")
    cart = make_cart(buyer, wanted or {make_listing(): 1})
    address = buyer.addresses.first() or make_address(buyer)
    wishes: dict[str, Any] = {
        "buyer": buyer,
        "cart_id": cart.pk,
        "address_id": address.pk,
        "checkout_key": uuid.uuid4(),
        "expected_total_fen": total_of(cart),
        "note": "",
        "now": now,
    }
    return placing.place_order(**wishes | fields)


mark_paid = use_case(paying.mark_paid)
cancel_parcel = use_case(parcels.cancel_parcel)


def make_paid_order(
    buyer: User | None = None, wanted: dict[Listing, int] | None = None, *, now: datetime = NOON
) -> Order:
    """An order that was paid a minute after it was placed: its parcels are to be packed."""
    order = make_order(buyer, wanted, now=now)
    mark_paid(order_id=order.pk, now=now + timedelta(minutes=1))
    order.refresh_from_db()
    return order


def make_parcel(state: str = Parcel.State.TO_PACK, *, now: datetime = NOON, **fields: Any) -> Parcel:
    """A paid parcel moved on to TO_PACK, ON_THE_WAY or RECEIVED by the people who may."""
    parcel = make_paid_order(now=now, **fields).parcels.get()
    if state in (Parcel.State.ON_THE_WAY, Parcel.State.RECEIVED):
        post(parcel, now=now + timedelta(hours=5))
    if state == Parcel.State.RECEIVED:
        parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=now + timedelta(days=4))
    parcel.refresh_from_db()
    return parcel


def post(parcel: Parcel, *, now: datetime, tracking_number: str = "SF1234567890123") -> Parcel:
    return parcels.post_parcel(
        parcel_id=parcel.pk, actor=parcel.farmer.user, courier="SF", tracking_number=tracking_number, now=now
    )
