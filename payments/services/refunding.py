"""Giving money back: a row in the transaction that decides it, sent afterwards by a task, at most once.

What cannot be exceeded is what was paid: a trigger on the table adds up (see payments/models/refunds.py).
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse

from common.transactions import needs_transaction, use_case
from common.wake import wake
from notifications.services import notify
from notifications.webhooks import publish
from orders.models import Order, Parcel
from payments.errors import RefundExceedsPaid
from payments.gateways import get_gateway
from payments.gateways.base import GatewayUnavailable, RefundAnswer, RefundState
from payments.gateways.direct import DIRECT, OFFLINE
from payments.models import Payment, Refund
from payments.services.booking import book_refund_owed, book_refunded, book_round_up_back

logger = logging.getLogger(__name__)

BATCH = 10
MAX_ATTEMPTS = 12  # about three days
Status = Refund.Status


@needs_transaction
def lock_payment_of(order_id: int) -> Payment | None:
    """The payment that paid for an order, locked: what goes back is taken from it. To be taken before Order and Parcel."""
    paid = Payment.objects.filter(order_id=order_id, status=Payment.Status.SUCCEEDED)
    return paid.select_for_update(no_key=True).first()


@needs_transaction
def owe_refund(
    *,
    payment: Payment,
    amount_fen: int,
    reason: Refund.Reason,
    now: datetime,
    parcel: Parcel | None = None,
    lines: Mapping[int, int] | None = None,
) -> Refund:
    """Owe `amount_fen` of a payment back to its buyer, and book it; a step. The caller holds payment and parcel.

    `lines` says how many fen of it are for the produce of which line of the parcel. Raises RefundExceedsPaid.
    """
    try:
        with transaction.atomic():  # a savepoint, so that the caller may go on after a refusal
            refund = Refund.objects.create(
                payment=payment,
                parcel=parcel,
                reference=f"R{now:%Y%m%d}{secrets.token_hex(8).upper()}",
                amount_fen=amount_fen,
                reason=reason,
                next_attempt_at=now,
                created_at=now,
            )
    except IntegrityError as error:
        if "refund_within_paid" in str(error) or "would exceed" in str(error):
            raise RefundExceedsPaid from error
        raise
    if parcel:  # money that nobody wanted was booked as the buyer's when it came in
        book_refund_owed(refund, now, lines)
    elif reason == Refund.Reason.ROUND_UP:
        book_round_up_back(refund, now)
    if payment.gateway in DIRECT:
        _ask_farmer_to_return(refund, now)
    wake("payments.tasks.send_refunds")
    return refund


def _ask_farmer_to_return(refund: Refund, now: datetime) -> None:
    """The farmer who was paid directly has to give it back by hand: nobody else has the money."""
    parcel = Parcel.objects.select_related("farmer__user", "order").filter(order=refund.payment.order_id)[0]
    notify(
        recipient=parcel.farmer.user,
        kind="offline_refund_owed",
        about=f"refund:{refund.pk}",
        now=now,
        link=reverse("payments:farm_money"),
        number=parcel.order.number,
        amount_fen=refund.amount_fen,
        **({} if refund.payment.gateway == OFFLINE else {"audience": "on_delivery"}),
    )


@use_case
def claim_refunds(now: datetime) -> list[int]:
    """Take the refunds to send now. A claim that dies is due again at `next_attempt_at`, under the same reference."""
    due = (
        Refund.objects.filter(status__in=[Status.DUE, Status.SENT], next_attempt_at__lte=now)
        .order_by("next_attempt_at")
        .select_for_update(skip_locked=True, no_key=True)[:BATCH]
    )
    claimed = list(due)
    for refund in claimed:
        refund.attempts += 1
        refund.status = Status.SENT
        refund.next_attempt_at = now + timedelta(minutes=min(2**refund.attempts, 720))
        refund.save(update_fields=["attempts", "status", "next_attempt_at"])
    return [refund.pk for refund in claimed]


@needs_transaction
def ask_about_soon(gateway: str, reference: str, now: datetime) -> bool:
    """Something became of a refund that was sent: have it asked about at the next sweep; a step. Whether there is such a one.

    One that was parked is taken up again. One that was never sent is not touched.
    """
    sent = Refund.objects.filter(payment__gateway=gateway, reference=reference, attempts__gt=0).exclude(
        status=Status.DONE
    )
    found = list(sent.select_for_update(no_key=True, of=("self",)))
    for refund in found:
        refund.status, refund.next_attempt_at = Status.SENT, now
        refund.attempts = min(refund.attempts, MAX_ATTEMPTS - 2)
        refund.save(update_fields=["status", "next_attempt_at", "attempts"])
    if found:
        wake("payments.tasks.send_refunds")
    return bool(found)


def send_refund(*, refund_id: int, now: datetime) -> None:
    """Send one claimed refund and record the answer. Safe twice: the provider knows it by its reference."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.status != Status.SENT:
        return
    try:
        answer = _ask(refund)
    except GatewayUnavailable as error:
        answer = RefundAnswer(state=RefundState.PROCESSING, note=f"no answer: {error}")
    if answer.state == RefundState.DONE:
        finish_refund(refund_id=refund.pk, now=now)
    elif answer.state == RefundState.REFUSED or refund.attempts >= MAX_ATTEMPTS:
        park_refund(refund_id=refund.pk, note=answer.note)
    else:
        note_attempt(refund_id=refund.pk, note=answer.note)


