"""Inviting a household: the code, taking it back, and using it up with the application it leads to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, Invitation, User
from accounts.services.postings import lock_posting
from common.codes import new_code
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case

CODE_LENGTH = 8
VALID_FOR = timedelta(days=21)
MOST_OPEN = 100


@use_case
def invite(*, by: User, county_id: int, for_whom: str, now: datetime) -> Invitation:
    """A code for one household of a county that `by` is posted to. Raises NotAllowed, InvalidInput (field "for_whom")."""
    lock_posting(user=by, county_id=county_id, now=now)
    if not for_whom.strip():
        raise InvalidInput(_("Please say for whom, so that you know it again."), field="for_whom")
    if Invitation.objects.open(now).filter(invited_by=by).count() >= MOST_OPEN:
        raise InvalidInput(_("You have %(most)s open invitations. Take some back first."), most=MOST_OPEN)
    return Invitation.objects.create(
        county_id=county_id,
        invited_by=by,
        code=new_code(CODE_LENGTH),
        for_whom=for_whom.strip(),
        created_at=now,
        expires_at=now + VALID_FOR,
    )


@use_case
def withdraw_invitation(*, invitation_id: int, by: User, now: datetime) -> None:
    """Let nobody use it any more; whoever works in the county may. Raises NotAllowed, WrongState if it is used or over."""
    invitation = Invitation.objects.select_for_update(no_key=True).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotAllowed
    lock_posting(user=by, county_id=invitation.county_id, now=now)
    if not Invitation.objects.open(now).filter(pk=invitation.pk).update(withdrawn_at=now):
        raise WrongState


def open_invitation(code: str, now: datetime) -> Invitation | None:
    """The invitation that this code opens, if its specialist still works there. Spaces, dashes and case don't matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())[:12]
    found = (
        Invitation.objects.open(now).filter(code=plain).select_related("county", "invited_by").first()
        if plain
        else None
    )
    if found is None:
        return None
    today = found.invited_by.postings.current(timezone.localdate(now)).filter(county=found.county_id)
    return found if found.invited_by.is_active and today.exists() else None


@needs_transaction
def take_invitation(*, code: str, farmer: Farmer, now: datetime) -> bool:
    """Use a code up for a farmer of its county; a step. False, and nothing happens, for one that isn't good, or a second."""
    found = open_invitation(code, now)
    if found is None or found.county_id != farmer.county_id or found.invited_by_id == farmer.user_id:
        return False
    if Invitation.objects.filter(used_by=farmer).exists():
        return False
    return bool(Invitation.objects.open(now).filter(pk=found.pk).update(used_by=farmer, used_at=now))
