"""Another phone number for somebody who lost theirs and gets no code any more.

Whoever talks one member of staff into it must not get somebody's shop: two people answer for it, the number that was lost is
told at once and whoever still has it can stop it, nothing happens for some time, and a farmer's money stays where it is
for longer. All lock the person first.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.contacts import mask_contact
from accounts.models import Farmer, NumberRecovery, PayeeRequest, User
from accounts.queries import is_close_to, is_posted
from accounts.services.acts import record_act
from accounts.services.people import end_sessions
from common.errors import DomainError, InvalidInput, NotAllowed, WrongState
from common.signing import State
from common.transactions import needs_transaction, use_case
from notifications.services import notify

LENGTH = 500
STAFF = _("This person works for the shop. Their number is changed on the server alone.")
NO_NUMBER = _("They have no phone number here.")
ONE_WAITS = _("A change is waiting already.")
TAKEN = _("Somebody signs in with this number already.")


class SecondPersonNeeded(DomainError):
    """Who asked for it cannot approve it."""

    code = "second_person_needed"
    default_message = _("You asked for this yourself. Someone else has to approve it.")


class TooEarly(WrongState):
    """Whoever has the number that is said to be lost gets time to stop it."""

    code = "too_early"
    default_message = _("This can't be approved yet: whoever has the old number gets time to stop it.")


def may_approve(actor: User) -> bool:
    """Whether somebody may ask for and approve it for anybody: moderators and superusers."""
    return actor.is_active and (actor.is_moderator or actor.is_superuser)


@use_case
def ask_recovery(*, user_id: int, by: User, phone: str, reason: str, proof: str, now: datetime) -> NumberRecovery:
    """Ask that somebody sign in with another number (E.164). Nothing changes; the number they have is told.

    By those who decide about the farmer (their county's specialist), or by moderators. Raises NotAllowed for anybody
    else, InvalidInput (fields "phone", "reason", "proof"), WrongState while another one waits or for staff.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _check_may(by, user, now, is_asking=True)
    if user.is_staff or user.is_moderator or user.is_superuser or is_posted(user, timezone.localdate(now)):
        raise WrongState(STAFF)
    if not user.is_active or not user.phone:
        raise WrongState(NO_NUMBER)
    if user.recoveries.filter(state=State.PREPARED).exists():
        raise WrongState(ONE_WAITS)
    if phone == user.phone:
        raise InvalidInput(_("That is the number they have already."), field="phone")
    _holder(phone)
    said = {"reason": _said(reason, "reason"), "proof": _said(proof, "proof")}
    not_before = now + settings.NUMBER_RECOVERY_WAIT
    recovery = NumberRecovery.objects.create(
        user=user, former=user.phone, phone=phone, prepared_by=by, prepared_at=now, not_before=not_before, **said
    )
    _record(recovery, "number_recovery_ask", by, now, said["reason"])
    _tell(recovery, "contact_recovery_asked", now, until=not_before)
    _tell_who_may_approve(recovery, now)
    return recovery


def approve_recovery(*, recovery_id: int, actor: User, now: datetime) -> NumberRecovery:
    """A second person stands for it: they sign in with the new number from now on, and with nothing else.

    Their sessions, tokens and password end, and their money goes to no other account for PAYEE_WAIT_AFTER_RECOVERY. Raises
    NotAllowed, SecondPersonNeeded, TooEarly, WrongState when it ended or their number changed, InvalidInput (field
    "phone") when somebody else has the new number.
    """
    try:
        return _approve(recovery_id=recovery_id, actor=actor, now=now)
    except IntegrityError:  # somebody asks for a sign-in code with it at this moment: now they are there, to be seen
        return _approve(recovery_id=recovery_id, actor=actor, now=now)


@use_case
def _approve(*, recovery_id: int, actor: User, now: datetime) -> NumberRecovery:
    recovery = _lock(recovery_id)
    user = recovery.user
    _check_may(actor, user, now, is_asking=False)
    if recovery.prepared_by_id == actor.pk:
        raise SecondPersonNeeded
    if recovery.state != State.PREPARED or user.phone != recovery.former or not user.is_active:
        raise WrongState
    if now < recovery.not_before:
        raise TooEarly
    if holder := _holder(recovery.phone):
        holder.delete()
    recovery.state, recovery.approved_by, recovery.approved_at = State.APPROVED, actor, now
    recovery.payee_not_before = now + settings.PAYEE_WAIT_AFTER_RECOVERY
    recovery.save(update_fields=["state", "approved_by", "approved_at", "payee_not_before"])
    _tell(recovery, "contact_changed", now)  # before it changes, so that it goes to the number they had
    user.phone, user.phone_verified = recovery.phone, False
    user.set_unusable_password()
    user.save(update_fields=["phone", "phone_verified", "password"])
    end_sessions(user_id=user.pk, now=now)
    PayeeRequest.objects.filter(farmer__user=user).delete()
    _record(recovery, "number_recovery_approve", actor, now)
    return recovery


@use_case
def drop_recovery(*, recovery_id: int, actor: User, now: datetime, reason: str = "") -> NumberRecovery:
    """Give it up: the person themself without a reason, who asked or who may approve with one.

    Raises NotAllowed for anybody else, WrongState when it ended, InvalidInput (field "reason").
    """
    recovery = _lock(recovery_id)
    is_own = recovery.user_id == actor.pk
    if not is_own and recovery.prepared_by_id != actor.pk:
        _check_may(actor, recovery.user, now, is_asking=False)
    if recovery.state != State.PREPARED:
        raise WrongState
    recovery.state, recovery.dropped_by, recovery.dropped_at = State.DROPPED, actor, now
    recovery.why_dropped = str(_("They stopped it themself.")) if is_own else _said(reason, "reason", most=300)
    recovery.save(update_fields=["state", "dropped_by", "dropped_at", "why_dropped"])
    if not is_own:
        _record(recovery, "number_recovery_drop", actor, now, recovery.why_dropped)
    _tell(recovery, "contact_recovery_dropped", now)
    return recovery


@needs_transaction
def _lock(recovery_id: int) -> NumberRecovery:
    """A recovery, its person held, so that of two who end it one comes second. Raises NotAllowed for none."""
    found = NumberRecovery.objects.filter(pk=recovery_id).values_list("user_id", flat=True).first()
    if found is None:
        raise NotAllowed
    User.objects.select_for_update(no_key=True).get(pk=found)
    return NumberRecovery.objects.select_related("user").get(pk=recovery_id)


def _check_may(actor: User, user: User, now: datetime, *, is_asking: bool) -> None:
    """Raises NotAllowed for oneself, one's own people, and who is neither moderator nor (to ask) their specialist."""
    farmer = Farmer.objects.filter(user=user).first()
    if actor.pk == user.pk or (farmer and is_close_to(actor, farmer)):
        raise NotAllowed
    theirs = Farmer.objects.decidable_by(actor, timezone.localdate(now)).filter(user=user)
    if not may_approve(actor) and not (is_asking and theirs.exists()):
        raise NotAllowed


@needs_transaction
def _holder(phone: str) -> User | None:
    """Who has this number and is nobody yet, having only asked for a code; InvalidInput if it is somebody."""
    holder = User.objects.select_for_update().filter(phone=phone).first()
    if holder and not User.objects.nobody_yet().filter(pk=holder.pk).exists():
        raise InvalidInput(TAKEN, field="phone")
    return holder


def _said(text: str, field: str, most: int = LENGTH) -> str:
    text = text.strip()
    if not text or len(text) > most:
        raise InvalidInput(_("Please say it, in up to %(most)s letters."), field=field, most=most)
    return text


@needs_transaction
def _record(recovery: NumberRecovery, kind: str, actor: User, now: datetime, reason: str = "") -> None:
    about = f"user:{recovery.user_id}"
    new = {"recovery": recovery.pk, "state": recovery.state, "phone": mask_contact(recovery.phone)}
    old = {"phone": mask_contact(recovery.former)}
    record_act(actor=actor, kind=kind, about=about, now=now, old=old, new=new, reason=reason)


@needs_transaction
def _tell_who_may_approve(recovery: NumberRecovery, now: datetime) -> None:
    others = User.objects.exclude(pk__in=[recovery.prepared_by_id, recovery.user_id])
    for person in others.filter(Q(is_moderator=True) | Q(is_superuser=True), is_active=True):
        notify(
            recipient=person,
            kind="recovery_waits",
            about=f"user:{recovery.user_id}",
            occurrence=f"recovery:{recovery.pk}",
            now=now,
            link=reverse("accounts:recovery_detail", args=[recovery.pk]),
        )


@needs_transaction
def _tell(recovery: NumberRecovery, kind: str, now: datetime, **context: datetime) -> None:
    notify(
        recipient=recovery.user,
        kind=kind,
        about=f"user:{recovery.user_id}",
        occurrence=f"recovery:{recovery.pk}",
        now=now,
        link=reverse("accounts:me"),
        contact=mask_contact(recovery.phone),
        **context,
    )
