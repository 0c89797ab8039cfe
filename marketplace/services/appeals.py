"""Appeals: a farmer who was told no asks once, and a moderator who had no part in it looks again."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction, use_case
from marketplace.errors import (
    AlreadyDecided,
    AppealedAlready,
    NothingToAppeal,
    OwnDecision,
    PhotoUnreadable,
    ReasonMissing,
)
from marketplace.models import Appeal, Listing, ListingRevision, ModerationDecision
from marketplace.queries.appeals import appealable, is_last_word
from marketplace.services.drafts import copy_revision, submit
from marketplace.services.moderation import (
    check_is_not_own,
    check_may_decide,
    decide_about,
    give_back,
    told_reason,
)
from notifications.services import notify

Status = Appeal.Status
Verdict = ModerationDecision.Verdict


@use_case
def make_appeal(*, decision_id: int, farmer: Farmer, words: str, now: datetime) -> Appeal:
    """Ask that another moderator looks again, once for each decision.

    Raises NotAllowed for another's, InvalidInput without words, AppealedAlready, NothingToAppeal.
    """
    decision = ModerationDecision.objects.filter(pk=decision_id, listing__farmer=farmer).first()
    if decision is None:
        raise NotAllowed
    Listing.objects.select_for_update(no_key=True).get(decisions=decision)  # one at a time
    if Appeal.objects.filter(decision=decision).exists():
        raise AppealedAlready
    if not appealable(now).filter(pk=decision.pk).exists() or not is_last_word(decision):
        raise NothingToAppeal
    if not words:
        raise InvalidInput(_("Please say why the decision is wrong."), field="words")
    return Appeal.objects.create(decision=decision, words=words, made_at=now)


@use_case
def decide_appeal(*, appeal_id: int, moderator: User, overturn: bool, reason: str, now: datetime) -> Appeal:
    """Say whether the decision stands. Overturned, the listing is put back, or what was rejected is shown after all.

    If the farmer has changed things since, only the word is given: what is newer takes its own way. Raises NotAllowed,
    OwnListing, OwnDecision, ReasonMissing, AlreadyDecided, PhotosNotReady, PhotoUnreadable.
    """
    check_may_decide(moderator, Verdict.REJECT, reason)
    if not reason:
        raise ReasonMissing(field="reason")
    about = Appeal.objects.filter(pk=appeal_id).values_list("decision__listing", flat=True).first()
    if about is None:
        raise NotAllowed
    listing = Listing.objects.select_for_update(no_key=True, of=("self",)).select_related("farmer__user").get(pk=about)
    appeal = Appeal.objects.select_for_update(no_key=True, of=("self",)).select_related("decision").get(pk=appeal_id)
    check_is_not_own(listing.farmer, moderator)
    if appeal.decision.decided_by_id == moderator.pk:
        raise OwnDecision
    if appeal.status != Status.WAITING:
        raise AlreadyDecided(who=str(appeal.decided_by))
    mended = overturn and is_last_word(appeal.decision)
    appeal.status = Status.OVERTURNED if overturn else Status.UPHELD
    appeal.decided_by, appeal.decided_at, appeal.reason = moderator, now, reason
    appeal.save(update_fields=["status", "decided_by", "decided_at", "reason"])
    record_act(
        actor=moderator,
        kind=f"appeal_{appeal.status.lower()}",
        about=f"appeal:{appeal.pk}",
        now=now,
        old={"status": Status.WAITING, "decision": appeal.decision_id},
        new={"status": appeal.status, "mended": mended},
        reason=reason,
    )
    notify(
        recipient=listing.farmer.user,
        kind="appeal_overturned" if overturn else "appeal_upheld",
        about=f"appeal:{appeal.pk}",
        now=now,
        link=reverse("marketplace:listing_edit", args=[listing.pk]),
        reason=told_reason(reason),
    )
    if mended:
        _mend(listing, appeal.decision, moderator, reason, now)
    return appeal


@needs_transaction
def _mend(listing: Listing, decision: ModerationDecision, moderator: User, reason: str, now: datetime) -> None:
    """Put back what was taken down, or approve what was rejected, in a revision of its own: each is decided once."""
    if decision.verdict == Verdict.TAKE_DOWN:
        give_back(listing, moderator, reason, now)
        return
    rejected = ListingRevision.objects.get(decisions=decision)
    again = submit(copy_revision(rejected, listing=listing, now=now), now)
    if not again.photos.exists():
        raise PhotoUnreadable
    decide_about(listing, again, Verdict.APPROVE, moderator, reason, now)
