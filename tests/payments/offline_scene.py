"""What the tests of direct payments start from: a farmer whose own code buyers are shown, and an order paid by it."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Farmer, User
from orders.models import Order
from payments.models import OfflinePayment, ReceivingCode
from payments.services import offline, start_payment
from tests.make import make_farmer, make_listing, make_moderator, make_photo
from tests.payments.scene import make_order


def make_code(farmer: Farmer, *, state: str = "APPROVED", in_force_since: datetime | None = None) -> ReceivingCode:
    """A code of this farmer's, approved and shown since yesterday unless told otherwise."""
    now = timezone.now()
    since = in_force_since or now - timedelta(days=1)
    when = min(since, now)
    photo = make_photo(farmer.user, approved_at=None, public_at=None)
    code = ReceivingCode.objects.create(farmer=farmer, kind="WECHAT", photo=photo, asked_at=when, digest="0" * 64)
    code.tries = 1
    if state != "ASKED":
        code.state = "WAITING"
        code.save()
    if state == "APPROVED":
        code.state, code.decided_by, code.decided_at = "APPROVED", make_moderator(), when
        code.takes_effect_at = since
        code.save()
    return code


def make_direct_order(*, buyer: User | None = None, packs: int = 2) -> Order:
    """An order of one farmer whose buyer sees the farmer's code."""
    farmer = make_farmer()
    make_code(farmer)
    order = make_order({make_listing(farmer, price_fen=3333): packs}, buyer=buyer)
    start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway="offline")
    return order


def farmer_of(order: Order) -> User:
    return order.parcels.select_related("farmer__user").get().farmer.user


def said(order: Order, now: datetime | None = None) -> OfflinePayment:
    """The buyer says that they have paid."""
    return offline.say_paid(order_id=order.pk, buyer=order.buyer, now=now or timezone.now())


def came(order: Order, now: datetime | None = None) -> Order:
    """The farmer says that the money has come."""
    offline.say_came(order_number=order.number, farmer=farmer_of(order), now=now or timezone.now())
    order.refresh_from_db()
    return order
