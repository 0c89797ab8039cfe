"""Payments into a farmer's own code: the buyer says that they paid, the farmer says whether it came. Only the farmer's word
counts, and it settles the order the way a provider's notification does.

Locks: Payment → Order → Parcel → Lot.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from common.errors import NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.errors import WrongMove
from orders.models import Order
from orders.services import paying
from payments import on_delivery_queries
from payments.errors import AlreadyPaid, TimeToPayIsOver
from payments.gateways.direct import money_came
from payments.gateways.offline import NAME
from payments.models import GatewayMessage, OfflinePayment, Payment, Refund
from payments.services.refunding import finish_refund
from payments.services.settling import end_payment, settle

Status = Payment.Status
MONEY_CAME = (Status.SUCCEEDED, Status.TO_REFUND)


def of_farmer(user: User) -> QuerySet[Payment]:
    """Payments by this farmer's own code."""
    return Payment.objects.filter(gateway=NAME, offline__code__farmer__user=user)


@use_case
def say_paid(*, order_id: int, buyer: User, now: datetime) -> OfflinePayment:
    """The buyer says that they paid: their packs are kept until the farmer had time to look, and the farmer is asked to.

    Saying it twice is saying it once. Raises NotAllowed for another's order or one without such a payment, AlreadyPaid,
    TimeToPayIsOver.
    """
    payment = _lock_newest(order_id)
    if payment is None or payment.ordered.buyer_id != buyer.pk:
        raise NotAllowed
    trade = OfflinePayment.objects.select_related("code__farmer__user").get(payment=payment)
    if payment.status in MONEY_CAME:
        raise AlreadyPaid
    if payment.status != Status.STARTED:
        raise TimeToPayIsOver
    if trade.said_at is not None:
        return trade
    try:
        order = paying.wait_for_farmer(order_id=order_id, buyer=buyer, now=now)
    except WrongMove as error:
        raise TimeToPayIsOver from error
    trade.said_at = now
    trade.save(update_fields=["said_at"])
    _tell(trade.code.farmer.user, "offline_said", payment, now, _farmers_page(order), until=order.pay_by)
    return trade


def say_came(*, order_number: str, farmer: User, now: datetime) -> GatewayMessage:
    """The farmer has the money: the order is settled as by a provider's word, once however often it is said.

    It may be said late, or after they said that none came: then the rule for late payments holds. Raises NotAllowed for an
    order that was not to be paid by this farmer's code.
    """
    payment = of_farmer(farmer).filter(order__number=order_number).order_by("-pk").first()
    if payment is None:
        raise NotAllowed
    return settle(money_came(payment, farmer, now), now)


@use_case
def say_none_came(*, order_number: str, farmer: User, now: datetime) -> Payment:
    """The farmer sees no money: the buyer is told, and has TIME_TO_PAY to pay in another way or to talk to the farmer.

    Raises NotAllowed as `say_came`, WrongState when the buyer has not said that they paid, or it has ended already.
    """
    found = of_farmer(farmer).filter(order__number=order_number).order_by("-pk").first()
    if found is None:
        raise NotAllowed
    payment = Payment.objects.select_for_update(no_key=True).get(pk=found.pk)
    trade = OfflinePayment.objects.get(payment=payment)
    if payment.status != Status.STARTED or trade.said_at is None:
        raise WrongState
    end_payment(payment, Status.FAILED)
    try:
        order = paying.pay_again(order_id=payment.ordered.pk, farmer=farmer, now=now)
    except WrongMove:  # the time to pay is over anyway
        order = payment.ordered
    link = reverse("payments:offline_pay", args=[order.number])
    _tell(order.buyer, "offline_denied", payment, now, link, until=order.pay_by if order.pay_by > now else None)
    return payment


def say_returned(*, refund_id: int, farmer: User, now: datetime) -> None:
    """The farmer has given a refund back by hand: it is done, and the buyer is told. Twice: once.

    Raises NotAllowed for a refund that is not this farmer's to give.
    """
    if not to_return(farmer, done=True).filter(pk=refund_id).exists():
        raise NotAllowed
    finish_refund(refund_id=refund_id, now=now)


def to_return(user: User, *, done: bool = False) -> QuerySet[Refund]:
    """What this farmer has to give back to buyers by hand, oldest first; with `done`, also what they have given."""
    paid = Q(payment__in=of_farmer(user)) | Q(payment__in=on_delivery_queries.of_farmer(user))
    theirs = Refund.objects.filter(paid).select_related("payment__order").order_by("pk")
    return theirs if done else theirs.exclude(status=Refund.Status.DONE)


@needs_transaction
def _lock_newest(order_id: int) -> Payment | None:
    own = Payment.objects.filter(order=order_id, gateway=NAME).order_by("-pk")
    return own.select_related("order").select_for_update(no_key=True, of=("self",)).first()


def _farmers_page(order: Order) -> str:
    return reverse("payments:offline_answer", args=[order.number])


def _tell(person: User, kind: str, payment: Payment, now: datetime, link: str, **context: Any) -> None:
    notify(
        recipient=person,
        kind=kind,
        about=f"payment:{payment.pk}",
        now=now,
        link=link,
        number=payment.ordered.number,
        amount_fen=payment.amount_fen,
        **context,
    )
