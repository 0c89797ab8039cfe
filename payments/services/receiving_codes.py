"""The farmer's own receiving code, by which buyers pay them directly: asked for, confirmed, looked at, taken away.

It is a payee like any other (accounts.services.payees): the farmer's own one-time code, word over every channel, some days
in which it can be stopped. And since buyers see the picture, a moderator looks at it first. All lock the farmer first.
"""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.queries import payee_not_before
from accounts.services.acts import record_act
from accounts.services.own_codes import WRONG_CODE, check_may_ask, lock_own, send_own_code, try_own_code
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from marketplace.models import Photo
from marketplace.services.photos import add_photo
from notifications.services import notify
from payments.models import ReceivingCode

State = ReceivingCode.State
AUDIENCE = "receiving"  # of the one-time code
NEW = (State.ASKED, State.WAITING)


@use_case
def ask_receiving_code(*, user_id: int, kind: str, upload: UploadedFile, now: datetime) -> ReceivingCode:
    """Take in the picture and send the farmer a one-time code; one that was new takes the place of one before it.

    Raises NotAllowed for who is no verified farmer, InvalidInput for what is no picture, no kind, or within a minute of the
    last code.
    """
    farmer = lock_own(user_id)
    if kind not in ReceivingCode.Kind.values:
        raise InvalidInput(_("Please choose one."), field="kind")
    former = ReceivingCode.objects.filter(farmer=farmer, state__in=NEW)
    check_may_ask(farmer, former, now)
    photo = add_photo(user=farmer.user, upload=upload, now=now)
    former.update(state=State.ENDED, ended_at=now)
    digest = send_own_code(farmer, AUDIENCE, photo.key)
    return ReceivingCode.objects.create(farmer=farmer, kind=kind, photo=photo, asked_at=now, digest=digest)


def confirm_receiving_code(*, user_id: int, pk: int, code: str, now: datetime) -> ReceivingCode:
    """The farmer typed the one-time code: a moderator looks at the picture now, and the farmer is told over every channel.

    A code that is wrong, too old, used, tried too often or of another picture gets the one answer, InvalidInput (field
    "code"), and counts as a try for good. Raises NotAllowed as `ask_receiving_code`.
    """
    found = _confirm(user_id=user_id, pk=pk, code=code, now=now)
    if found is None:
        raise InvalidInput(WRONG_CODE, field="code")
    return found


@use_case
def _confirm(*, user_id: int, pk: int, code: str, now: datetime) -> ReceivingCode | None:
    """None for a wrong code, so that the try is committed."""
    farmer = lock_own(user_id)
    asked = ReceivingCode.objects.filter(farmer=farmer, state=State.ASKED, pk=pk).select_related("photo").first()
    if asked is None:
        return None
    is_right = try_own_code(asked, AUDIENCE, asked.photo.key, code=code, now=now)
    if is_right:
        asked.state = State.WAITING
    asked.save(update_fields=["tries", "state"])
    if not is_right:
        return None
    _tell(asked, farmer.user, "payee_code_sent", now)
    return asked


@use_case
def approve_receiving_code(*, pk: int, moderator: User, now: datetime) -> ReceivingCode:
    """A moderator sees a receiving code in the picture: buyers are shown it from `payee_not_before` on.

    Raises NotAllowed for who may not decide about this farmer, WrongState when it does not wait or is still prepared.
    """
    farmer, code = _lock_for(pk, moderator, now)
    if code.state != State.WAITING or code.photo.status != Photo.Status.READY:
        raise WrongState
    code.state, code.decided_by, code.decided_at = State.APPROVED, moderator, now
    code.takes_effect_at = payee_not_before(farmer.user, now)
    code.save(update_fields=["state", "decided_by", "decided_at", "takes_effect_at"])
    _record(code, moderator, "receiving_code_approve", State.WAITING, now)
    _tell(code, farmer.user, "payee_code_approved", now, until=code.takes_effect_at)
    return code


@use_case
def refuse_receiving_code(*, pk: int, moderator: User, reason: str, now: datetime) -> ReceivingCode:
    """It is no such code, or looks wrong: buyers are not shown it, or no more. The farmer reads the reason.

    Raises NotAllowed and WrongState as `approve_receiving_code`, InvalidInput (field "reason").
    """
    farmer, code = _lock_for(pk, moderator, now)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please give a reason, in up to 500 letters."), field="reason")
    if code.state not in (State.WAITING, State.APPROVED):
        raise WrongState
    before = State(code.state)
    code.state, code.decided_by, code.decided_at = State.REFUSED, moderator, now
    code.reason, code.ended_at = reason, now
    code.save(update_fields=["state", "decided_by", "decided_at", "reason", "ended_at"])
    _record(code, moderator, "receiving_code_refuse", before, now)
    _tell(code, farmer.user, "payee_code_refused", now, reason=reason)
    return code


@use_case
def end_receiving_codes(*, user_id: int, now: datetime) -> int:
    """The farmer takes every code of theirs away, at once; what buyers have paid already stays to be said. How many.

    Raises NotAllowed for who is no farmer.
    """
    farmer = Farmer.objects.select_for_update(no_key=True).filter(user_id=user_id).first()
    if farmer is None:
        raise NotAllowed
    mine = ReceivingCode.objects.filter(farmer=farmer, state__in=[*NEW, State.APPROVED])
    return mine.update(state=State.ENDED, ended_at=now)


@needs_transaction
def _lock_for(pk: int, moderator: User, now: datetime) -> tuple[Farmer, ReceivingCode]:
    """A code and its farmer, locked, for one who may decide about them. Raises NotAllowed."""
    may = Farmer.objects.decidable_by(moderator, timezone.localdate(now)).filter(receiving_codes=pk)
    farmer_id = may.values_list("pk", flat=True).first()
    if farmer_id is None or not moderator.is_moderator:
        raise NotAllowed
    farmer = Farmer.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=farmer_id)
    return farmer, ReceivingCode.objects.select_related("photo").get(pk=pk)


def to_look_at(moderator: User, now: datetime) -> list[ReceivingCode]:
    """Codes that wait for this moderator, and those approved that can still be stopped before buyers see them; oldest first."""
    theirs = Farmer.objects.decidable_by(moderator, timezone.localdate(now))
    wait = Q(state=State.WAITING) | Q(state=State.APPROVED, takes_effect_at__gt=now)
    found = ReceivingCode.objects.filter(wait, farmer__in=theirs).select_related("farmer__county", "photo")
    return list(found.order_by("asked_at", "pk")[:50])


def _record(code: ReceivingCode, moderator: User, kind: str, before: State, now: datetime) -> None:
    record_act(
        actor=moderator,
        kind=kind,
        about=f"farmer:{code.farmer_id}",
        now=now,
        old={"state": before},
        new={"state": code.state, "code": code.pk},
        reason=code.reason,
    )


def _tell(code: ReceivingCode, farmer: User, kind: str, now: datetime, **context: Any) -> None:
    link = reverse("payments:receiving_code")
    notify(recipient=farmer, kind=kind, about=f"receiving_code:{code.pk}", now=now, link=link, **context)
