"""Booking what happened before there was a ledger, or was written past it: the same entries, in the order of the events."""

from datetime import datetime

from common.transactions import use_case
from orders.clock import Event
from orders.models import Order, Parcel
from payments.models import Entry, Payment, Refund
from payments.services.booking import book_paid, book_refund_owed, book_refunded, book_unwanted
from payments.services.releasing import follow_parcel

MONEY_CAME = (Payment.Status.SUCCEEDED, Payment.Status.TO_REFUND)


def unbooked() -> list[int]:
    """Payments that brought money of which the ledger knows nothing, oldest first."""
    booked = Entry.objects.filter(kind__in=[Entry.Kind.PAID, Entry.Kind.UNWANTED]).values("payment")
    return list(
        Payment.objects.filter(status__in=MONEY_CAME, order__isnull=False)
        .exclude(pk__in=booked)
        .order_by("paid_at", "pk")
        .values_list("pk", flat=True)
    )


@use_case
def book_past(*, payment_id: int) -> None:
    """Book one payment and all that has happened to its parcels and refunds since. Safe twice: entries have their refs.

    Locks: Payment → Order → Parcel.
    """
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    if payment.order_id is None:
        raise TypeError("gifts are as old as their entries")
    Order.objects.select_for_update(no_key=True).get(pk=payment.order_id)
    paid_at = payment.paid_at or payment.started_at
    if payment.status == Payment.Status.SUCCEEDED:
        book_paid(payment, paid_at)
        for parcel in Parcel.objects.select_for_update(no_key=True).filter(order=payment.order_id).order_by("pk"):
            _follow(parcel)
    else:
        book_unwanted(payment, paid_at)
    for refund in Refund.objects.filter(payment=payment, status=Refund.Status.DONE).select_related("payment"):
        book_refunded(refund, refund.done_at or refund.created_at)


def _follow(parcel: Parcel) -> None:
    """The parcel's moves and refunds, as they came: what settles it comes before what is then given back."""
    happened: list[tuple[datetime, int, object]] = [
        (event.happened_at, 0, event.event) for event in parcel.events.filter(event=Event.POST)
    ]
    if parcel.settled_at:
        happened.append((parcel.settled_at, 1, Event.SETTLE))
    happened += [(refund.created_at, 2, refund) for refund in parcel.refunds.select_related("payment")]
    for moment, _rank, what in sorted(happened, key=lambda each: each[:2]):
        if isinstance(what, Refund):
            book_refund_owed(what, moment)
        else:
            follow_parcel(parcel=parcel, event=Event(str(what)), now=moment)
