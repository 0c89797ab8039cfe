"""Our adapter to nobody: what a provider would know stands in our own tables, put there by buyer and farmer."""

from collections.abc import Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

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
from payments.gateways.offline import MERCHANT_ID, NAME, desk
from payments.models import OfflinePayment, Payment, Refund


class OfflineGateway:
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

    def refund(self, refund: Refund) -> RefundAnswer:
        """The farmer has to give it back by hand, and says so on their own page."""
        return RefundAnswer(state=RefundState.PROCESSING, note="the farmer gives it back by hand")

    def query_refund(self, refund: Refund) -> RefundAnswer:
        return RefundAnswer(state=RefundState.PROCESSING, note="the farmer gives it back by hand")

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Nobody posts anything here."""
        raise MalformedNotification
