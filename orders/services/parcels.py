"""What people and the clock do with a paid parcel: post, receive, cancel, claim, remind, escalate, settle."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from common.errors import InvalidInput
from common.transactions import needs_transaction, use_case
from marketplace.services import stock
from notifications.services import notify
from notifications.webhooks import publish
from orders import clock
from orders.clock import Event
from orders.models import Order, Parcel
from orders.queries import specialists_of
from orders.services.moves import move
from orders.tracking import clean_tracking_number

REASON_LENGTH = 300


@use_case
def post_parcel(*, parcel_id: int, actor: User, courier: str, tracking_number: str, now: datetime) -> Parcel:
    """The farmer handed the parcel to a courier. Raises InvalidInput for an implausible number, WrongMove, NotAllowed."""
    return hand_over(parcel_id=parcel_id, actor=actor, courier=courier, tracking_number=tracking_number, now=now)


@needs_transaction
def hand_over(
    *,
    parcel_id: int,
    actor: User,
    courier: str,
    tracking_number: str,
    now: datetime,
    consent: Consent | None = None,
) -> Parcel:
    """As post_parcel, inside the caller's transaction; a step.

    With `consent`, held by the caller, `actor` is the specialist who does it for the farmer, and stands in the parcel's events.
    """
    parcel = move(
        parcel_id=parcel_id,
        event=Event.POST,
        actor=actor,
        now=now,
        consent=consent,
        courier=courier,
        tracking_number=clean_tracking_number(courier, tracking_number),
        posted_at=now,
    )
    _tell_posted(parcel, now)
    return parcel


@use_case
def correct_tracking(*, parcel_id: int, actor: User, courier: str, tracking_number: str, now: datetime) -> Parcel:
    """The farmer mistyped the number and puts it right while the parcel is on its way."""
    parcel = move(
        parcel_id=parcel_id,
        event=Event.CORRECT,
        actor=actor,
        now=now,
        courier=courier,
        tracking_number=clean_tracking_number(courier, tracking_number),
    )
    _tell_posted(parcel, now)
    return parcel


def _tell_posted(parcel: Parcel, now: datetime) -> None:
    courier = Parcel.Courier(parcel.courier)
    _tell(
        parcel.order.buyer,
        "parcel_posted",
        parcel,
        now,
        occurrence=parcel.tracking_number,
        farmer=parcel.farmer.name,
        courier_zh=_in("zh-hans", courier),
        courier_en=_in("en", courier),
        tracking_number=parcel.tracking_number,
    )
    _publish("parcel.posted", parcel, now)


@use_case
def receive_parcel(*, parcel_id: int, actor: User, now: datetime) -> Parcel:
    """The buyer has it. The time to claim starts."""
    claim_until = now + settings.CLAIM_WINDOW
    parcel = move(
        parcel_id=parcel_id, event=Event.RECEIVE, actor=actor, now=now, received_at=now, claim_until=claim_until
    )
    _tell(parcel.farmer.user, "parcel_received", parcel, now, until=parcel.claim_until)
    _publish("parcel.received", parcel, now)
    return parcel


@needs_transaction
def cancel_parcel(*, parcel_id: int, actor: User, reason: str, now: datetime) -> int:
    """Cancel a parcel that is not posted: packs back on sale, the others told; a step.

    Returns the fen to give back to the buyer, goods and postage, 0 where it was to be paid on delivery; the caller records
    the refund in the same transaction.
    A farmer or moderator has to give a reason. Raises InvalidInput, WrongMove (e.g. the second time), NotAllowed.
    """
    order = Order.objects.select_for_update(no_key=True).get(parcels=parcel_id)
    reason = reason.strip()
    if order.buyer_id != actor.pk and not reason:
        raise InvalidInput(_("Please say why: the buyer reads it."), field="reason")
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please say it in fewer words."), field="reason")
    parcel = move(parcel_id=parcel_id, event=Event.CANCEL, actor=actor, now=now, note=reason, is_late=False)
    stock.return_packs([line.hold_id for line in parcel.lines.all()], now)
    back_fen = parcel.total_fen if order.paid_at else 0
    Parcel.objects.filter(pk=parcel_id).update(refunded_fen=back_fen)
    if not order.parcels.exclude(state=Parcel.State.CANCELLED).exists():
        order.status = Order.Status.CANCELLED
        order.save(update_fields=["status"])
    if actor.pk != parcel.farmer.user_id:
        _tell(parcel.farmer.user, "parcel_cancelled", parcel, now, audience="farmer", reason=reason)
    if actor.pk != order.buyer_id:
        back: dict[str, Any] = {"amount_fen": back_fen} if back_fen else {}
        _tell(order.buyer, "parcel_cancelled", parcel, now, audience="buyer", reason=reason, **back)
    _publish("parcel.cancelled", parcel, now)
    return back_fen


@needs_transaction
def claim_parcel(*, parcel_id: int, actor: User, now: datetime) -> Parcel:
    """The buyer says that something is wrong; a step. Settling waits, `timer_at` is when the farmer's answer is due."""
    return move(parcel_id=parcel_id, event=Event.CLAIM, actor=actor, now=now)


