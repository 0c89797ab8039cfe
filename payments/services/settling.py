"""Believing a provider: each message is applied once, in one transaction, after it was compared with what we asked for."""

import logging
import secrets
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.errors import StockGone
from orders.models import Order
from orders.services.paying import mark_paid
from orders.services.promising import note_money
from payments.gateways import get_gateway
from payments.gateways.base import CURRENCY, FailedEvent, Notification, OtherNews, PaidEvent, RefundNews
from payments.gateways.on_delivery import NAME as ON_DELIVERY
from payments.models import GatewayMessage, Gift, Payment, Refund
from payments.services.booking import book_gift, book_paid, book_unwanted
from payments.services.refunding import ask_about_soon, owe_refund

logger = logging.getLogger(__name__)

Outcome = GatewayMessage.Outcome
MONEY_CAME = (Payment.Status.SUCCEEDED, Payment.Status.TO_REFUND)


@use_case
def settle(event: PaidEvent, now: datetime) -> GatewayMessage:
    """Apply a verified "paid". Providers repeat themselves; we act once.

    The order becomes paid, or, when that is no longer possible, the money is owed back. What does not match what we asked
    for is kept as QUARANTINED and changes nothing. Locks: Payment → Order or Gift → Parcel → Lot.
    """
    message, is_new = _remember(event, now)
    if not is_new:
        return message
    payment = Payment.objects.select_for_update(no_key=True).filter(reference=event.reference).first()
    if problem := _mismatch(payment, event):
        return _conclude(message, Outcome.QUARANTINED, problem)
    assert payment is not None  # noqa: S101 - _mismatch says so of None
    return _conclude(message, _apply(payment, event, now))


@use_case
def record_failure(event: FailedEvent, now: datetime) -> GatewayMessage:
    """Apply a verified "will not be paid": the buyer may start another payment while there is time."""
    message, is_new = _remember(event, now)
    if not is_new:
        return message
    payment = Payment.objects.select_for_update(no_key=True).filter(reference=event.reference).first()
    if payment is None or payment.gateway != event.gateway:
        return _conclude(message, Outcome.QUARANTINED, "unknown reference")
    if payment.status != Payment.Status.STARTED:
        return _conclude(message, Outcome.NO_CHANGE)
    end_payment(payment, Payment.Status.FAILED)
    return _conclude(message, Outcome.APPLIED)


@use_case
def record_refund_news(event: RefundNews, now: datetime) -> GatewayMessage:
    """Something became of a refund: the provider is asked at once what, and its answer counts. Nothing is taken on its word."""
    message, is_new = _remember(event, now)
    if not is_new:
        return message
    return _conclude(
        message, Outcome.APPLIED if ask_about_soon(event.gateway, event.refund_reference, now) else Outcome.NO_CHANGE
    )


@use_case
def record_other_news(event: OtherNews, now: datetime) -> GatewayMessage:
    """Keep what needs nothing to be done."""
    message, _is_new = _remember(event, now)
    return message


def take(event: Notification, now: datetime) -> GatewayMessage:
    """Apply whatever a provider posted, once it is known to be the provider's."""
    match event:
        case PaidEvent():
            return settle(event, now)
        case FailedEvent():
            return record_failure(event, now)
        case RefundNews():
            return record_refund_news(event, now)
        case OtherNews():
            return record_other_news(event, now)


@needs_transaction
def end_payment(payment: Payment, status: Payment.Status) -> None:
    """Close the books of an attempt that brought no money; the caller holds the row."""
    payment.status, payment.query_at = status, None
    payment.save(update_fields=["status", "query_at"])


def _remember(event: Notification, now: datetime) -> tuple[GatewayMessage, bool]:
    """The unique key is the lock: a second copy waits here until the first has committed, then is not new."""
    return GatewayMessage.objects.get_or_create(
        gateway=event.gateway,
        event_id=event.event_id,
        defaults={"payload": dict(event.payload), "outcome": Outcome.NO_CHANGE, "received_at": now},
    )


def _conclude(message: GatewayMessage, outcome: GatewayMessage.Outcome, note: str = "") -> GatewayMessage:
    message.outcome, message.note = outcome, note
    message.save(update_fields=["outcome", "note"])
    if outcome == Outcome.QUARANTINED:
        logger.error("payment message %s quarantined: %s", message, note)
    return message


