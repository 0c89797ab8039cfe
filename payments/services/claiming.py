"""Claims: a buyer says what is wrong, the farmer agrees or not, a moderator decides what the two could not.

Whatever goes back is owed in the transaction that ends the claim. Locks: Payment → Parcel → Claim.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.money import show_yuan
from common.transactions import needs_transaction, use_case
from marketplace.services.photos import add_photo
from notifications.services import notify
from notifications.webhooks import publish
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
    TooLateToClaim,
)
from payments.models import Claim, ClaimPhoto, Refund
from payments.services.refunding import lock_payment_of, owe_refund

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
    uploads: Sequence[UploadedFile],
    now: datetime,
) -> Claim:
    """The buyer of a received parcel says what is wrong; `asked_fen` None asks for all of it, postage too.

    Raises NotAllowed for another's parcel; NothingReceivedYet, TooLateToClaim, ClaimIsOpen; InvalidInput for the kind,
    no or too many words, an amount that is not above 0 or more than is left of what was paid, photos.
    """
    parcel = _lock(parcel_id)
    if parcel.order.buyer_id != buyer.pk:
        raise NotAllowed
    _check_time(parcel, now)
    words = _words(words, "words", MAX_WORDS, _("Please say what is wrong: the farmer was not there."))
    if kind not in Claim.Kind.values:
        raise InvalidInput(_("Please choose what is wrong."), field="kind")
    if len(uploads) > MAX_PHOTOS:
        raise InvalidInput(_("Please choose at most %(most)s photos."), field="photos", most=MAX_PHOTOS)
    remaining_fen = parcel.total_fen - parcel.refunded_fen
    asked_fen = remaining_fen if asked_fen is None else _amount(asked_fen, "amount", remaining_fen)
    moved = parcels.claim_parcel(parcel_id=parcel_id, actor=buyer, now=now)
    claim = Claim.objects.create(
        parcel=moved,
        kind=kind,
        words=words,
        asked_fen=asked_fen,
        opened_at=now,
        answer_due=moved.timer_at or now,
    )
    for upload in uploads:
        ClaimPhoto.objects.create(claim=claim, photo=add_photo(user=buyer, upload=upload, now=now))
    _tell(
        moved.farmer.user,
        "claim_opened",
        claim,
        moved,
        now,
        amount_fen=asked_fen,
        until=claim.answer_due,
        **_what(claim),
    )
    _publish("claim.opened", claim, moved, now)
    return claim


@use_case
def agree_to_claim(*, claim_id: int, farmer: User, now: datetime) -> Claim:
    """The farmer gives back what the buyer asks for, also when it is already with the moderators.

    Raises ClaimHasEnded, NotAllowed, RefundExceedsPaid.
    """
    claim = _give_back(claim_id, Event.AGREE, farmer, now)
    _tell(
        claim.parcel.order.buyer, "claim_agreed", claim, claim.parcel, now, audience="buyer", amount_fen=claim.asked_fen
    )
    return claim


@use_case
def dispute_claim(*, claim_id: int, farmer: User, words: str, offered_fen: int | None, now: datetime) -> Claim:
    """The farmer's side, once, for the buyer and a moderator to read; perhaps with less money than was asked for.

    Raises ClaimHasEnded, AnsweredAlready, NotAllowed, InvalidInput for no words or an offer that is none.
    """
    claim = _lock_claim(claim_id)
    if claim.parcel.farmer.user_id != farmer.pk:
        raise NotAllowed
    if claim.state != State.OPEN:
        raise ClaimHasEnded
    if claim.answered_at is not None:
        raise AnsweredAlready
    claim.answer = _words(words, "answer", MAX_WORDS, _("Please say how you see it: buyer and moderator read it."))
    if offered_fen is not None:
        if offered_fen == claim.asked_fen:
            raise InvalidInput(_("That is all the buyer asks for: please use the button “Agree”."), field="offer")
        claim.offered_fen = _amount(offered_fen, "offer", claim.asked_fen - 1)
    claim.answered_at = now
    parcel = parcels.dispute_claim(parcel_id=claim.parcel_id, actor=farmer, now=now)
    claim.save(update_fields=["answer", "offered_fen", "answered_at"])
    _tell(parcel.order.buyer, "claim_answered", claim, parcel, now, offer_fen=claim.offered_fen)
    return claim


@use_case
def accept_offer(*, claim_id: int, buyer: User, now: datetime) -> Claim:
    """The buyer takes what the farmer offered. Raises ClaimHasEnded, NoOffer, NotAllowed, RefundExceedsPaid."""
    claim = _give_back(claim_id, Event.ACCEPT, buyer, now)
    _tell(
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
def decide_claim(*, claim_id: int, moderator: User, back_fen: int, reason: str, now: datetime) -> Claim:
    """A moderator gives back all of what was asked for, a part, or nothing (0), with a reason that both sides read.

    Nobody decides about their own purchase or their own produce. Raises NotAllowed, ClaimHasEnded, FarmerNotHeard,
    InvalidInput for no reason or for more than was asked, RefundExceedsPaid.
    """
    if not moderator.is_moderator:
        raise NotAllowed
    parcel = Parcel.objects.select_related("order", "farmer").get(claims=claim_id)
    if moderator.pk == parcel.order.buyer_id or is_close_to(moderator, parcel.farmer):
        raise NotAllowed
    reason = _words(reason, "reason", REASON_LENGTH, _("Please say why: buyer and farmer read it."))
    claim = _give_back(claim_id, Event.DECIDE, moderator, now, back_fen=back_fen, reason=reason)
    record_act(
        actor=moderator,
        kind="claim_decide",
        about=f"claim:{claim.pk}",
        now=now,
        old={"state": State.OPEN},
        new={"state": claim.state, "decided_fen": claim.decided_fen},
        reason=reason,
    )
    for person, audience in [(claim.parcel.order.buyer, "buyer"), (claim.parcel.farmer.user, "farmer")]:
        _tell(
            person,
            "claim_decided",
            claim,
            claim.parcel,
            now,
            audience=audience,
            amount_fen=claim.decided_fen,
            reason=reason,
        )
    return claim


@use_case
def withdraw_claim(*, claim_id: int, buyer: User, now: datetime) -> Claim:
    """The buyer takes it back; the time to claim goes on as if there had been none. Raises ClaimHasEnded, NotAllowed."""
    claim = _lock_claim(claim_id)
    if claim.parcel.order.buyer_id != buyer.pk:
        raise NotAllowed
    if claim.state != State.OPEN:
        raise ClaimHasEnded
    parcel = parcels.withdraw_claim(parcel_id=claim.parcel_id, actor=buyer, now=now)
    claim.state, claim.decided_by, claim.decided_at = State.WITHDRAWN, buyer, now
    claim.save(update_fields=["state", "decided_by", "decided_at"])
    _tell(parcel.farmer.user, "claim_withdrawn", claim, parcel, now)
    _publish("claim.decided", claim, parcel, now)
    return claim


@needs_transaction
def _give_back(
    claim_id: int, event: Event, actor: User, now: datetime, *, back_fen: int = 0, reason: str = ""
) -> Claim:
    """End an open claim on somebody's word: the parcel settled, the money owed, the claim closed, or none of it."""
    order_id = Parcel.objects.values_list("order_id", flat=True).get(claims=claim_id)
    payment = lock_payment_of(order_id)
    if payment is None:
        raise RuntimeError(f"claim {claim_id} is about an order without a payment")
    claim = _lock_claim(claim_id)
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
            back_fen = _amount(back_fen, "amount", claim.asked_fen) if back_fen else 0
    claim.parcel = parcels.end_claim(
        parcel_id=claim.parcel_id, event=event, actor=actor, back_fen=back_fen, now=now, note=reason
    )
    if back_fen:
        claim.decided_fen = back_fen
        claim.refund = owe_refund(
            payment=payment, amount_fen=back_fen, reason=Refund.Reason.CLAIM, now=now, parcel=claim.parcel
        )
    claim.decided_by, claim.decided_at, claim.reason = actor, now, reason
    claim.save(update_fields=["state", "decided_fen", "refund", "decided_by", "decided_at", "reason"])
    _publish("claim.decided", claim, claim.parcel, now)
    return claim


