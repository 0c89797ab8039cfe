"""What a payment provider's adapter has to do, and the plain values that pass between it and our services.

Adapters talk to the network, so they are never called inside a transaction. They turn everything the provider says into
these values, in fen and UTC; whether it is *true* (our reference, our amount, our merchant) is for payments.services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from payments.models import Payment, Refund

CURRENCY = "CNY"


class GatewayError(Exception):
    """Something between us and the provider went wrong."""


class GatewayUnavailable(GatewayError):
    """No answer, a 5xx, or one that makes no sense: nothing is known, ask again later."""


class GatewayRefused(GatewayError):
    """The provider understood and said no; asking again will not help."""


class NotificationRefused(Exception):
    """A notification that is not to be believed. Nothing of it is stored; the sender gets 400."""

    code: ClassVar[str] = "refused"


class BadSignature(NotificationRefused):
    code = "bad_signature"


class StaleNotification(NotificationRefused):
    """Signed too long ago, or in the future: somebody may be playing back an old one."""

    code = "stale"


class MalformedNotification(NotificationRefused):
    code = "malformed"


@dataclass(frozen=True, kw_only=True)
class PaidEvent:
    """The provider says that a trade was paid. Authentic, but not yet compared with what we asked for.

    `payer` is who paid, by the provider's own name of them ("" where it doesn't say): the same for the same person.
    """

    gateway: str
    event_id: str
    reference: str
    trade_number: str
    merchant_id: str
    amount_fen: int
    currency: str
    paid_at: datetime
    payer: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FailedEvent:
    """The provider says that a trade will not be paid any more."""

    gateway: str
    event_id: str
    reference: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RefundNews:
    """The provider says that something became of a refund. What exactly is then asked for: nothing is taken on its word."""

    gateway: str
    event_id: str
    refund_reference: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OtherNews:
    """Authentic, and nothing for us to do: it is put on record so that its repeats are known."""

    gateway: str
    event_id: str
    payload: Mapping[str, Any] = field(default_factory=dict)


Notification = PaidEvent | FailedEvent | RefundNews | OtherNews


class TradeState(StrEnum):
    WAITING = "WAITING"
    PAID = "PAID"
    FAILED = "FAILED"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"  # the provider has never heard of it


@dataclass(frozen=True, kw_only=True)
class Trade:
    """A trade as the provider has it. `paid` is filled when, and only when, the state is PAID."""

    state: TradeState
    paid: PaidEvent | None = None


class RefundState(StrEnum):
    DONE = "DONE"
    PROCESSING = "PROCESSING"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"  # the provider has never heard of it


@dataclass(frozen=True, kw_only=True)
class RefundAnswer:
    state: RefundState
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is going to pay: on a phone, or in front of a screen that a phone can read a code from; from which address."""

    is_phone: bool = False
    ip: str = "127.0.0.1"
    wechat_openid: str = ""  # who they are to WeChat, where they pay inside its own browser


class Gateway(Protocol):
    """One provider. Every method but parse_notification may take seconds and raise GatewayUnavailable."""

    name: str
    merchant_id: str
    notification_content_type: str

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
        """Open the trade, or find it if it is open already: the URL to send the buyer to.

        A URL of the provider's own scheme (`weixin:`) is not for the browser: it is shown as a code for the phone to read.
        One of `wechat-jsapi:` is the number of a trade that WeChat's own browser pays.
        `expires_at` is absolute: the provider takes no money after it. Raises GatewayRefused when the trade has ended.
        """
        ...

    def query(self, payment: Payment) -> Trade:
        """What became of the trade."""
        ...

    def close(self, payment: Payment) -> None:
        """Let nobody pay the trade any more. Raises GatewayRefused when it was paid already: query it again."""
        ...

    def refund(self, refund: Refund) -> RefundAnswer:
        """Send money back. The same `refund.reference` twice is one refund."""
        ...

    def query_refund(self, refund: Refund) -> RefundAnswer:
        """What became of a refund."""
        ...

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Check who sent it, over the raw bytes, then read it. Raises a NotificationRefused. Touches no network."""
        ...