def _mismatch(payment: Payment | None, event: PaidEvent) -> str:
    """What about the message is not as we asked; empty if all is."""
    if payment is None or payment.gateway != event.gateway:
        return "unknown reference"
    if event.merchant_id != get_gateway(event.gateway).merchant_id:
        return f"another merchant: {event.merchant_id[:64]}"
    if event.currency != CURRENCY:
        return f"another currency: {event.currency[:16]}"
    if event.amount_fen != payment.amount_fen:
        return f"another amount: {event.amount_fen} fen instead of {payment.amount_fen}"
    known = Payment.objects.filter(gateway=event.gateway, trade_number=event.trade_number).first()
    if known and (known.order_id, known.gift_id) != (payment.order_id, payment.gift_id):
        return f"trade belongs to payment {known.reference}"
    return ""


def _apply(payment: Payment, event: PaidEvent, now: datetime) -> GatewayMessage.Outcome:
    paid_for = _lock(payment)
    if Payment.objects.filter(gateway=event.gateway, trade_number=event.trade_number).exists():
        return Outcome.NO_CHANGE  # this very trade was applied, from a notification or from asking
    if payment.status in MONEY_CAME:
        payment = _surplus_of(payment, now)
    payment.trade_number, payment.paid_at, payment.query_at = event.trade_number, event.paid_at, None
    payment.payer_mark = mark_of(event)
    reason = _pay_gift(paid_for, event) if isinstance(paid_for, Gift) else _pay_order(paid_for, payment, now)
    payment.status = Payment.Status.TO_REFUND if reason else Payment.Status.SUCCEEDED
    payment.save(update_fields=["trade_number", "paid_at", "payer_mark", "query_at", "status"])
    if reason:
        book_unwanted(payment, now)
        _give_back(payment, reason, now)
    elif isinstance(paid_for, Gift):
        book_gift(payment, paid_for, now)
        for path in settings.AFTER_GIFTS:
            import_string(path)(gift=paid_for, now=now)
    else:
        book_paid(payment, now)
    return Outcome.APPLIED


def mark_of(event: PaidEvent) -> str:
    """Who paid, as we keep it: a keyed hash, good for comparing and nothing else; "" where the provider doesn't say."""
    if not event.payer:
        return ""
    return salted_hmac("payments.payer", f"{event.gateway}:{event.payer}", algorithm="sha256").hexdigest()


def _lock(payment: Payment) -> Order | Gift:
    """What was to be paid, held."""
    if payment.gift_id:
        held = Gift.objects.select_for_update(no_key=True, of=("self",)).select_related("account", "giver")
        return held.get(pk=payment.gift_id)
    return Order.objects.select_for_update(no_key=True).get(payments=payment)


def _pay_gift(gift: Gift, event: PaidEvent) -> Refund.Reason | None:
    """A gift is welcome at any time, once."""
    if gift.status == Gift.Status.PAID:
        return Refund.Reason.PAID_TWICE
    gift.status, gift.paid_at = Gift.Status.PAID, event.paid_at
    gift.save(update_fields=["status", "paid_at"])
    return None


def _pay_order(order: Order, payment: Payment, now: datetime) -> Refund.Reason | None:
    """Mark the order paid, or say why its money has to go back."""
    if payment.gateway == ON_DELIVERY:
        note_money(order, now)
        return None
    if order.payments.filter(status=Payment.Status.SUCCEEDED).exists():
        return Refund.Reason.PAID_TWICE
    if order.status in (Order.Status.CANCELLED, Order.Status.REFUSED):
        return Refund.Reason.PAID_LATE
    try:
        became_paid = mark_paid(order_id=order.pk, now=now)
    except StockGone:
        return Refund.Reason.PAID_LATE
    return None if became_paid else Refund.Reason.PAID_TWICE


def _surplus_of(payment: Payment, now: datetime) -> Payment:
    """A second trade came in under one reference: it gets a row of its own, so that it can be given back on its own."""
    return Payment.objects.create(
        order_id=payment.order_id,
        gift_id=payment.gift_id,
        gateway=payment.gateway,
        reference=f"X{now:%Y%m%d}{secrets.token_hex(8).upper()}",
        amount_fen=payment.amount_fen,
        status=Payment.Status.TO_REFUND,
        started_at=payment.started_at,
    )


def _give_back(payment: Payment, reason: Refund.Reason, now: datetime) -> None:
    owe_refund(payment=payment, amount_fen=payment.amount_fen, reason=reason, now=now)
    if payment.order is None:
        return  # a gift's page says so, and guests have nothing else
    order = payment.order
    notify(
        recipient=order.buyer,
        kind="payment_twice_refund" if reason == Refund.Reason.PAID_TWICE else "payment_late_refund",
        about=f"payment:{payment.pk}",
        now=now,
        link=order_link(order),
        number=order.number,
        amount_fen=payment.amount_fen,
    )


def order_link(order: Order) -> str:
    """The page of an order, as notifications link to it."""
    return reverse("orders:order_detail", args=[order.number])
