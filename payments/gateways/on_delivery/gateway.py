"""Our adapter to nobody: a trade is open for as long as its order is promised, and only the farmer's word pays it."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse

from orders.models import Order
from payments.gateways.base import (
    GatewayRefused,
    MalformedNotification,
    Notification,
    RefundAnswer,
    RefundState,
    Trade,
    TradeState,
    Visitor,
)
from payments.gateways.on_delivery import MERCHANT_ID, NAME
from payments.models import Payment, Refund

BY_HAND = RefundAnswer(state=RefundState.PROCESSING, note="the farmer gives it back by hand")


class OnDeliveryGateway:
    """Keeps payments.gateways.base.Gateway."""

    name = NAME
    merchant_id = MERCHANT_ID
    notification_content_type = ""

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
        """The page that says what is promised, and asks for it."""
        return reverse("payments:promise", args=[payment.ordered.number])

    def query(self, payment: Payment) -> Trade:
        """Nobody knows of it until it was promised; that it was paid is never learned by asking."""
        promised = Order.objects.filter(payments=payment, status=Order.Status.PROMISED).exists()
        return Trade(state=TradeState.WAITING if promised else TradeState.UNKNOWN)

    def close(self, payment: Payment) -> None:
        """Raises GatewayRefused: what was promised stands, and what was not needs no closing."""
        raise GatewayRefused("it was promised")

    def refund(self, refund: Refund) -> RefundAnswer:
        """The farmer has to give it back by hand, and says so on their own page."""
        return BY_HAND

    def query_refund(self, refund: Refund) -> RefundAnswer:
        return BY_HAND

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Nobody posts anything here."""
        raise MalformedNotification
