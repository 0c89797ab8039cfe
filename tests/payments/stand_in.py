"""A provider that answers as a test tells it to: slowly, wrongly, or not at all."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from payments.gateways.base import GatewayRefused, GatewayUnavailable, PaidEvent, RefundAnswer, RefundState, Trade
from payments.gateways.base import TradeState as State
from payments.models import Payment, Refund
from tests.payments.scene import paid_event


class StandIn:
    """Keeps the Gateway protocol. Each attribute is what the next calls answer; an exception is raised instead."""

    name = "sandbox"
    merchant_id = "sandbox-merchant-1"
    notification_content_type = "application/json"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.sent_refunds: list[str] = []
        self.url: Any = "https://pay.example/cashier"
        self.trades: list[Any] = [Trade(state=State.WAITING)]  # the last one stays
        self.closing: Any = None
        self.refunding: Any = RefundAnswer(state=RefundState.DONE)
        self.refund_known: Any = RefundAnswer(state=RefundState.UNKNOWN)

    def create(self, payment: Payment, **_said: Any) -> str:
        self.calls.append("create")
        url: str = _answer(self.url)
        return url

    def query(self, payment: Payment) -> Trade:
        self.calls.append("query")
        trade = self.trades.pop(0) if len(self.trades) > 1 else self.trades[0]
        return _answer(trade(payment) if callable(trade) else trade)

    def close(self, payment: Payment) -> None:
        self.calls.append("close")
        _answer(self.closing)

    def refund(self, refund: Refund) -> RefundAnswer:
        self.calls.append("refund")
        self.sent_refunds.append(refund.reference)
        return _answer(self.refunding)

    def query_refund(self, refund: Refund) -> RefundAnswer:
        self.calls.append("query_refund")
        return _answer(self.refund_known)

    def parse_notification(self, body: bytes, headers: Any, now: datetime) -> PaidEvent:
        raise NotImplementedError


def _answer(what: Any) -> Any:
    if isinstance(what, Exception):
        raise what
    return what


def paid(**changes: Any) -> Callable[[Payment], Trade]:
    """The provider says, when asked, that the payment was paid."""

    def say(payment: Payment) -> Trade:
        event = paid_event(payment, event_id=f"query:{payment.pk}", paid_at=timezone.now(), **changes)
        return Trade(state=State.PAID, paid=event)

    return say


NO_ANSWER = GatewayUnavailable("timed out")
NO = GatewayRefused("no")
