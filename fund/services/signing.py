"""The three steps that whatever two people answer for has: lock, approve by another, give up with a reason."""

from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import InvalidInput, WrongState
from common.transactions import needs_transaction
from fund.access import check_may
from fund.errors import SecondPersonNeeded
from fund.models import Allotment, GiftReturn, Grant

REASON_LENGTH = 300
T = TypeVar("T", Allotment, GiftReturn, Grant)


@needs_transaction
def lock(model: type[T], pk: int, actor: User, *states: str) -> T:
    """The row, held, in one of these states; a step. Raises NotAllowed, WrongState."""
    check_may(actor)
    row = model._default_manager.select_for_update(no_key=True).get(pk=pk)
    if row.state not in states:
        raise WrongState
    return row


@needs_transaction
def lock_to_approve(model: type[T], pk: int, actor: User) -> T:
    """What another person prepared, held; a step. Raises SecondPersonNeeded too."""
    row = lock(model, pk, actor, "PREPARED")
    if row.prepared_by_id == actor.pk:
        raise SecondPersonNeeded
    return row


@needs_transaction
def sign(row: T, actor: User, now: datetime, **also: object) -> None:
    """It is approved, with what else that sets; a step."""
    row.approved_by, row.approved_at = actor, now
    row.state = row._meta.get_field("state").to_python("APPROVED")
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["approved_by", "approved_at", "state", *also])


@needs_transaction
def give_up(row: T, actor: User, reason: str, now: datetime, **also: object) -> None:
    """It is given up, with what else that sets; a step. Raises InvalidInput without a reason."""
    row.dropped_by, row.dropped_at, row.why_dropped = actor, now, said(reason)
    row.state = row._meta.get_field("state").to_python("DROPPED")
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["dropped_by", "dropped_at", "why_dropped", "state", *also])


def said(reason: str) -> str:
    """The reason, if there is one. Raises InvalidInput."""
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please give a reason, in up to 300 letters."), field="reason")
    return reason


@needs_transaction
def record(row: T, kind: str, actor: User, now: datetime, reason: str = "", **new: str | int) -> None:
    """Keep who did it; a step."""
    about = f"{row._meta.model_name}:{row.pk}"
    record_act(actor=actor, kind=kind, about=about, now=now, new={"state": row.state, **new}, reason=reason)
