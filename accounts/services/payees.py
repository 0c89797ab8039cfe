"""Another account for a farmer's money: asked for with the farmer's own code, waiting some days, stopped or in force.

Whoever holds the farmer's phone for a minute must not get the season's money: the code names the account, every channel
tells of it at once, and until it is in force it can be stopped. Nobody but the farmer can ask. All lock the farmer first.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, PayeeChange, PayeeRequest, User
from accounts.models.payees import MAX_TRIES
from accounts.payees import FIELD, clean_payee_account
from accounts.services.acts import record_act
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.channels import adapter_name
from notifications.services import notify, owe_code

CODE_LENGTH = 6
CODE_LIFE = timedelta(minutes=5)
SEND_AGAIN = timedelta(minutes=1)
KEEP_REQUESTS = timedelta(hours=1)
WRONG_CODE = _("That code is not right, or too old. Please look again, or ask for a new one.")
TOO_SOON = _("A code was asked for a moment ago. Please wait a minute, then ask again.")
ONE_WAITS = _("A change is waiting already. Stop it first.")
NOWHERE = _("We have no phone number or e-mail address of yours to send a code to. Please call us.")

State = PayeeChange.State


@dataclass(frozen=True)
class Payee:
    """An account as somebody types it."""

    kind: str
    name: str
    account: str


def code_goes_to(user: User) -> tuple[str, str]:
    """Channel ("SMS", "EMAIL") and address for a farmer's code: their verified phone, else their e-mail address.

    Raises InvalidInput for somebody without either.
    """
    if user.phone and user.phone_verified and adapter_name("SMS"):
        return "SMS", user.phone
    if user.email:
        return "EMAIL", user.email
    raise InvalidInput(NOWHERE)


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
    farmer = _lock_own(user_id)
    name = payee.name.strip()
    if not 2 <= len(name) <= 60:
        raise InvalidInput(_("Please type the name on the account."), field="payee_name")
    if is_same(farmer, payee):
        raise InvalidInput(_("Your money goes there already."), field=FIELD)
    _check_none_waits(farmer)
    former = PayeeRequest.objects.filter(farmer=farmer)
    if former.filter(asked_at__gt=now - SEND_AGAIN).exists():
        raise InvalidInput(TOO_SOON)
    channel, address = code_goes_to(farmer.user)
    code = get_random_string(CODE_LENGTH, "0123456789")
    former.delete()
    request = PayeeRequest.objects.create(
        farmer=farmer,
        payee_kind=payee.kind,
        payee_name=name,
        payee_account=clean_payee_account(payee.kind, payee.account),
        asked_at=now,
        digest=_digest(farmer, code),
    )
    account = request.masked_payee_account
    owe_code(user=farmer.user, channel=channel, address=address, code=code, audience="payee", account=account)
    return request


def confirm_payee_change(*, user_id: int, request_id: str, code: str, now: datetime) -> PayeeChange:
    """The farmer typed the code: the change waits PAYEE_CHANGE_WAIT from now, and they are told over every channel.

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
    farmer = _lock_own(user_id)
    request = PayeeRequest.objects.filter(farmer=farmer).first()
    if request is None or str(request.pk) != request_id:
        return None
    if request.tries >= MAX_TRIES or now >= request.asked_at + CODE_LIFE:
        return None
    request.tries += 1
    request.save(update_fields=["tries"])
    if not constant_time_compare(request.digest, _digest(farmer, code)):
        return None
    _check_none_waits(farmer)
    request.delete()
    change = PayeeChange.objects.create(
        farmer=farmer,
        payee_kind=request.payee_kind,
        payee_name=request.payee_name,
        payee_account=request.payee_account,
        asked_at=now,
        takes_effect_at=now + settings.PAYEE_CHANGE_WAIT,
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
def _lock_own(user_id: int) -> Farmer:
    """The verified farmer who this person is. Raises NotAllowed for anybody else."""
    mine = Farmer.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    farmer = mine.filter(user_id=user_id, user__is_active=True, status=Farmer.Status.VERIFIED).first()
    if farmer is None:
        raise NotAllowed
    return farmer


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


def _digest(farmer: Farmer, code: str) -> str:
    """What is kept of a code, however it was pasted. Six digits are soon guessed back without the site's key."""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    return salted_hmac("payee-code", f"{farmer.pk}:{digits}", algorithm="sha256").hexdigest()


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
