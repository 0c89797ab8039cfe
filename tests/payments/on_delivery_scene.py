"""What the tests of paying on delivery start from: a farmer who offers it, a buyer whom we know, and their parcel."""

from datetime import datetime

from django.utils import timezone

from accounts.models import Farmer, User
from orders.invariants import CHECKS as ORDERS
from orders.models import Order, Parcel
from payments.invariants import CHECKS as PAYMENTS
from payments.models import OnDeliveryTerms
from payments.services import on_delivery
from tests.make import make_farmer, make_listing
from tests.orders.making import post
from tests.payments.scene import first_parcel, make_order

#: All but what a moderator decided about the listings: the tests' listings came to be without one.
CHECKS = [check for check in (*ORDERS, *PAYMENTS) if check.name != "sold_was_approved"]


def offer(farmer: Farmer, most_fen: int = 30_000) -> OnDeliveryTerms:
    """This farmer lets buyers pay on delivery."""
    return on_delivery.set_terms(user_id=farmer.user_id, is_offered=True, most_fen=most_fen, now=timezone.now())


def make_offered_order(buyer: User | None = None, *, packs: int = 2) -> Order:
    """An unpaid order that could be promised: its buyer has a confirmed phone."""
    farmer = make_farmer()
    offer(farmer)
    return make_order({make_listing(farmer, price_fen=3333): packs}, buyer=buyer)


def promise(order: Order, now: datetime | None = None) -> Order:
    on_delivery.promise(order_id=order.pk, buyer=order.buyer, now=now or timezone.now())
    order.refresh_from_db()
    return order


def make_promised(buyer: User | None = None) -> Order:
    """An order to be paid on delivery, its parcel to be packed."""
    return promise(make_offered_order(buyer))


def make_on_the_way(buyer: User | None = None, now: datetime | None = None) -> Parcel:
    """The parcel of such an order, posted."""
    post(first_parcel(make_promised(buyer)), now=now or timezone.now())
    return Parcel.objects.select_related("order__buyer", "farmer__user").latest("pk")


def came(parcel: Parcel, now: datetime | None = None) -> Order:
    """The farmer says that the money has come."""
    on_delivery.say_came(order_number=parcel.order.number, farmer=parcel.farmer.user, now=now or timezone.now())
    return Order.objects.get(pk=parcel.order_id)


def refuse(parcel: Parcel, person: User | None = None, now: datetime | None = None) -> Parcel:
    """It was not taken, says the farmer unless told otherwise."""
    who = person or parcel.farmer.user
    return on_delivery.refuse(order_number=parcel.order.number, person=who, reason="", now=now or timezone.now())
