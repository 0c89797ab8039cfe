"""Giving: a gift is opened with its donor's wishes, thanked for when it arrives, and given back by two people."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput
from common.transactions import needs_transaction, use_case
from fund.access import check_may
from fund.errors import NothingLeftOfIt, ProgrammeClosed
from fund.models import Area, Donation, GiftReturn, Programme
from fund.services.signing import give_up, lock, lock_to_approve, record, said, sign
from fund.services.tracing import Parts, left_of, trace
from fund.tellings import tell_received
from payments.models import Account, Entry, Gift, Leg, Payment, Refund
from payments.services.booking import Kind, Move, Place, book, place_of
from payments.services.giving import open_gift
from payments.services.refunding import owe_refund

LEAST_FEN, MOST_FEN = (
    100,
    5_000_000,
)  # one yuan; fifty thousand: more than that is a matter for two people and a contract
TIME_TO_PAY = timedelta(minutes=30)


@use_case
def give(
    *,
    giver: User | None,
    purpose: str,
    amount_fen: int,
    key: UUID,
    now: datetime,
    shown_name: str = "",
    receipt_name: str = "",
    email: str = "",
) -> Gift:
    """A gift to a programme (its short name) or an area ("women"), to be paid next. The same `key` twice is one gift.

    Raises InvalidInput, ProgrammeClosed, NotAllowed for another's key.
    """
    if not LEAST_FEN <= amount_fen <= MOST_FEN:
        raise InvalidInput(_("Please give between ¥1 and ¥50,000."), field="amount")
    account = account_for(purpose, now)
    gift, is_new = open_gift(
        account=account, amount_fen=amount_fen, giver=giver, key=key, now=now, pay_by=now + TIME_TO_PAY
    )
    if is_new:
        Donation.objects.create(
            gift=gift,
            shown_name=shown_name.strip(),
            receipt_name=receipt_name.strip(),
            email=email.strip(),
            english=(get_language() or "").startswith("en"),
        )
    return gift


@needs_transaction
def account_for(purpose: str, now: datetime) -> Account:
    """Where gifts for a programme or an area go; a step. Raises InvalidInput for neither, ProgrammeClosed."""
    if purpose.upper() in Area.values:
        place = Place(Kind.FUND_AREA, purpose=purpose.upper())
        account, _is_new = Account.objects.get_or_create(
            name=place.name, defaults={"kind": place.kind, "purpose": place.purpose}
        )
        return account
    programme = Programme.objects.select_related("account").filter(slug=purpose).first()
    if programme is None:
        raise InvalidInput(_("Please choose what it is for."), field="purpose")
    if not programme.takes_gifts(timezone.localdate(now)):
        raise ProgrammeClosed(field="purpose")
    return programme.account


@needs_transaction
def thank(*, gift: Gift, now: datetime) -> None:
    """A gift has arrived: its donor is told, and the receipt becomes due; a step (settings.AFTER_GIFTS)."""
    Donation.objects.filter(gift=gift).exclude(email="").update(receipt_due_at=now)
    tell_received(gift, now)


@use_case
def prepare_return(*, gift_id: int, actor: User, reason: str, now: datetime) -> GiftReturn:
    """Propose that what is left of a gift goes back. Raises NotAllowed, NothingLeftOfIt, InvalidInput."""
    check_may(actor)
    gift = Gift.objects.select_for_update(no_key=True).get(pk=gift_id)
    if gift.status != Gift.Status.PAID or gift.returns.exclude(state="DROPPED").exists():
        raise NothingLeftOfIt
    if not left_of(origin_of(gift).pk):
        raise NothingLeftOfIt
    back = GiftReturn.objects.create(gift=gift, reason=said(reason), prepared_by=actor, prepared_at=now)
    record(back, "gift_return_prepare", actor, now, reason=back.reason, gift=gift.pk)
    return back


def origin_of(gift: Gift) -> Leg:
    """The leg by which a gift that arrived became the fund's."""
    return Leg.objects.get(entry__payment__gift=gift, entry__kind=Entry.Kind.GIFT, account=gift.account_id)


@use_case
def approve_return(*, return_id: int, actor: User, now: datetime) -> GiftReturn:
    """A second person agrees: all that is left of the gift is owed back to whoever paid, wherever in the fund it is.

    Raises NotAllowed, SecondPersonNeeded, WrongState, NothingLeftOfIt. Locks: GiftReturn → Payment → Accounts by pk.
    """
    back = lock_to_approve(GiftReturn, return_id, actor)
    payment = Payment.objects.select_for_update(no_key=True).get(gift=back.gift_id, status=Payment.Status.SUCCEEDED)
    origin = origin_of(back.gift).pk
    there = list(left_of(origin))
    accounts = {
        each.pk: each for each in Account.objects.select_for_update(no_key=True).filter(pk__in=there).order_by("pk")
    }
    left = {account: fen for account, fen in left_of(origin).items() if account in accounts}
    if not left:
        raise NothingLeftOfIt
    amount_fen = sum(left.values())
    moves = [Move(place_of(accounts[account]), fen) for account, fen in sorted(left.items())]
    moves.append(Move(Place(Kind.REFUND_DUE), -amount_fen))
    refund = owe_refund(payment=payment, amount_fen=amount_fen, reason=Refund.Reason.GIFT, now=now)
    entry = book(
        ref=f"gift-back:{back.pk}",
        kind=Entry.Kind.GIFT_BACK,
        moves=moves,
        now=now,
        payment=payment,
        refund=refund,
        actor=actor,
        reason=back.reason,
    )
    moved: list[tuple[int, Parts, int]] = [(account, [(origin, fen)], -1) for account, fen in sorted(left.items())]
    sign(back, actor, now, entry=trace(entry, moved), refund=refund)
    record(back, "gift_return_approve", actor, now, fen=amount_fen)
    return back


@use_case
def drop_return(*, return_id: int, actor: User, reason: str, now: datetime) -> GiftReturn:
    """It stays after all. Raises NotAllowed, WrongState, InvalidInput."""
    back = lock(GiftReturn, return_id, actor, "PREPARED")
    give_up(back, actor, reason, now)
    record(back, "gift_return_drop", actor, now, reason=back.why_dropped)
    return back
