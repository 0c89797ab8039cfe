"""Deciding about a farmer: verified, refused, suspended. Each with a reason on record that the farmer reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User, VerificationDecision
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify

REASON_LENGTH = 500
Status, Verdict = Farmer.Status, VerificationDecision.Verdict


@dataclass(frozen=True)
class Move:
    """From where a verdict leads to which status, and what the farmer is told."""

    before: frozenset[str]
    after: str
    tells: str


MOVES: dict[str, Move] = {
    Verdict.VERIFY: Move(frozenset({Status.WAITING, Status.SUSPENDED}), Status.VERIFIED, "farmer_verified"),
    Verdict.REFUSE: Move(frozenset({Status.WAITING}), Status.REFUSED, "farmer_refused"),
    Verdict.SUSPEND: Move(frozenset({Status.VERIFIED}), Status.SUSPENDED, "farmer_suspended"),
}


def verdicts_open(farmer: Farmer) -> list[str]:
    """The verdicts that the farmer's present status allows."""
    return [verdict for verdict, move in MOVES.items() if farmer.status in move.before]


@use_case
def verify_farmer(
    *, farmer_id: int, decided_by: User, reason: str, now: datetime, seen: datetime | None = None
) -> VerificationDecision:
    """Let a farmer sell: what they list may be shown. `reason` says what was checked.

    `seen` is the `applied_at` of what the decider looked at. Raises NotAllowed for somebody who may not decide about
    this farmer, WrongState when it was decided or changed meanwhile, InvalidInput (field "reason") without a reason.
    """
    return _decide(Verdict.VERIFY, farmer_id, decided_by, reason, now, seen)


@use_case
def refuse_farmer(
    *, farmer_id: int, decided_by: User, reason: str, now: datetime, seen: datetime | None = None
) -> VerificationDecision:
    """Send an application back; the farmer may correct it and apply again. Raises as `verify_farmer` does."""
    return _decide(Verdict.REFUSE, farmer_id, decided_by, reason, now, seen)


@use_case
def suspend_farmer(
    *, farmer_id: int, decided_by: User, reason: str, now: datetime, seen: datetime | None = None
) -> VerificationDecision:
    """Show nothing of a verified farmer any more until they are verified again. Raises as `verify_farmer` does."""
    return _decide(Verdict.SUSPEND, farmer_id, decided_by, reason, now, seen)


@needs_transaction
def _decide(
    verdict: str, farmer_id: int, decided_by: User, reason: str, now: datetime, seen: datetime | None
) -> VerificationDecision:
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please give a reason, in up to 500 letters."), field="reason")
    theirs = Farmer.objects.decidable_by(decided_by, timezone.localdate(now)).select_related("county", "user")
    farmer = theirs.select_for_update(of=("self",), no_key=True).filter(pk=farmer_id).first()
    if farmer is None:
        raise NotAllowed
    move = MOVES[verdict]
    if farmer.status not in move.before or (seen is not None and seen != farmer.applied_at):
        raise WrongState(_("Somebody decided this meanwhile, or the farmer changed it. Please look again."))
    before, farmer.status = farmer.status, move.after
    farmer.status_reason = "" if verdict == Verdict.VERIFY else reason
    if verdict == Verdict.VERIFY and farmer.verified_at is None:
        farmer.verified_at = now
    farmer.save(update_fields=["status", "status_reason", "verified_at"])
    decision = VerificationDecision.objects.create(
        farmer=farmer, decided_by=decided_by, verdict=verdict, reason=reason, decided_at=now
    )
    record_act(
        actor=decided_by,
        kind=f"farmer_{verdict.lower()}",
        about=f"farmer:{farmer.pk}",
        now=now,
        old={"status": before},
        new={"status": farmer.status},
        reason=reason,
    )
    _tell_farmer(farmer, decision, move.tells, now)
    return decision


def _tell_farmer(farmer: Farmer, decision: VerificationDecision, kind: str, now: datetime) -> None:
    notify(
        recipient=farmer.user,
        kind=kind,
        about=f"farmer:{farmer.pk}",
        occurrence=str(decision.pk),
        now=now,
        link=reverse("accounts:farmer_status"),
        farmer=farmer.name,
        reason=decision.reason,
        county_zh=farmer.county.name_zh,
        county_en=farmer.county.name_en,
    )
