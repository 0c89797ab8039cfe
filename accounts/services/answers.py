"""Answers kept under an Idempotency-Key: claimed before the work, saved in the work's own transaction.

A request that is killed leaves either a claim that lapses and no effect, or the effect and its answer. Somebody thought
dead who wakes up finds another claim on the row, and their transaction is rolled back: the effect comes once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import KeptAnswer
from common.errors import DomainError, InvalidInput
from common.transactions import needs_transaction, use_case

CLAIM_LASTS = timedelta(seconds=60)  # longer than a web process lets a request live
KEPT_FOR = timedelta(hours=48)
SWEEP_AT_ONCE = 5000


class KeyInUse(DomainError):
    """The same request is being worked on right now."""

    code = "request_in_progress"
    default_message = _("The same request is being worked on. Please ask again in a moment.")


class KeyReused(InvalidInput):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    default_message = _("This Idempotency-Key came with another request before. Please take a new one.")


class ClaimLost(DomainError):
    """Another request has taken over, because this one took too long: nothing of it is saved."""

    code = "request_in_progress"


@dataclass(frozen=True)
class Claim:
    """The right to work on a request and to save its answer."""

    pk: int
    token: uuid.UUID


@use_case
def claim_key(*, user_id: int, key: str, fingerprint: str, now: datetime) -> Claim | KeptAnswer:
    """The right to work on this request, or the answer it was given before.

    Raises KeyReused for another request under the same key, KeyInUse while somebody works on it.
    """
    token, until = uuid.uuid4(), now + CLAIM_LASTS
    made = KeptAnswer.objects.bulk_create(
        [
            KeptAnswer(
                user_id=user_id, key=key, fingerprint=fingerprint, claim=token, claimed_until=until, created_at=now
            )
        ],
        ignore_conflicts=True,
    )
    kept = KeptAnswer.objects.filter(user_id=user_id, key=key).first()
    if kept is None:  # swept, or released, between the two statements
        raise KeyInUse
    if kept.claim == made[0].claim:
        return Claim(kept.pk, token)
    if kept.fingerprint != fingerprint:
        raise KeyReused
    if kept.status:
        return kept
    lapsed = KeptAnswer.objects.filter(pk=kept.pk, status=0, claimed_until__lte=now)
    if lapsed.update(claim=token, claimed_until=until):
        return Claim(kept.pk, token)
    raise KeyInUse


@needs_transaction
def save_answer(claim: Claim, *, status: int, body: str, headers: Mapping[str, str]) -> None:
    """Keep the answer, in the transaction of what it speaks of. Raises ClaimLost, and all of that is undone."""
    mine = KeptAnswer.objects.filter(pk=claim.pk, claim=claim.token, status=0)
    if not mine.update(status=status, body=body, headers=dict(headers)):
        raise ClaimLost(KeyInUse.default_message)


@use_case
def keep_answer(claim: Claim, *, status: int, body: str, headers: Mapping[str, str]) -> None:
    """Keep the answer of work that has committed by itself, or of a refusal. Raises ClaimLost."""
    save_answer(claim, status=status, body=body, headers=headers)


@use_case
def release_key(claim: Claim) -> None:
    """Nothing was done: the key is as good as new."""
    KeptAnswer.objects.filter(pk=claim.pk, claim=claim.token, status=0).delete()


@use_case
def sweep_answers(*, now: datetime) -> int:
    """Forget answers after two days. Returns how many; safe twice."""
    old = KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
    pks = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SWEEP_AT_ONCE])
    KeptAnswer.objects.filter(pk__in=pks).delete()
    return len(pks)
