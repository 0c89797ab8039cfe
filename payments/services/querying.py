"""Asking the provider what became of a payment: notifications get lost, and a paid order may not wait for one."""

import logging
from datetime import datetime, timedelta

from common.transactions import use_case
from orders.models import Order
from payments.gateways import get_gateway
from payments.gateways.base import Gateway, GatewayRefused, GatewayUnavailable, Trade, TradeState
from payments.gateways.on_delivery import NAME as ON_DELIVERY
from payments.models import GatewayMessage, Payment
from payments.services.settling import end_payment, settle

logger = logging.getLogger(__name__)

ASK_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
BEFORE_RELEASE = timedelta(seconds=40)  # long enough for one sweep before the stock goes back on sale
AFTER_RELEASE = timedelta(seconds=60)
BATCH = 20


def first_query_at(*, started_at: datetime, pay_by: datetime) -> datetime:
    """When to ask about a payment for the first time."""
    return _plan(started_at, pay_by)[0]


def next_query_at(payment: Payment, pay_by: datetime, now: datetime) -> datetime:
    """When to ask next: by plan until the time to pay is over, then less and less often until the provider has closed it."""
    for moment in _plan(payment.started_at, pay_by):
        if moment > now:
            return moment
    return now + timedelta(minutes=min(2 ** min(payment.queries, 10), 60))


def _plan(started_at: datetime, pay_by: datetime) -> list[datetime]:
    moments = [started_at + wait for wait in ASK_AFTER]
    in_time = [moment for moment in moments if moment < pay_by - BEFORE_RELEASE]
    return [*in_time, max(pay_by - BEFORE_RELEASE, started_at), pay_by + AFTER_RELEASE]


@use_case
def claim_queries(now: datetime) -> list[int]:
    """Take the payments to ask about now; a worker that dies leaves them due at the next moment of their plan."""
    due = (
        Payment.objects.filter(status=Payment.Status.STARTED, query_at__lte=now)
        .select_related("order", "gift")
        .order_by("query_at")
        .select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH]
    )
    claimed = list(due)
    for payment in claimed:
        payment.queries = min(payment.queries + 1, 10_000)
        payment.query_at = next_query_at(payment, payment.pay_by, now)
        payment.save(update_fields=["queries", "query_at"])
    return [payment.pk for payment in claimed]


def ask_provider(*, payment_id: int, now: datetime, is_over: bool = False) -> None:
    """Ask about one payment and apply the answer. A provider that does not answer changes nothing.

    An open trade is closed once the time to pay is over, or when the buyer pays in another way (`is_over`).
    """
    payment = Payment.objects.select_related("order", "gift").get(pk=payment_id)
    if payment.status != Payment.Status.STARTED:
        return
    try:
        gateway = get_gateway(payment.gateway)
        trade = gateway.query(payment)
        if trade.state in (TradeState.WAITING, TradeState.UNKNOWN) and (is_over or _is_over(payment, now)):
            trade = _close(gateway, payment, trade)
    except GatewayUnavailable as error:
        logger.warning("asking about payment %s: %s", payment.reference, error)
        return
    _apply(payment, trade, now)


def _is_over(payment: Payment, now: datetime) -> bool:
    return payment.paid_for.status != Order.Status.UNPAID or payment.pay_by <= now  # a gift's is called the same


def _close(gateway: Gateway, payment: Payment, trade: Trade) -> Trade:
    """Query, close, query again: the buyer may have paid between the first two."""
    if trade.state == TradeState.UNKNOWN:
        return Trade(state=TradeState.CLOSED)
    try:
        gateway.close(payment)
    except GatewayRefused:
        logger.info("payment %s could not be closed, asking again", payment.reference)
    return gateway.query(payment)


def _apply(payment: Payment, trade: Trade, now: datetime) -> None:
    if trade.state == TradeState.PAID and trade.paid:
        message = settle(trade.paid, now)
        if message.outcome == GatewayMessage.Outcome.QUARANTINED:
            _stop_asking(payment_id=payment.pk)
    elif trade.state in (TradeState.FAILED, TradeState.CLOSED):
        _end(payment_id=payment.pk, status=Payment.Status(trade.state.value))


@use_case
def _end(*, payment_id: int, status: Payment.Status) -> None:
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    if payment.status != Payment.Status.STARTED:
        return
    if payment.gateway == ON_DELIVERY and payment.ordered.status == Order.Status.PROMISED:
        return  # it was promised while we asked whether it was
    end_payment(payment, status)


@use_case
def _stop_asking(*, payment_id: int) -> None:
    """A person has to look at this one; the answer will not change."""
    Payment.objects.filter(pk=payment_id, status=Payment.Status.STARTED).update(query_at=None)