def _lock(parcel_id: int) -> Parcel:
    locked = Parcel.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("order__buyer", "farmer__user").get(pk=parcel_id)


def _lock_claim(claim_id: int) -> Claim:
    """The claim as it is once nobody else holds its parcel: all who move a claim lock the parcel first."""
    parcel = _lock(Claim.objects.values_list("parcel_id", flat=True).get(pk=claim_id))
    claim = Claim.objects.select_for_update(no_key=True).get(pk=claim_id)
    claim.parcel = parcel
    return claim


def _check_time(parcel: Parcel, now: datetime) -> None:
    """The clock's own answer, in words that say more than "it has moved on"."""
    if parcel.state == Parcel.State.CLAIMED:
        raise ClaimIsOpen
    if parcel.received_at is None:
        raise NothingReceivedYet
    if parcel.state != Parcel.State.RECEIVED or parcel.claim_until is None or parcel.claim_until <= now:
        raise TooLateToClaim


def _words(words: str, field: str, most: int, when_empty: Any) -> str:
    words = words.strip()
    if not words:
        raise InvalidInput(when_empty, field=field)
    if len(words) > most:
        raise InvalidInput(_("Please say it in fewer words."), field=field)
    return words


def _amount(fen: int, field: str, most_fen: int) -> int:
    if fen <= 0:
        raise InvalidInput(_("Please type an amount above 0."), field=field)
    if fen > most_fen:
        raise InvalidInput(_("At most %(most)s is possible here."), field=field, most=show_yuan(most_fen))
    return fen


def _what(claim: Claim) -> dict[str, str]:
    """What is wrong, in both languages, for a notification."""
    said = {}
    for name, language in [("what_zh", "zh-hans"), ("what_en", "en")]:
        with translation.override(language):
            said[name] = str(Claim.Kind(claim.kind).label)
    return said


def _publish(event: str, claim: Claim, parcel: Parcel, now: datetime) -> None:
    """To the programs of both sides: sums and states, no words."""
    publish(
        event,
        to=[parcel.order.buyer_id, parcel.farmer.user_id],
        now=now,
        claim=claim.pk,
        parcel=parcel.number,
        state=str(claim.state),
        asked_fen=claim.asked_fen,
        decided_fen=claim.decided_fen,
    )


def _tell(recipient: User, kind: str, claim: Claim, parcel: Parcel, now: datetime, **context: Any) -> None:
    link = reverse("payments:claim_detail", args=[parcel.number])
    notify(
        recipient=recipient, kind=kind, about=f"claim:{claim.pk}", now=now, link=link, number=parcel.number, **context
    )
