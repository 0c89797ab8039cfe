"""Claims: a buyer says what is wrong, the farmer agrees or not, a moderator decides what the two could not.

Whatever goes back is owed in the transaction that ends the claim. Locks: User (where it may be paid
at once) → Payment → Parcel → Claim.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction, use_case
from marketplace.services.kept_photos import Upload, take_photos
from orders.clock import Event
from orders.models import Parcel
from orders.services import parcels
from payments.errors import (
    AnsweredAlready,
    ClaimHasEnded,
    ClaimIsOpen,
    FarmerNotHeard,
    NoOffer,
    NothingReceivedYet,
    NotPaidYet,
    TooLateToClaim,
)
from payments.models import Claim, ClaimPhoto
from payments.services.asking import ask_others
from payments.services.atonce import lock_for_at_once, may_be_paid_at_once, pay_at_once
from payments.services.claim_steps import (
    GIVEN,
    borne_by_another,
    check_amount,
    check_words,
    lock_claim,
    lock_parcel,
    owe_for,
    publish_claim,
    tell,
    what_is_wrong,
)
from payments.services.counting import Count, count_up
from payments.services.refunding import lock_payment_of

MAX_PHOTOS = 4
MAX_WORDS = 1000
REASON_LENGTH = 300
State = Claim.State


@use_case
def open_claim(
    *,
    parcel_id: int,
    buyer: User,
    kind: str,
    words: str,
    asked_fen: int | None,
    uploads: Sequence[Upload],
    now: datetime,
    counts: Sequence[Count] = (),
) -> Claim:
    """The buyer of a received parcel says what is wrong. What was counted says how much is asked for; if nothing was,
    `asked_fen` does, None asking for all of it, postage too. What is small is paid at once (see atonce.py).

    Raises NotAllowed for another's parcel; NothingReceivedYet, TooLateToClaim, ClaimIsOpen, PaidAtOnceAlready;
    InvalidInput for the kind, no or too many words, counts, an amount that is not above 0 or more than is left of what
    was paid, photos.
    """
    payment = lock_for_at_once(parcel_id, buyer, kind) if counts and uploads else None
    parcel = lock_parcel(parcel_id)
    if parcel.order.buyer_id != buyer.pk:
        raise NotAllowed
    _check_time(parcel, now)
    words = check_words(words, "words", MAX_WORDS, _("Please say what is wrong: the farmer was not there."))
    if kind not in Claim.Kind.values:
        raise InvalidInput(_("Please choose what is wrong."), field="kind")
    if len(uploads) > MAX_PHOTOS:
        raise InvalidInput(_("Please choose at most %(most)s photos."), field="photos", most=MAX_PHOTOS)
    counted = count_up(parcel, counts) if counts else None
    remaining_fen = parcel.total_fen - parcel.refunded_fen
    asked_fen = counted.asked_fen if counted else asked_fen
    asked_fen = remaining_fen if asked_fen is None else check_amount(asked_fen, "amount", remaining_fen)
    is_small = payment is not None and may_be_paid_at_once(parcel, buyer, asked_fen, words, now)
    if not is_small:
        parcel = parcels.claim_parcel(parcel_id=parcel_id, actor=buyer, now=now)
    claim = Claim.objects.create(
        parcel=parcel,
        kind=kind,
        words=words,
        asked_fen=asked_fen,
        opened_at=now,
        answer_due=now + settings.CLAIM_ANSWER_TIME,
    )
    for item in counted.items if counted else ():
        item.claim = claim
        item.save()
    for photo in take_photos(user=buyer, uploads=uploads, now=now):
        ClaimPhoto.objects.create(claim=claim, photo=photo)
    publish_claim("claim.opened", claim, parcel, now)
    if is_small and payment:
        return pay_at_once(claim, payment, buyer, now)
    until = claim.answer_due
    tell(
        parcel.farmer.user,
        "claim_opened",
        claim,
        parcel,
        now,
        amount_fen=asked_fen,
        until=until,
        **what_is_wrong(claim),
    )
    return claim


@use_case
def agree_to_claim(*, claim_id: int, farmer: User, now: datetime) -> Claim:
    """The farmer gives back what the buyer asks for, also when it is already with the moderators.

    Raises ClaimHasEnded, NotAllowed, RefundExceedsPaid.
    """
    claim = _give_back(claim_id, Event.AGREE, farmer, now)
    tell(
        claim.parcel.order.buyer, "claim_agreed", claim, claim.parcel, now, audience="buyer", amount_fen=claim.asked_fen
    )
    return claim


@use_case
def dispute_claim(*, claim_id: int, farmer: User, words: str, offered_fen: int | None, now: datetime) -> Claim:
    """The farmer's side, once, for the buyer and a moderator to read; perhaps with less money than was asked for.

    Raises ClaimHasEnded, AnsweredAlready, NotAllowed, InvalidInput for no words or an offer that is none.
    """
    claim = lock_claim(claim_id)
    if claim.parcel.farmer.user_id != farmer.pk:
        raise NotAllowed
    if claim.state != State.OPEN:
        raise ClaimHasEnded
    if claim.answered_at is not None:
        raise AnsweredAlready
    claim.answer = check_words(words, "answer", MAX_WORDS, _("Please say how you see it: buyer and moderator read it."))
    if offered_fen is not None:
        if offered_fen == claim.asked_fen:
            raise InvalidInput(_("That is all the buyer asks for: please use the button “Agree”."), field="offer")
        claim.offered_fen = check_amount(offered_fen, "offer", claim.asked_fen - 1)
    claim.answered_at = now
    parcel = parcels.dispute_claim(parcel_id=claim.parcel_id, actor=farmer, now=now)
    claim.save(update_fields=["answer", "offered_fen", "answered_at"])
    tell(parcel.order.buyer, "claim_answered", claim, parcel, now, offer_fen=claim.offered_fen)
    return claim


@use_case
def accept_offer(*, claim_id: int, buyer: User, now: datetime) -> Claim:
    """The buyer takes what the farmer offered. Raises ClaimHasEnded, NoOffer, NotAllowed, RefundExceedsPaid."""
    claim = _give_back(claim_id, Event.ACCEPT, buyer, now)
    tell(
        claim.parcel.farmer.user,
        "claim_agreed",
        claim,
        claim.parcel,
        now,
        audience="farmer",
        amount_fen=claim.offered_fen,
    )
    return claim


@use_case
def decide_claim(
    *,
    claim_id: int,
    moderator: User,
    back_fen: int,
    reason: str,
    now: datetime,
    cause: str = Claim.Cause.GROWER,
) -> Claim:
    """A moderator gives back all of what was asked for, a part, or nothing (0), with a reason that both sides read.

    `cause` says where it went wrong: grower, courier or platform bear what goes back. Nobody decides about their own
    purchase or their own produce. Raises NotAllowed, ClaimHasEnded, FarmerNotHeard, InvalidInput for no reason or for
    more than was asked, RefundExceedsPaid.
    """
    if not moderator.is_moderator:
        raise NotAllowed
    parcel = Parcel.objects.select_related("order", "farmer").get(claims=claim_id)
    if moderator.pk == parcel.order.buyer_id or is_close_to(moderator, parcel.farmer):
        raise NotAllowed
    reason = check_words(reason, "reason", REASON_LENGTH, _("Please say why: buyer and farmer read it."))
    if cause not in Claim.Cause.values:
        raise InvalidInput(_("Please choose where it went wrong."), field="cause")
    claim = _give_back(claim_id, Event.DECIDE, moderator, now, back_fen=back_fen, reason=reason, cause=cause)
    record_act(
        actor=moderator,
        kind="claim_decide",
        about=f"claim:{claim.pk}",
        now=now,
        old={"state": State.OPEN},
        new={"state": claim.state, "decided_fen": claim.decided_fen, "cause": claim.cause},
        reason=reason,
    )
    for person, audience in [(claim.parcel.order.buyer, "buyer"), (claim.parcel.farmer.user, "farmer")]:
        tell(
            person,
            "claim_decided",
            claim,
            claim.parcel,
            now,
            audience=audience,
            amount_fen=claim.decided_fen,
            reason=reason,
            **borne_by_another(claim.cause),
        )
    return claim


@use_case
def withdraw_claim(*, claim_id: int, buyer: User, now: datetime) -> Claim:
    """The buyer takes it back; the time to claim goes on as if there had been none. Raises ClaimHasEnded, NotAllowed."""
    claim = lock_claim(claim_id)
    if claim.parcel.order.buyer_id != buyer.pk:
        raise NotAllowed
    if claim.state != State.OPEN:
        raise ClaimHasEnded
    parcel = parcels.withdraw_claim(parcel_id=claim.parcel_id, actor=buyer, now=now)
    claim.state, claim.decided_by, claim.decided_at = State.WITHDRAWN, buyer, now
    claim.save(update_fields=["state", "decided_by", "decided_at"])
    tell(parcel.farmer.user, "claim_withdrawn", claim, parcel, now)
    publish_claim("claim.decided", claim, parcel, now)
    return claim


@needs_transaction
def _give_back(
    claim_id: int,
    event: Event,
    actor: User,
    now: datetime,
    *,
    back_fen: int = 0,
    reason: str = "",
    cause: str = Claim.Cause.GROWER,
) -> Claim:
    """End an open claim on somebody's word: the parcel settled, the money owed, the claim closed, or none of it."""
    order_id = Parcel.objects.values_list("order_id", flat=True).get(claims=claim_id)
    payment = lock_payment_of(order_id)
    claim = lock_claim(claim_id)
    if claim.state != State.OPEN:
        raise ClaimHasEnded
    match event:
        case Event.AGREE:
            claim.state, back_fen = State.AGREED, claim.asked_fen
        case Event.ACCEPT:
            if claim.offered_fen is None:
                raise NoOffer
            claim.state, back_fen = State.AGREED, claim.offered_fen
        case _:
            if not claim.is_heard(now):
                raise FarmerNotHeard
            claim.state = State.DECIDED if back_fen else State.REFUSED
            back_fen = check_amount(back_fen, "amount", claim.asked_fen) if back_fen else 0
    if back_fen and payment is None:
        raise NotPaidYet
    claim.parcel = parcels.end_claim(
        parcel_id=claim.parcel_id, event=event, actor=actor, back_fen=back_fen, now=now, note=reason
    )
    if back_fen and payment:
        owe_for(claim, payment, back_fen, cause, now)
    claim.decided_by, claim.decided_at, claim.reason = actor, now, reason
    claim.save(update_fields=["state", *GIVEN, "decided_by", "decided_at", "reason"])
    ask_others(claim, now)
    publish_claim("claim.decided", claim, claim.parcel, now)
    return claim


def _check_time(parcel: Parcel, now: datetime) -> None:
    """The clock's own answer, in words that say more than "it has moved on"."""
    if parcel.state == Parcel.State.CLAIMED:
        raise ClaimIsOpen
    if parcel.received_at is None:
        raise NothingReceivedYet
    if parcel.state != Parcel.State.RECEIVED or parcel.claim_until is None or parcel.claim_until <= now:
        raise TooLateToClaim
