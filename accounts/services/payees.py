"""Another account for a farmer's money: asked for with the farmer's own code, waiting some days, stopped or in force.

Whoever holds the farmer's phone for a minute must not get the season's money: the code names the account, every channel
tells of it at once, and until it is in force it can be stopped. Nobody but the farmer can ask. All lock the farmer first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, PayeeChange, PayeeRequest, User
from accounts.payees import FIELD, clean_payee_account
from accounts.queries import payee_not_before
from accounts.services.acts import record_act
from accounts.services.own_codes import WRONG_CODE, check_may_ask, lock_own, send_own_code, try_own_code
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify

KEEP_REQUESTS = timedelta(hours=1)
ONE_WAITS = _("A change is waiting already. Stop it first.")
AUDIENCE = "payee"  # of the one-time code

State = PayeeChange.State


@dataclass(frozen=True)
class Payee:
    """An account as somebody types it."""

    kind: str
    name: str
    account: str


def is_same(farmer: Farmer, payee: Payee) -> bool:
    """Whether the money goes there already. Raises InvalidInput for an account that can't be."""
    account = clean_payee_account(payee.kind, payee.account)
    return (farmer.payee_kind, farmer.payee_name, farmer.payee_account) == (payee.kind, payee.name.strip(), account)


@use_case
def ask_payee_change(*, user_id: int, payee: Payee, now: datetime) -> PayeeRequest:
    """Send the farmer a code for another account; nothing changes before they typed it. A request before it is forgotten.

    Raises NotAllowed for who is no verified farmer, WrongState while a change waits, InvalidInput for an account that
    can't be or is the present one, and within a minute of the last code.
    """
    farmer = lock_own(user_id)
    name = payee.name.strip()
    if not 2 <= len(name) <= 60:
        raise InvalidInput(_("Please type the name on the account."), field="payee_name")
    if is_same(farmer, payee):
        raise InvalidInput(_("Your money goes there already."), field=FIELD)
    _check_none_waits(farmer)
    former = PayeeRequest.objects.filter(farmer=farmer)
    check_may_ask(farmer, former, now)
    former.delete()
    request = PayeeRequest(
        farmer=farmer,
        payee_kind=payee.kind,
        payee_name=name,
        payee_account=clean_payee_account(payee.kind, payee.account),
        asked_at=now,
    )
    request.digest = send_own_code(farmer, AUDIENCE, farmer.pk, account=request.masked_payee_account)
    request.save(force_insert=True)
    return request


def confirm_payee_change(*, user_id: int, request_id: str, code: str, now: datetime) -> PayeeChange:
    """The farmer typed the code: the change waits until `payee_not_before`, and they are told over every channel.

    A code that is wrong, too old, used, tried too often, of another request or of somebody else gets the one answer,
    InvalidInput (field "code"), and counts as a try for good. Raises NotAllowed and WrongState as `ask_payee_change`.
    """
    change = _confirm(user_id=user_id, request_id=request_id, code=code, now=now)
    if change is None:
        raise InvalidInput(WRONG_CODE, field="code")
    return change


@use_case
def _confirm(*, user_id: int, request_id: str, code: str, now: datetime) -> PayeeChange | None:
    """None for a wrong code, so that the try is committed."""
    farmer = lock_own(user_id)
    request = PayeeRequest.objects.filter(farmer=farmer).first()
    if request is None or str(request.pk) != request_id:
        return None
    is_right = try_own_code(request, AUDIENCE, farmer.pk, code=code, now=now)
    request.save(update_fields=["tries"])
    if not is_right:
        return None
    _check_none_waits(farmer)
    request.delete()
    change = PayeeChange.objects.create(
        farmer=farmer,
        payee_kind=request.payee_kind,
        payee_name=request.payee_name,
        payee_account=request.payee_account,
        asked_at=now,
        takes_effect_at=payee_not_before(farmer.user, now),
    )
    _tell(change, "payee_change_asked", now, until=change.takes_effect_at)
    return change


