"""The provider's side of the sandbox: what would run on somebody else's servers.

It knows nothing of orders; it keeps trades and refunds in books of its own. Money in fen, times in UTC.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import F

from common.errors import DomainError
from common.transactions import use_case
from common.wake import wake
from payments.gateways.sandbox import require_embedded
from payments.models import SandboxRefund, SandboxTrade

Status = SandboxTrade.Status


class ProviderSaysNo(DomainError):
    """The provider refuses: the trade has ended, differs, or is not there."""

    code = "provider_says_no"


class Decision(StrEnum):
    """The buttons of the cashier page."""

    PAY = "pay"
    FAIL = "fail"
    PAY_NOTIFY_10S = "pay_notify_10s"
    PAY_NOTIFY_60S = "pay_notify_60s"
    PAY_SILENT = "pay_silent"
    PAY_NOTIFY_TWICE = "pay_notify_twice"


NOTIFY_AFTER = {
    Decision.PAY: timedelta(0),
    Decision.FAIL: timedelta(0),
    Decision.PAY_NOTIFY_10S: timedelta(seconds=10),
    Decision.PAY_NOTIFY_60S: timedelta(seconds=60),
    Decision.PAY_NOTIFY_TWICE: timedelta(0),
}


@use_case
def create_trade(
    *,
    reference: str,
    subject: str,
    amount_fen: int,
    notify_url: str,
    return_url: str,
    expires_at: datetime,
    now: datetime,
) -> SandboxTrade:
    """Open a trade; asking again with the same reference gives the same one. Raises ProviderSaysNo if it has ended."""
    require_embedded()
    trade, _ = SandboxTrade.objects.get_or_create(
        reference=reference,
        defaults={
            "trade_number": f"SBX{now:%Y%m%d}{secrets.token_hex(8).upper()}",
            "subject": subject[:120],
            "amount_fen": amount_fen,
            "notify_url": notify_url,
            "return_url": return_url,
            "expires_at": expires_at,
            "created_at": now,
        },
    )
    if trade.amount_fen != amount_fen or trade.status != Status.WAITING or trade.expires_at <= now:
        raise ProviderSaysNo(f"Trade {reference} has ended or is for another amount.")
    return trade


@use_case
def close_trade(*, reference: str, now: datetime) -> None:
    """Close a trade that nobody has paid; doing it twice is fine. Raises ProviderSaysNo if it was paid."""
    require_embedded()
    trade = _lock(reference=reference)
    if trade.status == Status.PAID:
        raise ProviderSaysNo("Trade is paid.")
    if trade.status == Status.WAITING:
        trade.status, trade.decided_at = Status.CLOSED, now
        trade.save(update_fields=["status", "decided_at"])


@use_case
def refund_trade(*, trade_number: str, refund_reference: str, amount_fen: int, now: datetime) -> SandboxRefund:
    """Give back part or all of a paid trade; the same refund reference twice is one refund. Raises ProviderSaysNo."""
    require_embedded()
    trade = _lock(trade_number=trade_number)
    if refund := SandboxRefund.objects.filter(reference=refund_reference).first():
        if refund.trade_id != trade.pk or refund.amount_fen != amount_fen:
            raise ProviderSaysNo("Another refund has this reference.")
        return refund
    if trade.status != Status.PAID or trade.refunded_fen + amount_fen > trade.amount_fen:
        raise ProviderSaysNo("More than was paid.")
    SandboxTrade.objects.filter(pk=trade.pk).update(refunded_fen=F("refunded_fen") + amount_fen)
    return SandboxRefund.objects.create(trade=trade, reference=refund_reference, amount_fen=amount_fen, created_at=now)


@use_case
def decide(*, token: UUID, decision: Decision, now: datetime) -> SandboxTrade:
    """What the person at the cashier page chose. A trade is decided once; raises ProviderSaysNo when it has ended."""
    require_embedded()
    trade = _lock(token=token)
    if trade.status != Status.WAITING or trade.expires_at <= now:
        raise ProviderSaysNo("Trade has ended.")
    trade.status = Status.FAILED if decision == Decision.FAIL else Status.PAID
    trade.decided_at = now
    trade.notify_at = now + NOTIFY_AFTER[decision] if decision in NOTIFY_AFTER else None
    trade.notify_copies = 2 if decision == Decision.PAY_NOTIFY_TWICE else 1
    trade.save(update_fields=["status", "decided_at", "notify_at", "notify_copies"])
    wake("payments.tasks.send_sandbox_notifications")
    return trade


def _lock(**which: object) -> SandboxTrade:
    trade = SandboxTrade.objects.select_for_update(no_key=True).filter(**which).first()
    if trade is None:
        raise ProviderSaysNo("No such trade.")
    return trade
