"""The books of payments into farmers' own codes: opened when the code is shown, closed when it is shown no more."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Farmer
from common.transactions import use_case
from orders.models import Order, Parcel
from payments.gateways.base import GatewayRefused
from payments.models import OfflinePayment, Payment, ReceivingCode


def in_force(now: datetime) -> QuerySet[ReceivingCode]:
    """Codes that buyers may be shown, the newest first: approved, past their wait, of verified farmers."""
    return ReceivingCode.objects.filter(
        state=ReceivingCode.State.APPROVED,
        takes_effect_at__lte=now,
        farmer__status=Farmer.Status.VERIFIED,
        photo__status="READY",
    ).order_by("-takes_effect_at", "-pk")


def code_for(order_id: int, now: datetime) -> ReceivingCode | None:
    """The code by which this order can be paid: its one farmer's. None for several farmers, or one without a code."""
    farmers = list(Parcel.objects.filter(order=order_id).values_list("farmer_id", flat=True)[:2])
    return in_force(now).filter(farmer=farmers[0]).first() if len(farmers) == 1 else None


@use_case
def open_trade(*, payment_id: int, now: datetime) -> OfflinePayment:
    """The payment with the code that its buyer is shown; asking again gives the same. Raises GatewayRefused."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    trade = OfflinePayment.objects.filter(payment=payment).first()
    code = code_for(payment.ordered.pk, now)
    if trade and (trade.closed_at or (trade.said_at is None and trade.code_id != getattr(code, "pk", None))):
        raise GatewayRefused("the code is not shown any more")
    if trade:
        return trade
    if code is None:
        raise GatewayRefused("the farmer has no code")
    return OfflinePayment.objects.create(payment=payment, code=code)


@use_case
def close_trade(*, payment_id: int, now: datetime) -> bool:
    """Show the code no more. False: the buyer says that they have paid, and the farmer still has time to look."""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    trade = OfflinePayment.objects.get(payment=payment)
    order = payment.ordered
    if trade.said_at and order.status == Order.Status.UNPAID and order.pay_by > now:
        return False
    OfflinePayment.objects.filter(payment=payment, closed_at=None).update(closed_at=now)
    return True