@use_case
def stop_payee_change(*, change_id: int, actor: User, now: datetime, reason: str = "") -> PayeeChange:
    """Stop a change that waits: the farmer their own, without a reason; those who decide about the farmer with one.

    Raises NotAllowed for anybody else, WrongState when it is in force or stopped, InvalidInput (field "reason").
    """
    farmer, change = _lock(change_id)
    is_own = farmer.user_id == actor.pk
    reason = "" if is_own else reason.strip()
    if not is_own:
        if not Farmer.objects.decidable_by(actor, timezone.localdate(now)).filter(pk=farmer.pk).exists():
            raise NotAllowed
        if not reason or len(reason) > REASON_LENGTH:
            raise InvalidInput(_("Please give a reason, in up to 500 letters."), field="reason")
    if change.state != State.WAITING:
        raise WrongState
    change.state, change.ended_at, change.stopped_by, change.reason = State.STOPPED, now, actor, reason
    change.save(update_fields=["state", "ended_at", "stopped_by", "reason"])
    if not is_own:
        record_act(
            actor=actor,
            kind="payee_change_stop",
            about=f"farmer:{farmer.pk}",
            now=now,
            old={"state": State.WAITING},
            new={"state": State.STOPPED, "change": change.pk},
            reason=reason,
        )
    _tell(change, "payee_change_stopped", now, reason=reason)
    return change


def due_payee_changes(now: datetime) -> list[int]:
    """The ids of changes whose time has come, oldest first. A suspended or blocked farmer's wait on."""
    return list(_due(now).order_by("takes_effect_at", "pk").values_list("pk", flat=True))


@use_case
def apply_payee_change(*, change_id: int, now: datetime) -> bool:
    """Let a farmer's money go to the new account, if the change waits and its time has come; tells the farmer.

    Safe twice: False, and nothing happens, for what is done, stopped or not due.
    """
    farmer, change = _lock(change_id)
    if not _due(now).filter(pk=change.pk).exists():
        return False
    # The change first: the database lets money go only where a change in force says.
    change.state, change.ended_at = State.DONE, now
    change.save(update_fields=["state", "ended_at"])
    farmer.payee_kind, farmer.payee_name = change.payee_kind, change.payee_name
    farmer.payee_account = change.payee_account
    farmer.save(update_fields=["payee_kind", "payee_name", "payee_account"])
    _tell(change, "payee_changed", now)
    return True


@use_case
def forget_payee_requests(*, now: datetime) -> int:
    """Delete accounts that were typed and never confirmed; returns how many."""
    return PayeeRequest.objects.filter(asked_at__lt=now - KEEP_REQUESTS).delete()[0]


def _due(now: datetime) -> QuerySet[PayeeChange]:
    return PayeeChange.objects.filter(
        state=State.WAITING,
        takes_effect_at__lte=now,
        farmer__status=Farmer.Status.VERIFIED,
        farmer__user__is_active=True,
    )


@needs_transaction
def _lock(change_id: int) -> tuple[Farmer, PayeeChange]:
    """A change with its farmer, who is locked, so that one of two who end it comes second. Raises NotAllowed for none."""
    found = PayeeChange.objects.filter(pk=change_id).values_list("farmer_id", flat=True).first()
    if found is None:
        raise NotAllowed
    farmer = Farmer.objects.select_for_update(no_key=True).get(pk=found)
    return farmer, PayeeChange.objects.select_related("farmer__user").get(pk=change_id)


def _check_none_waits(farmer: Farmer) -> None:
    if PayeeChange.objects.filter(farmer=farmer, state=State.WAITING).exists():
        raise WrongState(ONE_WAITS)


def _tell(change: PayeeChange, kind: str, now: datetime, **context: Any) -> None:
    notify(
        recipient=change.farmer.user,
        kind=kind,
        about=f"payee_change:{change.pk}",
        now=now,
        link=reverse("accounts:payee_change"),
        account=change.masked_payee_account,
        **context,
    )
