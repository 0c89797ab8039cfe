"""Paying a gift to the fund: the same providers, the same rules for what they say; nobody has to be signed in."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from common.acting import caller
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from payments.errors import AlreadyPaid, PaymentNotSetUp
from payments.gateways import configured_names
from payments.gateways.base import Visitor
from payments.gateways.direct import DIRECT
from payments.models import Account, Gift, Payment
from payments.services.querying import first_query_at
from payments.services.starting import SiteUrls, at_provider, new_reference, site_urls


def ways_to_give() -> list[str]:
    """The gateways that take gifts: all that are set up but the farmers' own codes."""
    return [name for name in configured_names() if name not in DIRECT]


@needs_transaction
def open_gift(
    *, account: Account, amount_fen: int, giver: User | None, key: UUID, now: datetime, pay_by: datetime
) -> tuple[Gift, bool]:
    """The gift of this `key`, and whether it was made just now; a step. Raises NotAllowed for somebody else's key."""
    wanted = {"account": account, "amount_fen": amount_fen, "giver": giver, "made_at": now, "pay_by": pay_by}
    gift, is_new = Gift.objects.get_or_create(key=key, defaults=wanted)
    if gift.giver_id != (giver.pk if giver else None):
        raise NotAllowed
    return gift, is_new


def start_gift_payment(
    *,
    gift_id: int,
    now: datetime,
    pay_by: datetime,
    urls: SiteUrls | None = None,
    gateway: str = "",
    is_phone: bool = False,
) -> str:
    """The URL to send the giver to, as `start_payment` does for an order. A gift can be paid later, too: until `pay_by` then.

    Raises PaymentNotSetUp, AlreadyPaid, ProviderUnavailable.
    """
    possible = ways_to_give()
    chosen = gateway or (possible[0] if possible else "")
    if chosen not in possible:
        raise PaymentNotSetUp
    return at_provider(
        lambda: open_gift_payment(gift_id=gift_id, gateway=chosen, now=now, pay_by=pay_by),
        chosen,
        now=now,
        urls=urls or site_urls(),
        visitor=Visitor(is_phone=is_phone, ip=caller().ip() or "127.0.0.1"),
    )


@use_case
def open_gift_payment(*, gift_id: int, gateway: str, now: datetime, pay_by: datetime) -> Payment:
    """The gift's live payment, or a new one, to be paid until `pay_by`. Raises AlreadyPaid."""
    gift = Gift.objects.select_for_update(no_key=True).get(pk=gift_id)
    if gift.status == Gift.Status.PAID:
        raise AlreadyPaid
    if live := Payment.objects.select_related("gift").filter(gift=gift, status=Payment.Status.STARTED).first():
        return live
    gift.pay_by = pay_by
    gift.save(update_fields=["pay_by"])
    return Payment.objects.create(
        gift=gift,
        gateway=gateway,
        reference=new_reference(now),
        amount_fen=gift.amount_fen,
        started_at=now,
        query_at=first_query_at(started_at=now, pay_by=pay_by),
    )
