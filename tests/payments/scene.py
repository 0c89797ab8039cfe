"""What the tests of payments start from: an unpaid order, its live payment, and what a provider says of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from marketplace.models import Listing
from orders.models import Order, Parcel
from payments.gateways.base import PaidEvent
from payments.gateways.sandbox import MERCHANT_ID
from payments.models import Payment
from payments.services import settle
from payments.services.starting import open_payment
from tests.make import make_farmer, make_listing
from tests.orders import making


def make_order(packs: Mapping[Listing, int] | None = None, *, buyer: User | None = None) -> Order:
    """An order placed just now, its packs held until `pay_by`; one box of a new listing unless told otherwise."""
    return making.make_order(buyer, dict(packs) if packs else None, now=timezone.now())


def make_order_of_two() -> Order:
    """An order with parcels from two farmers."""
    return make_order({make_listing(make_farmer()): 2, make_listing(make_farmer(), price_fen=3333): 1})


def make_payment(order: Order, now: datetime | None = None) -> Payment:
    """The order's live payment, as if the buyer had pressed the button."""
    return open_payment(order_id=order.pk, buyer=order.buyer, gateway="sandbox", now=now or timezone.now())


def paid_event(payment: Payment, **changes: Any) -> PaidEvent:
    """What the provider says when `payment` was paid as asked, unless told otherwise."""
    number = f"SBX{payment.pk}"
    said: dict[str, Any] = {
        "gateway": payment.gateway,
        "event_id": f"{number}:PAID",
        "reference": payment.reference,
        "trade_number": number,
        "merchant_id": MERCHANT_ID,
        "amount_fen": payment.amount_fen,
        "currency": "CNY",
        "paid_at": payment.started_at + timedelta(seconds=20),
    }
    return PaidEvent(**{**said, **changes})


def make_paid_order(order: Order | None = None) -> Order:
    """An order whose payment has settled: its parcels are to be packed."""
    order = order or make_order()
    settle(paid_event(make_payment(order)), timezone.now())
    order.refresh_from_db()
    return order


def first_parcel(order: Order) -> Parcel:
    return order.parcels.select_related("farmer__user").order_by("pk")[0]