@needs_transaction
def pay_small_claim(*, parcel_id: int, actor: User, back_fen: int, now: datetime) -> Parcel:
    """What is wrong is small, and its fen go back at once; a step. The parcel settles when it would have settled.

    The caller records claim and refund and tells the farmer, in the same transaction. Raises WrongMove, NotAllowed.
    """
    parcel = move(parcel_id=parcel_id, event=Event.SMALL_CLAIM, actor=actor, now=now)
    return _add_refund(parcel, back_fen)


@needs_transaction
def dispute_claim(*, parcel_id: int, actor: User, now: datetime) -> Parcel:
    """The farmer sees it differently; a step. The moderators are told that it waits for them."""
    parcel = move(parcel_id=parcel_id, event=Event.DISPUTE, actor=actor, now=now)
    _tell_moderators(parcel, now)
    return parcel


@needs_transaction
def withdraw_claim(*, parcel_id: int, actor: User, now: datetime) -> Parcel:
    """The buyer takes the claim back; a step. The parcel settles at `claim_until`, at once if that is over."""
    return move(parcel_id=parcel_id, event=Event.WITHDRAW, actor=actor, now=now)


@needs_transaction
def end_claim(
    *, parcel_id: int, event: clock.Event, actor: User, back_fen: int, now: datetime, note: str = ""
) -> Parcel:
    """AGREE, ACCEPT or DECIDE: the parcel is settled, less the fen that go back to the buyer (0: refused); a step.

    The caller records the refund and tells both sides, in the same transaction. Raises WrongMove, NotAllowed.
    """
    parcel = move(parcel_id=parcel_id, event=event, actor=actor, now=now, note=note, settled_at=now)
    return _add_refund(parcel, back_fen)


@needs_transaction
def give_more_back(*, parcel_id: int, back_fen: int) -> Parcel:
    """More of a settled parcel goes back, after an appeal; a step. The caller records the refund."""
    locked = Parcel.objects.select_for_update(of=("self",), no_key=True).select_related("order__buyer", "farmer__user")
    return _add_refund(locked.get(pk=parcel_id, state=Parcel.State.SETTLED), back_fen)


@needs_transaction
def _add_refund(parcel: Parcel, back_fen: int) -> Parcel:
    parcel.refunded_fen += back_fen  # its row is locked
    parcel.save(update_fields=["refunded_fen"])
    return parcel


@use_case
def run_timer(*, parcel_id: int, now: datetime) -> bool:
    """Let happen what the parcel's timer says, if it is due. Safe twice; True when something happened."""
    parcel = Parcel.objects.filter(pk=parcel_id).due(now).select_for_update(no_key=True).first()
    if parcel is None:
        return False
    _TIMERS[Event(parcel.timer)](parcel_id, now)
    return True


def _remind(parcel_id: int, now: datetime) -> None:
    parcel = move(parcel_id=parcel_id, event=Event.REMIND, actor=None, now=now)
    packs = sum(line.packs for line in parcel.lines.all())
    _tell(parcel.farmer.user, "parcel_post_reminder", parcel, now, packs=packs, until=parcel.post_by)


