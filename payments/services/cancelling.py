"""Cancelling a parcel together with giving its money back: both, or neither."""

from datetime import datetime

from accounts.models import User
from common.transactions import use_case
from orders.models import Order, Parcel
from orders.services.parcels import cancel_parcel
from payments.models import Payment, Refund
from payments.services.on_delivery import lock_promise_of
from payments.services.refunding import lock_payment_of, owe_refund
from payments.services.settling import end_payment


@use_case
def cancel_and_refund(*, parcel_id: int, actor: User, reason: str, now: datetime) -> Refund | None:
    """Cancel a parcel that is not posted yet and owe its buyer exactly its goods and postage; what was rounded
    up, too, with the last parcel. None where it was to be paid on delivery: nothing was paid, and nothing goes back.

    Raises WrongMove when it was posted or cancelled already, NotAllowed when `actor` is neither its buyer nor its farmer.
    Locks: Payment → Order → Parcel → Lot.
    """
    order_id = Parcel.objects.values_list("order_id", flat=True).get(pk=parcel_id)
    payment, promised = lock_payment_of(order_id), lock_promise_of(order_id)
    Order.objects.select_for_update(no_key=True).get(pk=order_id)
    amount_fen = cancel_parcel(parcel_id=parcel_id, actor=actor, reason=reason, now=now)
    if promised is not None:
        end_payment(promised, Payment.Status.CLOSED)
        return None
    if payment is None:
        raise RuntimeError(f"parcel {parcel_id} was packed for an order without a payment")
    order = Order.objects.get(pk=order_id)
    if order.status == Order.Status.CANCELLED and order.round_up_fen:
        owe_refund(payment=payment, amount_fen=order.round_up_fen, reason=Refund.Reason.ROUND_UP, now=now)
    return owe_refund(
        payment=payment,
        amount_fen=amount_fen,
        reason=Refund.Reason.CANCELLED,
        now=now,
        parcel=Parcel.objects.get(pk=parcel_id),
    )
