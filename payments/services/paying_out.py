"""Paying farmers: a batch is prepared by one person, approved by another, sent, and each payout confirmed or returned.

Only a confirmation makes it paid. Locks: Batch → Parcels by pk → Payouts by pk. Preparing holds the parcels whose money it
moves, as refunds do, so that each is counted before or after the other.
"""

import secrets
from collections import defaultdict
from datetime import datetime

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.models import Parcel
from payments.errors import NothingToPayOut, SecondPersonNeeded
from payments.models import Leg, Payout, PayoutBatch
from payments.payout_queries import may_be_paid, may_handle_payouts
from payments.services.booking import Kind
from payments.services.booking_payouts import book_into_payout, book_not_paid, book_paid_out

REASON_LENGTH = 300
MOST_LEGS = 8000  # of one payout; what is more waits for the next
Due = list[tuple[int, str, int]]
State, BatchState = Payout.State, PayoutBatch.State


@use_case
def prepare_batch(*, actor: User, now: datetime) -> PayoutBatch:
    """Put all that is released and not under way into a batch: a payout for each farmer who has more than nothing.

    Refunds of what was paid out before go in as lines below nothing; a farmer whom they leave with nothing or less is
    passed over, and all of it waits for the next batch. Raises NotAllowed, NothingToPayOut.
    """
    _check(actor)
    due = _due_of(_lock_parcels())
    farmers = may_be_paid().in_bulk(due)
    batch = PayoutBatch.objects.create(prepared_by=actor, prepared_at=now)
    payouts = [
        _make_payout(batch, farmer, due[farmer_id], now)
        for farmer_id, farmer in sorted(farmers.items())
        if sum(fen for _line, _part, fen in due[farmer_id]) > 0
    ]
    if not payouts:
        raise NothingToPayOut
    _record(batch, "payout_prepare", actor, now, count=len(payouts), fen=sum(each.amount_fen for each in payouts))
    return batch


def _lock_parcels() -> list[int]:
    """The parcels of which something is released, held from now on."""
    with_money = Leg.objects.filter(account__kind=Kind.FARMER_DUE).values("line__parcel").annotate(fen=Sum("fen"))
    parcel_ids = list(with_money.exclude(fen=0).order_by("line__parcel").values_list("line__parcel", flat=True))
    held = Parcel.objects.select_for_update(no_key=True).filter(pk__in=parcel_ids).order_by("pk")
    return list(held.values_list("pk", flat=True))


