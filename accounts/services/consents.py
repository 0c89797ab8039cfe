"""A farmer's consent that a specialist acts for them: asked for, given, ended; and the record of what was done by it.

The code goes to the farmer's own phone and comes back through the farmer's mouth: whoever never spoke with them has none.
A signed paper lets nobody do anything until a moderator has looked at it. All lock the posting, then the consent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.documents import EXTENSIONS, check_document
from accounts.models import Consent, ConsentRequest, DelegatedAct, Farmer, User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from accounts.services.own_codes import WRONG_CODE, check_may_ask, send_own_code, try_own_code
from accounts.services.postings import lock_posting
from accounts.services.verification import REASON_LENGTH
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from notifications.services import notify

State, Way = Consent.State, Consent.Way
AUDIENCE = "consent"  # of the one-time code
HAS_ONE = _("There is a consent already.")
_AUDIENCES: dict[str, str] = {  # what is done most often is told in words of its own
    DelegatedAct.Kind.PARCEL: "parcel",
    DelegatedAct.Kind.WEIGHED: "weighing",
    DelegatedAct.Kind.PACKED: "packing",
}


@use_case
def ask_consent(*, farmer_id: int, specialist: User, now: datetime) -> ConsentRequest:
    """Send the farmer a code that lets `specialist` act for them, once they tell it to them. A code before it is forgotten.

    Raises NotAllowed where the specialist isn't posted or is close to the farmer, WrongState while there is a consent,
    InvalidInput within a minute of the last code or for a farmer who can't be reached.
    """
    farmer = _household(farmer_id, specialist, now)
    _check_has_none(farmer, specialist)
    former = ConsentRequest.objects.filter(farmer=farmer, specialist=specialist)
    check_may_ask(farmer, former, now)
    former.delete()
    digest = send_own_code(farmer, AUDIENCE, _subject(farmer, specialist), specialist=str(specialist))
    return ConsentRequest.objects.create(farmer=farmer, specialist=specialist, digest=digest, asked_at=now)


def confirm_consent(*, farmer_id: int, specialist: User, code: str, now: datetime) -> Consent:
    """The specialist typed the code the farmer told them: the consent stands, and the farmer is told so.

    A code that is wrong, too old, used, or tried too often gets the one answer, InvalidInput (field "code"), and counts
    as a try for good. Raises NotAllowed and WrongState as `ask_consent`.
    """
    consent = _confirm(farmer_id=farmer_id, specialist=specialist, code=code, now=now)
    if consent is None:
        raise InvalidInput(WRONG_CODE, field="code")
    return consent


@use_case
def _confirm(*, farmer_id: int, specialist: User, code: str, now: datetime) -> Consent | None:
    """None for a wrong code, so that the try is committed."""
    farmer = _household(farmer_id, specialist, now)
    request = ConsentRequest.objects.filter(farmer=farmer, specialist=specialist).first()
    if request is None:
        return None
    is_right = try_own_code(request, AUDIENCE, _subject(farmer, specialist), code=code, now=now)
    request.save(update_fields=["tries"])
    if not is_right:
        return None
    _check_has_none(farmer, specialist)
    request.delete()
    consent = Consent.objects.create(
        farmer=farmer, specialist=specialist, way=Way.CODE, state=State.STANDS, asked_at=now, given_at=now
    )
    _tell(consent, "consent_given", now)
    return consent


@use_case
def send_paper(*, farmer_id: int, specialist: User, paper: UploadedFile, now: datetime) -> Consent:
    """Keep the photo of a signed paper, for a moderator to look at. Raises as `ask_consent`; InvalidInput (field "paper")."""
    farmer = _household(farmer_id, specialist, now)
    _check_has_none(farmer, specialist)
    try:
        media_type = check_document(paper)
    except InvalidInput as error:
        error.field = "paper"
        raise
    consent = Consent(
        farmer=farmer, specialist=specialist, way=Way.PAPER, state=State.WAITING, asked_at=now, media_type=media_type
    )
    paper.seek(0)
    consent.paper.save(f"{uuid4().hex}{EXTENSIONS[media_type]}", paper, save=False)
    try:
        consent.save()
    except BaseException:  # the row goes with the transaction, the file would not
        consent.paper.delete(save=False)
        raise
    _tell(consent, "consent_paper", now)
    return consent


@use_case
def accept_paper(*, consent_id: int, moderator: User, now: datetime) -> Consent:
    """A moderator has looked at the paper: it stands. Raises NotAllowed (their own people too), WrongState."""
    consent = _for_moderator(consent_id, moderator)
    if consent.state != State.WAITING:
        raise WrongState
    consent.state, consent.given_at, consent.accepted_by = State.STANDS, now, moderator
    consent.save(update_fields=["state", "given_at", "accepted_by"])
    _record(consent, moderator, "consent_accept", now)
    _tell(consent, "consent_given", now)
    return consent


@use_case
def end_consent(*, consent_id: int, actor: User, now: datetime, reason: str = "") -> Consent:
    """It holds no more: on the word of the farmer or the specialist, who need no reason, or of a moderator, who does.

    What was done stays done. Raises NotAllowed for anybody else, WrongState when it has ended, InvalidInput ("reason").
    """
    consent = Consent.objects.select_for_update(of=("self",), no_key=True).select_related("farmer__user", "specialist")
    found = consent.filter(pk=consent_id).first()
    if found is None or not actor.is_active:
        raise NotAllowed
    is_side = actor.pk in (found.farmer.user_id, found.specialist_id)
    reason = "" if is_side else reason.strip()
    if not is_side:
        _check_moderates(found, actor)
        if not reason or len(reason) > REASON_LENGTH:
            raise InvalidInput(_("Please give a reason, in up to 500 letters."), field="reason")
    if found.state == State.ENDED:
        raise WrongState
    before = found.state
    found.state, found.ended_at, found.ended_by, found.reason = State.ENDED, now, actor, reason
    found.save(update_fields=["state", "ended_at", "ended_by", "reason"])
    if not is_side:
        _record(found, actor, "consent_end", now, old={"state": before}, reason=reason)
    if actor.pk != found.farmer.user_id:
        _tell(found, "consent_ended", now)
    return found


@needs_transaction
def begin_act(*, farmer_id: int, specialist: User, now: datetime) -> Consent:
    """The consent by which `specialist` acts for this farmer now, held until the transaction ends; a step.

    Raises NotAllowed without one that stands, without a posting to the county today, or for one's own people.
    """
    farmer = _household(farmer_id, specialist, now)
    standing = Consent.objects.select_for_update(of=("self",), no_key=True).select_related(
        "farmer__user", "farmer__county"
    )
    consent = standing.filter(farmer=farmer, specialist=specialist, state=State.STANDS).first()
    if consent is None:
        raise NotAllowed(_("This household has not said that you may do this for them."))
    return consent


@needs_transaction
def record_delegated(*, consent: Consent, kind: str, about: str, words: str, now: datetime) -> DelegatedAct:
    """Keep that it was done, and tell the farmer; a step, in the transaction that does it."""
    act = DelegatedAct.objects.create(
        consent=consent,
        farmer_id=consent.farmer_id,
        specialist_id=consent.specialist_id,
        kind=kind,
        about=about,
        words=words[:120],
        at=now,
    )
    notify(
        recipient=consent.farmer.user,
        kind="done_for_you",
        about=f"act:{act.pk}",
        now=now,
        link=reverse("specialists:helped"),  # a page of a higher app, by its address only
        audience=_AUDIENCES.get(kind, ""),
        specialist=str(consent.specialist),
        what=words[:120],
    )
    return act


@needs_transaction
def _household(farmer_id: int, specialist: User, now: datetime) -> Farmer:
    """A farmer of the specialist's county, not of their own people, who may sell or waits to. Raises NotAllowed."""
    farmer = Farmer.objects.select_related("user", "county").filter(pk=farmer_id).first()
    if farmer is None or farmer.status not in (Farmer.Status.WAITING, Farmer.Status.VERIFIED):
        raise NotAllowed
    lock_posting(user=specialist, county_id=farmer.county_id, now=now)
    if is_close_to(specialist, farmer):
        raise NotAllowed
    return farmer


