"""The record of what staff did, and the ties that keep them from deciding about their own people.

Every service through which staff change something calls `record_act` in its own transaction: no record, no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accounts.models import Farmer, StaffAct, Tie, User
from common.acting import caller
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case


@needs_transaction
def record_act(
    *,
    actor: User | None,
    kind: str,
    about: str,
    now: datetime,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    reason: str = "",
) -> StaffAct:
    """Keep for good that `actor` (None: the server, by a command) did `kind` to `about` ("revision:12"); a step.

    `old` and `new` hold what changed, no personal data beyond that. From where it came is known by itself.
    """
    return StaffAct.objects.create(
        actor=actor,
        at=now,
        kind=kind,
        about=about,
        old={name: _plain(value) for name, value in (old or {}).items()},
        new={name: _plain(value) for name, value in (new or {}).items()},
        reason=reason,
        way=caller().way,
        ip=caller().ip(),
    )


def _plain(value: Any) -> Any:
    """The value as JSON can keep it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@use_case
def declare_tie(*, user: User, farmer_id: int, note: str, now: datetime) -> Tie:
    """Say that a farmer is of one's own household, kin or friends: someone else decides about them from now on.

    Saying it twice changes nothing. Raises NotAllowed for people who decide nothing, and for no such farmer.
    """
    if not (user.is_active and user.is_moderator) or not Farmer.objects.filter(pk=farmer_id).exists():
        raise NotAllowed
    tie, is_new = Tie.objects.get_or_create(user=user, farmer_id=farmer_id, defaults={"note": note, "since": now})
    if is_new:
        record_act(actor=user, kind="tie_declare", about=f"farmer:{farmer_id}", now=now, reason=note)
    return tie