def _due_of(parcel_ids: list[int]) -> dict[int, Due]:
    """What is to be paid out of these parcels, by farmer; what is below nothing first, then the oldest."""
    sums = (
        Leg.objects.filter(account__kind=Kind.FARMER_DUE, line__parcel__in=parcel_ids)
        .values_list("account__farmer_id", "line_id", "part")
        .annotate(fen=Sum("fen"))
        .exclude(fen=0)
        .order_by("line_id", "part")
    )
    found: dict[int, Due] = defaultdict(list)
    for farmer_id, line_id, part, fen in sums:
        found[farmer_id].append((line_id, part, -fen))
    return {pk: sorted(due, key=lambda each: each[2] > 0)[: MOST_LEGS // 2] for pk, due in found.items()}


@needs_transaction
def _make_payout(batch: PayoutBatch, farmer: Farmer, due: Due, now: datetime) -> Payout:
    payout = Payout.objects.create(
        batch=batch,
        farmer=farmer,
        reference=f"P{now:%Y%m%d}{secrets.token_hex(8).upper()}",
        amount_fen=sum(fen for _line, _part, fen in due),
        payee_kind=farmer.payee_kind,
        payee_name=farmer.payee_name,
        payee_account=farmer.payee_account,
    )
    book_into_payout(payout, due, now)
    return payout


@use_case
def approve_batch(*, batch_id: int, actor: User, now: datetime) -> PayoutBatch:
    """A second person, close to no farmer in it, stands for it. Raises NotAllowed, SecondPersonNeeded, WrongState."""
    batch = _lock(batch_id, actor, BatchState.PREPARED)
    if batch.prepared_by_id == actor.pk:
        raise SecondPersonNeeded
    if any(is_close_to(actor, farmer) for farmer in Farmer.objects.filter(payouts__batch=batch)):
        raise NotAllowed(_("A farmer in it is of your own household or close to you. Someone else has to approve it."))
    batch.state, batch.approved_by, batch.approved_at = BatchState.APPROVED, actor, now
    batch.save(update_fields=["state", "approved_by", "approved_at"])
    _record(batch, "payout_approve", actor, now)
    return batch


@use_case
def drop_batch(*, batch_id: int, actor: User, reason: str, now: datetime) -> PayoutBatch:
    """Give a batch up before it was sent: its money is to be paid out again. Raises NotAllowed, WrongState, InvalidInput."""
    reason = _reason(reason)
    batch = _lock(batch_id, actor, BatchState.PREPARED, BatchState.APPROVED)
    for payout in _lock_payouts(batch, State.WAITING):
        payout.state = State.DROPPED
        payout.save(update_fields=["state"])
        book_not_paid(payout, now, was_paid=False)
    batch.state, batch.dropped_by, batch.dropped_at, batch.reason = BatchState.DROPPED, actor, now, reason
    batch.save(update_fields=["state", "dropped_by", "dropped_at", "reason"])
    _record(batch, "payout_drop", actor, now, reason=reason)
    return batch


@use_case
def send_batch(*, batch_id: int, actor: User, now: datetime) -> list[Payout]:
    """The batch goes to the bank: its payouts, for the bank's file. Again for one that is there already: the same.

    Each time is on record, as the file has account numbers. Raises NotAllowed, WrongState before it is approved.
    """
    batch = _lock(batch_id, actor, BatchState.APPROVED, BatchState.SENT)
    if batch.state == BatchState.APPROVED:
        batch.state, batch.sent_by, batch.sent_at = BatchState.SENT, actor, now
        batch.save(update_fields=["state", "sent_by", "sent_at"])
        for payout in _lock_payouts(batch, State.WAITING):
            payout.state = State.SENT
            payout.save(update_fields=["state"])
    _record(batch, "payout_send", actor, now)
    return list(batch.payouts.select_related("farmer").order_by("pk"))


@use_case
def confirm_payout(*, payout_id: int, actor: User, now: datetime) -> Payout:
    """The bank says it is paid. Raises NotAllowed, WrongState unless it is on its way."""
    _check(actor)
    payout = _lock_payout(payout_id, State.SENT)
    _confirm(payout, now)
    _record(payout.batch, "payout_confirm", actor, now, payout=payout.reference)
    return payout


@use_case
def confirm_rest(*, batch_id: int, actor: User, now: datetime) -> int:
    """The bank has paid all that is still on its way: how many. Raises NotAllowed, WrongState."""
    batch = _lock(batch_id, actor, BatchState.SENT)
    payouts = _lock_payouts(batch, State.SENT)
    for payout in payouts:
        _confirm(payout, now)
    if payouts:
        _record(batch, "payout_confirm", actor, now, count=len(payouts))
    return len(payouts)


@use_case
def return_payout(*, payout_id: int, actor: User, reason: str, is_payee_wrong: bool, now: datetime) -> Payout:
    """The bank sent it back, perhaps after it counted as paid: it is to be paid out again. The farmer is told why.

    With `is_payee_wrong` nothing more is paid to that account until the farmer has given another.
    Raises NotAllowed, WrongState, InvalidInput without a reason.
    """
    reason = _reason(reason)
    _check(actor)
    payout = _lock_payout(payout_id, State.SENT, State.PAID)
    was_paid = payout.state == State.PAID
    payout.state, payout.returned_at, payout.reason, payout.is_payee_wrong = State.RETURNED, now, reason, is_payee_wrong
    payout.save(update_fields=["state", "returned_at", "reason", "is_payee_wrong"])
    book_not_paid(payout, now, was_paid=was_paid)
    _tell(payout, "payout_returned", now, reason=reason, audience="payee" if is_payee_wrong else "")
    _record(payout.batch, "payout_return", actor, now, reason=reason, payout=payout.reference)
    return payout


@needs_transaction
def _confirm(payout: Payout, now: datetime) -> None:
    payout.state, payout.paid_at = State.PAID, now
    payout.save(update_fields=["state", "paid_at"])
    book_paid_out(payout, now)
    _tell(payout, "payout_paid", now, account=payout.masked_payee_account)


def _check(actor: User) -> None:
    if not may_handle_payouts(actor):
        raise NotAllowed


def _lock(batch_id: int, actor: User, *states: PayoutBatch.State) -> PayoutBatch:
    _check(actor)
    batch = PayoutBatch.objects.select_for_update(no_key=True).get(pk=batch_id)
    if batch.state not in states:
        raise WrongState
    return batch


def _lock_payouts(batch: PayoutBatch, state: Payout.State) -> list[Payout]:
    theirs = batch.payouts.filter(state=state).select_for_update(of=("self",), no_key=True)
    return list(theirs.select_related("farmer__user").order_by("pk"))


def _lock_payout(payout_id: int, *states: Payout.State) -> Payout:
    locked = Payout.objects.select_for_update(of=("self",), no_key=True)
    payout = locked.select_related("farmer__user", "batch").get(pk=payout_id)
    if payout.state not in states:
        raise WrongState
    return payout


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please give a reason, in up to 300 letters."), field="reason")
    return reason


def _record(batch: PayoutBatch, kind: str, actor: User, now: datetime, reason: str = "", **new: str | int) -> None:
    record_act(
        actor=actor,
        kind=kind,
        about=f"payout_batch:{batch.pk}",
        now=now,
        new={"state": batch.state, **new},
        reason=reason,
    )


def _tell(payout: Payout, kind: str, now: datetime, **context: str) -> None:
    notify(
        recipient=payout.farmer.user,
        kind=kind,
        about=f"payout:{payout.pk}",
        now=now,
        link=reverse("payments:farm_money"),
        amount_fen=payout.amount_fen,
        **context,
    )
