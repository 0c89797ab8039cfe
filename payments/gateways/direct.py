"""The ways by which a farmer is paid with nobody in between: nothing of it is held, shared or paid out, and the farmer's
word alone says that it came or went back.
"""

from collections.abc import Mapping
from datetime import datetime

from accounts.models import User
from payments.gateways.base import CURRENCY, MalformedNotification, Notification, PaidEvent, RefundAnswer, RefundState
from payments.gateways.offline import NAME as OFFLINE
from payments.gateways.on_delivery import NAME as ON_DELIVERY
from payments.models import Payment, Refund

DIRECT = (OFFLINE, ON_DELIVERY)
TRADES = {OFFLINE: "OFF", ON_DELIVERY: "COD"}
MERCHANT_ID = "farmer"
BY_HAND = RefundAnswer(state=RefundState.PROCESSING, note="the farmer gives it back by hand")


class NobodyBetween:
    """What the adapters of these ways have in common: no provider is there to give anything back, or to send news."""

    merchant_id = MERCHANT_ID
    notification_content_type = ""

    def refund(self, refund: Refund) -> RefundAnswer:
        """The farmer has to give it back by hand, and says so on their own page."""
        return BY_HAND

    def query_refund(self, refund: Refund) -> RefundAnswer:
        return BY_HAND

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Nobody posts anything here."""
        raise MalformedNotification


def money_came(payment: Payment, farmer: User, now: datetime) -> PaidEvent:
    """The farmer's word that they have the money, as `settle` takes a provider's: the same one however often it is given."""
    return PaidEvent(
        gateway=payment.gateway,
        event_id=f"came:{payment.pk}",
        reference=payment.reference,
        trade_number=f"{TRADES[payment.gateway]}{payment.pk}",
        merchant_id=MERCHANT_ID,
        amount_fen=payment.amount_fen,
        currency=CURRENCY,
        paid_at=now,
        payload={"said_by": farmer.pk, "amount_fen": payment.amount_fen},
    )
