"""Our adapter to nobody: a trade is open for as long as its order is promised, and only the farmer's word pays it."""

from datetime import datetime

from django.urls import reverse

from orders.models import Order
from payments.gateways.base import (
    GatewayRefused,
    Trade,
    TradeState,
    Visitor,
)
from payments.gateways.direct import NobodyBetween
from payments.gateways.on_delivery import NAME
from payments.models import Payment


class OnDeliveryGateway(NobodyBetween):
    """Keeps payments.gateways.base.Gateway."""

    name = NAME

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
