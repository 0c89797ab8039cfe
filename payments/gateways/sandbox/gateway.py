"""Our adapter to the sandbox provider. Calls to it stay inside this process; its notifications come over HTTP."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from payments.gateways.base import (
    CURRENCY,
    FailedEvent,
    GatewayRefused,
    MalformedNotification,
    PaidEvent,
    RefundAnswer,
    RefundState,
    Trade,
    TradeState,
    Visitor,
)
from payments.gateways.reading import identifier, json_object
from payments.gateways.sandbox import MERCHANT_ID, NAME, provider, require_embedded, signing
from payments.models import Payment, Refund, SandboxRefund, SandboxTrade


class SandboxGateway:
    """Keeps payments.gateways.base.Gateway. Making one outside the embedded mode raises ImproperlyConfigured."""

    name = NAME
    merchant_id = MERCHANT_ID
    notification_content_type = "application/json"

    def __init__(self) -> None:
        require_embedded()

    def create(
        self,
        payment: Payment,
        *,
        subject: str,
        expires_at: datetime,
        notify_url: str,
        return_url: str,
        visitor: Visitor,
    ) -> str:
        try:
            trade = provider.create_trade(
                reference=payment.reference,
                subject=subject,
                amount_fen=payment.amount_fen,
                notify_url=notify_url,
                return_url=return_url,
                expires_at=expires_at,
                now=timezone.now(),
            )
        except provider.ProviderSaysNo as error:
            raise GatewayRefused(error.message) from error
        return reverse("payments:sandbox_cashier", args=[trade.token])

    def query(self, payment: Payment) -> Trade:
        trade = SandboxTrade.objects.filter(reference=payment.reference).first()
        if trade is None:
            return Trade(state=TradeState.UNKNOWN)
        if trade.status != SandboxTrade.Status.PAID:
            return Trade(state=TradeState(trade.status))
        paid = PaidEvent(
            gateway=NAME,
            event_id=f"query:{trade.trade_number}",
            reference=trade.reference,
            trade_number=trade.trade_number,
            merchant_id=MERCHANT_ID,
            amount_fen=trade.amount_fen,
            currency=CURRENCY,
            paid_at=trade.decided_at or timezone.now(),
            payload={"asked": True, "trade_number": trade.trade_number, "amount_fen": trade.amount_fen},
        )
        return Trade(state=TradeState.PAID, paid=paid)

    def close(self, payment: Payment) -> None:
        try:
            provider.close_trade(reference=payment.reference, now=timezone.now())
        except provider.ProviderSaysNo as error:
            raise GatewayRefused(error.message) from error

    def refund(self, refund: Refund) -> RefundAnswer:
        try:
            provider.refund_trade(
                trade_number=refund.payment.trade_number,
                refund_reference=refund.reference,
                amount_fen=refund.amount_fen,
                now=timezone.now(),
            )
        except provider.ProviderSaysNo as error:
            return RefundAnswer(state=RefundState.REFUSED, note=error.message)
        return RefundAnswer(state=RefundState.DONE)

    def query_refund(self, refund: Refund) -> RefundAnswer:
        known = SandboxRefund.objects.filter(reference=refund.reference).exists()
        return RefundAnswer(state=RefundState.DONE if known else RefundState.UNKNOWN)

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> PaidEvent | FailedEvent:
        signing.verify(body, headers, now)
        values = json_object(body)
        event_id, reference = identifier(values, "event_id"), identifier(values, "reference")
        if values.get("event_type") == "trade.failed":
            return FailedEvent(gateway=NAME, event_id=event_id, reference=reference, payload=values)
        paid_at = parse_datetime(str(values.get("paid_at", "")))
        amount_fen = values.get("amount_fen")
        if values.get("event_type") != "trade.paid" or type(amount_fen) is not int or not paid_at or not paid_at.tzinfo:
            raise MalformedNotification("event_type, amount_fen or paid_at")
        return PaidEvent(
            gateway=NAME,
            event_id=event_id,
            reference=reference,
            trade_number=identifier(values, "trade_number"),
            merchant_id=str(values.get("merchant_id", "")),
            amount_fen=amount_fen,
            currency=str(values.get("currency", "")),
            paid_at=paid_at,
            payload=values,
        )
