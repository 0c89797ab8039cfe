"""Appeals on claims: either side once, in time; another moderator says for good what goes back and who bears it."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction, use_case
from orders.models import Parcel
from orders.services import parcels
from payments.errors import (
    AppealDecidedAlready,
    ClaimAppealedAlready,
    NothingToAppealHere,
    OwnClaimDecision,
    TooLateToAppeal,
)
from payments.models import Claim, ClaimAppeal, Payment, Refund
from payments.services.bearing import book_bearer
from payments.services.claim_steps import (
    borne_by_another,
    check_amount,
    check_words,
    lock_claim,
    publish_claim,
    tell,
)
from payments.services.counting import by_line
from payments.services.refunding import lock_payment_of, owe_refund

MAX_WORDS = 1000
REASON_LENGTH = 300
Status = ClaimAppeal.Status


def may_appeal(claim: Claim, person: User, now: datetime) -> bool:
    """Whether this side could still appeal with something to gain: the buyer more money, the farmer another cause."""
    return not hasattr(claim, "appeal") and _can_gain(claim, person) and now < _until(claim)


def _until(claim: Claim) -> datetime:
    return (claim.decided_at or claim.opened_at) + settings.CLAIM_APPEAL_TIME


def _can_gain(claim: Claim, person: User) -> bool:
    if person.pk == claim.parcel.order.buyer_id:
        decided = claim.state in (Claim.State.DECIDED, Claim.State.REFUSED)
        return decided and (claim.decided_fen or 0) < claim.asked_fen
    return bool(claim.decided_fen) and claim.cause == Claim.Cause.GROWER


@use_case
def appeal_claim(*, claim_id: int, person: User, words: str, now: datetime) -> ClaimAppeal:
    """Ask that another moderator looks at how a claim ended: the buyer for more, the farmer that another bears it.

    One for a claim, whoever comes first. Raises NotAllowed for who is no side of it, NothingToAppealHere,
    ClaimAppealedAlready, TooLateToAppeal, InvalidInput without words.
    """
    claim = lock_claim(claim_id)
    sides = [claim.parcel.order.buyer, claim.parcel.farmer.user]
    if person not in sides:
        raise NotAllowed
    if ClaimAppeal.objects.filter(claim=claim).exists():
        raise ClaimAppealedAlready
    if not _can_gain(claim, person):
        raise NothingToAppealHere
    if now >= _until(claim):
        raise TooLateToAppeal
    appeal = ClaimAppeal.objects.create(
        claim=claim,
        by=person,
        words=check_words(words, "words", MAX_WORDS, _("Please say why it should be otherwise.")),
        made_at=now,
        decide_by=now + settings.CLAIM_DECISION_TIME,
    )
    [other] = [side for side in sides if side != person]
    tell(other, "claim_appealed", claim, claim.parcel, now, audience="side", until=appeal.decide_by)
    had_part = [*(side.pk for side in sides), claim.decided_by_id or 0]
    for moderator in User.objects.filter(is_moderator=True, is_active=True).exclude(pk__in=had_part):
        link = reverse("payments:claim_decide", args=[claim.pk])
        tell(moderator, "claim_appealed", claim, claim.parcel, now, link=link, until=appeal.decide_by)
    return appeal


@use_case
def decide_claim_appeal(
    *, claim_id: int, moderator: User, more_fen: int, cause: str, reason: str, now: datetime
) -> ClaimAppeal:
    """Say for good what else goes back to the buyer (0: nothing) and who bears all of it, with a reason both read.

    What went back before is not asked back from the buyer: if the farmer was right, another bears it. Raises NotAllowed
    for a moderator close to a side, OwnClaimDecision, AppealDecidedAlready, InvalidInput for the reason, the cause or
    more than was asked for, RefundExceedsPaid.
    """
    parcel = Parcel.objects.select_related("order", "farmer").get(claims=claim_id)
    if not moderator.is_moderator or moderator.pk == parcel.order.buyer_id or is_close_to(moderator, parcel.farmer):
        raise NotAllowed
    reason = check_words(reason, "reason", REASON_LENGTH, _("Please say why: buyer and farmer read it."))
    if cause not in Claim.Cause.values:
        raise InvalidInput(_("Please choose where it went wrong."), field="cause")
    payment = lock_payment_of(parcel.order_id)
    claim = lock_claim(claim_id)
    appeal = ClaimAppeal.objects.select_for_update(no_key=True).filter(claim=claim).first()
    if appeal is None or payment is None:
        raise NothingToAppealHere
    if not appeal.is_waiting:
        raise AppealDecidedAlready
    if claim.decided_by_id == moderator.pk:
        raise OwnClaimDecision
    if more_fen:
        check_amount(more_fen, "amount", most_more(claim))
    _settle(claim, appeal, payment, more_fen, cause, now)
    appeal.decided_by, appeal.decided_at, appeal.reason = moderator, now, reason
    appeal.save()
    _tell_both(claim, appeal, moderator, now)
    return appeal


def most_more(claim: Claim) -> int:
    """The fen that may go back beyond what did: none where the two agreed, or the buyer has all they asked for."""
    is_decided = claim.state in (Claim.State.DECIDED, Claim.State.REFUSED)
    left_fen = claim.parcel.total_fen - claim.parcel.refunded_fen  # a coupon of the buyer's may have come back since
    return min(claim.asked_fen - (claim.decided_fen or 0), left_fen) if is_decided else 0


@needs_transaction
def _settle(claim: Claim, appeal: ClaimAppeal, payment: Payment, more_fen: int, cause: str, now: datetime) -> None:
    given_fen = claim.decided_fen or 0
    is_changed = bool(more_fen) or (bool(given_fen) and cause != claim.cause)
    appeal.status, appeal.cause = (Status.CHANGED if is_changed else Status.UPHELD), cause
    if claim.refund:
        book_bearer(claim.refund, cause, now)
    if more_fen:
        parcel = parcels.give_more_back(parcel_id=claim.parcel_id, back_fen=more_fen)
        appeal.more_fen = more_fen
        appeal.refund = owe_refund(
            payment=payment,
            amount_fen=more_fen,
            reason=Refund.Reason.CLAIM,
            now=now,
            parcel=parcel,
            lines=by_line(claim, more_fen, given_fen),
        )
        book_bearer(appeal.refund, cause, now)


def _tell_both(claim: Claim, appeal: ClaimAppeal, moderator: User, now: datetime) -> None:
    record_act(
        actor=moderator,
        kind="claim_appeal_decide",
        about=f"claim:{claim.pk}",
        now=now,
        old={"decided_fen": claim.decided_fen, "cause": claim.cause},
        new={"status": appeal.status, "more_fen": appeal.more_fen, "cause": appeal.cause},
        reason=appeal.reason,
    )
    for person, audience in [(claim.parcel.order.buyer, "buyer"), (claim.parcel.farmer.user, "farmer")]:
        tell(
            person,
            "claim_appeal_decided",
            claim,
            claim.parcel,
            now,
            audience=audience,
            amount_fen=appeal.more_fen,
            reason=appeal.reason,
            **(borne_by_another(appeal.cause) if claim.decided_fen or appeal.more_fen else {}),
        )
    publish_claim("claim.decided", claim, claim.parcel, now)