def _ask(refund: Refund) -> RefundAnswer:
    """After the first try, ask what became of it before sending it again."""
    gateway = get_gateway(refund.payment.gateway)
    if refund.attempts > 1:
        answer = gateway.query_refund(refund)
        if answer.state != RefundState.UNKNOWN:
            return answer
    return gateway.refund(refund)


@use_case
def finish_refund(*, refund_id: int, now: datetime) -> None:
    """The provider has given the money back: tell the buyer. Doing it twice changes nothing."""
    payment_id = Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id)
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    order = Order.objects.select_for_update(no_key=True).filter(payments=payment).first()
    refund = Refund.objects.select_for_update(no_key=True).get(pk=refund_id)
    if refund.status == Status.DONE:
        return
    refund.status, refund.done_at, refund.last_error = Status.DONE, now, ""
    refund.save(update_fields=["status", "done_at", "last_error"])
    book_refunded(refund, now)
    if order is None:
        _tell_giver(refund, payment, now)
    else:
        _tell_buyer(refund, payment, order, now)


@needs_transaction
def _tell_buyer(refund: Refund, payment: Payment, order: Order, now: datetime) -> None:
    notify(
        recipient=order.buyer,
        kind="refund_done",
        about=f"refund:{refund.pk}",
        now=now,
        link=reverse("orders:order_detail", args=[order.number]),
        number=order.number,
        amount_fen=refund.amount_fen,
        reason=refund.reason,
        **_by_hand(payment),
    )
    publish("payment.refunded", to=[order.buyer_id], now=now, order=order.number, amount_fen=refund.amount_fen)


def _by_hand(payment: Payment) -> dict[str, str]:
    if payment.gateway not in DIRECT:
        return {}
    return {"audience": "by_hand" if payment.gateway == OFFLINE else "on_delivery"}


@needs_transaction
def _tell_giver(refund: Refund, payment: Payment, now: datetime) -> None:
    """Guests read it on the page of their gift."""
    if payment.gift is not None and payment.gift.giver is not None:
        notify(
            recipient=payment.gift.giver,
            kind="gift_refunded",
            about=f"refund:{refund.pk}",
            now=now,
            link=reverse("fund:gift", args=[payment.gift.token]),
            number=payment.gift.number,
            amount_fen=refund.amount_fen,
        )


@use_case
def park_refund(*, refund_id: int, note: str) -> None:
    """Give up for now: a person has to look. The row keeps its claim on the payment's sum."""
    parked = Refund.objects.filter(pk=refund_id, status=Status.SENT)
    if parked.update(status=Status.FAILED, last_error=note[:200]):
        logger.error("refund %s needs a look: %s", refund_id, note)


@use_case
def note_attempt(*, refund_id: int, note: str) -> None:
    Refund.objects.filter(pk=refund_id, status=Status.SENT).update(last_error=note[:200])


@use_case
def retry_refund(*, refund_id: int, now: datetime) -> bool:
    """Send a parked refund again, under the same reference: whether there was one to send."""
    parked = Refund.objects.filter(pk=refund_id, status=Status.FAILED)
    is_due = bool(parked.update(status=Status.DUE, attempts=1, next_attempt_at=now))
    if is_due:
        wake("payments.tasks.send_refunds")
    return is_due
