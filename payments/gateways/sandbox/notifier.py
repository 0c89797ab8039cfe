"""The provider posts its notifications, over real HTTP, again and again until the shop answers "success"."""

import json
import logging
from datetime import datetime, timedelta

import requests

from common.transactions import use_case
from payments.gateways.base import CURRENCY
from payments.gateways.sandbox import MERCHANT_ID, is_allowed, signing
from payments.models import SandboxTrade

logger = logging.getLogger(__name__)

TIMEOUT = (2, 5)  # to connect, to answer; as providers do
MAX_ANSWER = 1024
BATCH = 10
AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (5, 15, 30, 180, 600, 1200, 1800, 3600)]


@use_case
def claim_due(now: datetime) -> list[int]:
    """Take the trades whose notification is due; if we die while posting, they are due again later."""
    trades = (
        SandboxTrade.objects.filter(notify_at__lte=now)
        .order_by("notify_at")
        .select_for_update(skip_locked=True, no_key=True)[:BATCH]
    )
    claimed = list(trades)
    for trade in claimed:
        tries = trade.notify_attempts
        trade.notify_at = now + AGAIN_AFTER[tries] if tries < len(AGAIN_AFTER) else None
        trade.notify_attempts += 1
        trade.save(update_fields=["notify_at", "notify_attempts"])
    return [trade.pk for trade in claimed]


@use_case
def mark_taken(*, trade_id: int, now: datetime) -> None:
    """The shop said "success": stop, or post the second copy if one was asked for."""
    trade = SandboxTrade.objects.select_for_update(no_key=True).get(pk=trade_id)
    trade.notify_copies = max(trade.notify_copies - 1, 0)
    trade.notify_at = now if trade.notify_copies else None
    trade.save(update_fields=["notify_copies", "notify_at"])


def body_of(trade: SandboxTrade) -> bytes:
    """What is posted. The event id stays the same however often it is."""
    paid = trade.status == SandboxTrade.Status.PAID
    return json.dumps(
        {
            "event_id": f"{trade.trade_number}:{trade.status}",
            "event_type": "trade.paid" if paid else "trade.failed",
            "merchant_id": MERCHANT_ID,
            "reference": trade.reference,
            "trade_number": trade.trade_number,
            "amount_fen": trade.amount_fen,
            "currency": CURRENCY,
            "paid_at": trade.decided_at.isoformat() if trade.decided_at else None,
        }
    ).encode()


def post(trade: SandboxTrade, now: datetime) -> bool:
    """Post one notification: whether the shop took it. A slow, failing or odd answer counts as no."""
    body = body_of(trade)
    headers = {"Content-Type": "application/json", **signing.sign(body, now)}
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the machine's would not reach this process
            with session.post(
                trade.notify_url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                text = answer.raw.read(MAX_ANSWER, decode_content=True)
    except (requests.RequestException, OSError) as error:
        logger.info("sandbox: %s not taken: %s", trade.trade_number, type(error).__name__)
        return False
    return bool(answer.status_code == 200 and text.strip() == b"success")


def send_due(now: datetime) -> int:
    """Post what is due: how many were taken. Does nothing where there is no sandbox."""
    if not is_allowed():
        return 0
    taken = 0
    for trade_id in claim_due(now):
        trade = SandboxTrade.objects.get(pk=trade_id)
        if post(trade, now):
            mark_taken(trade_id=trade_id, now=now)
            taken += 1
    return taken