def _escalate(parcel_id: int, now: datetime) -> None:
    parcel = move(parcel_id=parcel_id, event=Event.ESCALATE, actor=None, now=now, is_late=True)
    late = partial(_tell, kind="parcel_late", parcel=parcel, now=now, farmer=parcel.farmer.name)
    late(parcel.farmer.user, audience="farmer")
    late(parcel.order.buyer, audience="buyer" if parcel.order.paid_at else "buyer_promised")
    for specialist in specialists_of(parcel.farmer.county_id, on=timezone.localdate(now)):
        late(specialist, link=reverse("orders:late_list"))


def _auto_receive(parcel_id: int, now: datetime) -> None:
    if Order.objects.filter(parcels=parcel_id, status=Order.Status.PROMISED).exists():
        move(parcel_id=parcel_id, event=Event.ASK, actor=None, now=now)  # those who keep books ask the farmer
        return
    claim_until = now + settings.CLAIM_WINDOW
    parcel = move(
        parcel_id=parcel_id, event=Event.AUTO_RECEIVE, actor=None, now=now, received_at=now, claim_until=claim_until
    )
    _tell(parcel.order.buyer, "parcel_auto_received", parcel, now, until=parcel.claim_until)
    _publish("parcel.received", parcel, now)


def _settle(parcel_id: int, now: datetime) -> None:
    parcel = move(parcel_id=parcel_id, event=Event.SETTLE, actor=None, now=now, settled_at=now)
    about = {} if parcel.order.paid_at else {"audience": "unpaid"}
    _tell(parcel.farmer.user, "parcel_settled", parcel, now, amount_fen=parcel.total_fen - parcel.refunded_fen, **about)


def _pass_on(parcel_id: int, now: datetime) -> None:
    parcel = move(parcel_id=parcel_id, event=Event.PASS_ON, actor=None, now=now)
    for person, audience in [(parcel.farmer.user, "farmer"), (parcel.order.buyer, "buyer")]:
        _tell(person, "claim_escalated", parcel, now, link=_claim_page(parcel), audience=audience, occurrence=str(now))
    _tell_moderators(parcel, now)


def _tell_moderators(parcel: Parcel, now: datetime) -> None:
    """All but those whom the claim is about. A parcel can be claimed twice, so each time is said."""
    sides = [parcel.order.buyer_id, parcel.farmer.user_id]
    for moderator in User.objects.filter(is_moderator=True, is_active=True).exclude(pk__in=sides):
        link = reverse("payments:claim_queue")  # a page of a higher app, by its address only
        _tell(moderator, "claim_escalated", parcel, now, link=link, occurrence=str(now), farmer=parcel.farmer.name)


def _claim_page(parcel: Parcel) -> str:
    return reverse("payments:claim_detail", args=[parcel.number])


_TIMERS: dict[clock.Event, Callable[[int, datetime], None]] = {
    Event.REMIND: _remind,
    Event.ESCALATE: _escalate,
    Event.AUTO_RECEIVE: _auto_receive,
    Event.SETTLE: _settle,
    Event.PASS_ON: _pass_on,
}


def _tell(recipient: User, kind: str, parcel: Parcel, now: datetime, *, link: str = "", **context: Any) -> None:
    """Tell the buyer or the farmer about their parcel, with a link to where they see it."""
    if not link and recipient.pk == parcel.order.buyer_id:
        link = f"{reverse('orders:order_detail', args=[parcel.order.number])}#{parcel.number}"
    link = link or reverse("orders:parcel_detail", args=[parcel.number])
    notify(
        recipient=recipient, kind=kind, about=f"parcel:{parcel.pk}", now=now, link=link, number=parcel.number, **context
    )


def _publish(event: str, parcel: Parcel, now: datetime) -> None:
    """To the programs of buyer and farmer alike."""
    both = [parcel.order.buyer_id, parcel.farmer.user_id]
    publish(event, to=both, now=now, order=parcel.order.number, parcel=parcel.number, state=str(parcel.state))


def _in(language: str, words: Parcel.Courier) -> str:
    with translation.override(language):
        return str(words.label)
