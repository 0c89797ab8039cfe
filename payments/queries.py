"""Reads of payments that are more than a get."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.models import Order
from payments.models import Payment


class Standing(StrEnum):
    """How an order stands with its money, in the buyer's eyes."""

    NOT_STARTED = "not_started"
    CONFIRMING = "confirming"
    FAILED = "failed"
    PAID = "paid"
    GOING_BACK = "going_back"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True)
class PaymentView:
    """What the pages of a payment show. `is_twice`: the order is paid, and a second payment goes back."""

    standing: Standing
    can_pay: bool
    is_twice: bool = False


def payment_view(order: Order, now: datetime) -> PaymentView:
    """One query. Only what the provider told us counts: coming back from its page proves nothing."""
    statuses = list(Payment.objects.filter(order=order).order_by("pk").values_list("status", flat=True))
    is_going_back = Payment.Status.TO_REFUND in statuses
    can_pay = order.status == Order.Status.UNPAID and order.pay_by > now
    if order.status == Order.Status.PAID:
        return PaymentView(Standing.PAID, can_pay=False, is_twice=is_going_back)
    if order.status == Order.Status.CANCELLED:
        return PaymentView(Standing.CANCELLED, can_pay=False)
    if is_going_back:
        return PaymentView(Standing.GOING_BACK, can_pay=False)
    if Payment.Status.STARTED in statuses:
        return PaymentView(Standing.CONFIRMING, can_pay)
    if not can_pay:
        return PaymentView(Standing.OVER, can_pay)
    return PaymentView(Standing.FAILED if statuses else Standing.NOT_STARTED, can_pay)