def _check_has_none(farmer: Farmer, specialist: User) -> None:
    if Consent.objects.filter(farmer=farmer, specialist=specialist).exclude(state=State.ENDED).exists():
        raise WrongState(HAS_ONE)


@needs_transaction
def _for_moderator(consent_id: int, moderator: User) -> Consent:
    papers = Consent.objects.select_for_update(of=("self",), no_key=True).select_related("farmer__user", "specialist")
    consent = papers.filter(pk=consent_id, way=Way.PAPER).first()
    if consent is None:
        raise NotAllowed
    _check_moderates(consent, moderator)
    return consent


def _check_moderates(consent: Consent, moderator: User) -> None:
    decidable = Farmer.objects.decidable_by(moderator, timezone.localdate())
    if not moderator.is_moderator or moderator.pk == consent.specialist_id:
        raise NotAllowed
    if not decidable.filter(pk=consent.farmer_id).exists():
        raise NotAllowed


def _record(consent: Consent, actor: User, kind: str, now: datetime, **more: Any) -> None:
    record_act(
        actor=actor, kind=kind, about=f"consent:{consent.pk}", now=now, new={"state": str(consent.state)}, **more
    )


def _subject(farmer: Farmer, specialist: User) -> str:
    """What a code is good for: these two, and nobody else."""
    return f"{farmer.pk}:{specialist.pk}"


def _tell(consent: Consent, kind: str, now: datetime) -> None:
    notify(
        recipient=consent.farmer.user,
        kind=kind,
        about=f"consent:{consent.pk}",
        now=now,
        link=reverse("specialists:helped"),
        specialist=str(consent.specialist),
    )
