"""Our adapter to nobody: what a provider would know stands in our own tables, put there by buyer and farmer."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from payments.gateways.base import (
    GatewayRefused,
    Trade,
    TradeState,
    Visitor,
)
from payments.gateways.direct import NobodyBetween
from payments.gateways.offline import NAME, desk
from payments.models import OfflinePayment, Payment


class OfflineGateway(NobodyBetween):
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
        """The page with the farmer's code. Raises GatewayRefused when there is none to show, or no more."""
        desk.open_trade(payment_id=payment.pk, now=timezone.now())
        return reverse("payments:offline_pay", args=[payment.ordered.number])

    def query(self, payment: Payment) -> Trade:
        """Open until it is closed: that it was paid is never learned by asking, the farmer's word settles it at once."""
        trade = OfflinePayment.objects.filter(payment=payment).first()
        if trade is None:
            return Trade(state=TradeState.UNKNOWN)
        return Trade(state=TradeState.CLOSED if trade.closed_at else TradeState.WAITING)

    def close(self, payment: Payment) -> None:
        """Raises GatewayRefused while the buyer says that they paid and the farmer still has time to look."""
        if not desk.close_trade(payment_id=payment.pk, now=timezone.now()):
            raise GatewayRefused("the farmer has not said yet")
