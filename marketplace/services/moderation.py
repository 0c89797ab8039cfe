"""Deciding what buyers may see. Nothing else in the project makes a listing or a story public.

Whoever decides locks the listing (as every edit does) and then looks whether the revision still waits; that each
revision is decided once is also a constraint. Every decision is a row that is never changed, and the farmer is told in
the same transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Farmer, User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from accounts.services.showing import says_name
from common.errors import NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from marketplace.errors import AlreadyDecided, OwnListing, PhotosNotReady, PhotoUnreadable, ReasonMissing
from marketplace.models import Listing, ListingRevision, ModerationDecision, Photo, Storefront
from marketplace.services.photos import approve_photos
from marketplace.services.search import index_listing
from marketplace.services.storefronts import accept_proposal
from notifications.services import notify
from notifications.webhooks import publish

Verdict = ModerationDecision.Verdict
_STATUS_AFTER = {
    Verdict.APPROVE: ListingRevision.Status.APPROVED,
    Verdict.ASK_CHANGE: ListingRevision.Status.CHANGE_ASKED,
    Verdict.REJECT: ListingRevision.Status.REJECTED,
}
_TOLD = {
    Verdict.APPROVE: "revision_approved",
    Verdict.ASK_CHANGE: "revision_change_asked",
    Verdict.REJECT: "revision_rejected",
    Verdict.TAKE_DOWN: "listing_taken_down",
    Verdict.RESTORE: "listing_restored",
}
# What buyers see of a listing, copied from the revision that was approved.
_SHOWN = ("approved_revision", "produce", "pack_grams", "price_fen", "words", "origin", "keeps_days", "cover")

_COLUMNS = [Listing._meta.get_field(name).attname for name in _SHOWN]  # type: ignore[union-attr]


@use_case
def decide_revision(
    *, revision_id: int, moderator: User, verdict: Verdict, reason: str, now: datetime
) -> ModerationDecision:
    """Approve a revision, ask for a change or reject it; the farmer reads the reason. Once, whoever is faster.

    Raises NotAllowed, OwnListing, ReasonMissing, AlreadyDecided, WrongState (withdrawn by an edit), PhotosNotReady,
    PhotoUnreadable.
    """
    if verdict not in _STATUS_AFTER:
        raise WrongState
    check_may_decide(moderator, verdict, reason)
    listing = _lock(Listing.objects.filter(revisions=revision_id), moderator)
    return decide_about(listing, _still_waiting(revision_id), verdict, moderator, reason, now)


@needs_transaction
def decide_about(
    listing: Listing, revision: ListingRevision, verdict: Verdict, moderator: User, reason: str, now: datetime
) -> ModerationDecision:
    """As decide_revision, inside the caller's transaction; a step. The caller holds the listing; the revision waits."""
    before = shown_now(listing)
    if verdict == Verdict.APPROVE:
        _show(listing, revision, now)
    revision.status = _STATUS_AFTER[verdict]
    revision.save(update_fields=["status"])
    return _record(listing, revision, verdict, reason, moderator, now, before)


@use_case
def take_down(*, listing_id: int, moderator: User, reason: str, now: datetime) -> ModerationDecision:
    """Take an approved listing away from buyers at once. Raises NotAllowed, OwnListing, ReasonMissing, WrongState."""
    check_may_decide(moderator, Verdict.TAKE_DOWN, reason)
    return take_away(_lock(Listing.objects.filter(pk=listing_id), moderator), moderator, reason, now)


@needs_transaction
def take_away(listing: Listing, moderator: User, reason: str, now: datetime) -> ModerationDecision:
    """As take_down, inside the caller's transaction; a step. The caller holds the listing and has checked who may."""
    if listing.status not in {Listing.Status.LIVE, Listing.Status.PAUSED}:
        raise WrongState
    before = shown_now(listing)
    listing.status = Listing.Status.TAKEN_DOWN
    listing.save(update_fields=["status"])
    return _record(listing, None, Verdict.TAKE_DOWN, reason, moderator, now, before)


@use_case
def put_back(*, listing_id: int, moderator: User, reason: str, now: datetime) -> ModerationDecision:
    """Let buyers see a listing again that was taken down. Raises NotAllowed, OwnListing, WrongState."""
    check_may_decide(moderator, Verdict.RESTORE, reason)
    return give_back(_lock(Listing.objects.filter(pk=listing_id), moderator), moderator, reason, now)


@needs_transaction
def give_back(listing: Listing, moderator: User, reason: str, now: datetime) -> ModerationDecision:
    """As put_back, inside the caller's transaction; a step. The caller holds the listing and has checked who may."""
    if listing.status != Listing.Status.TAKEN_DOWN:
        raise WrongState
    before = shown_now(listing)
    listing.status = Listing.Status.LIVE
    listing.save(update_fields=["status"])
    return _record(listing, None, Verdict.RESTORE, reason, moderator, now, before)


@use_case
def decide_storefront(
    *, storefront_id: int, proposed_at: datetime, moderator: User, verdict: Verdict, reason: str, now: datetime
) -> ModerationDecision:
    """Approve a proposed story and photo, or ask for a change. `proposed_at` says which proposal was looked at.

    Raises NotAllowed, OwnListing, ReasonMissing, AlreadyDecided, WrongState when the farmer has changed it since.
    """
    if verdict not in {Verdict.APPROVE, Verdict.ASK_CHANGE}:
        raise WrongState
    check_may_decide(moderator, verdict, reason)
    storefront = Storefront.objects.select_for_update(no_key=True).filter(pk=storefront_id).first()
    if storefront is None:
        raise NotAllowed
    check_is_not_own(storefront.farmer, moderator)
    _check_proposal_waits(storefront, proposed_at)
    before = {"story": storefront.story, "photo": storefront.photo_id}
    if verdict == Verdict.APPROVE:
        _check_photos_ready([storefront.proposed_photo] if storefront.proposed_photo else [])
        approve_photos([storefront.proposed_photo] if storefront.proposed_photo else [], now)
        accept_proposal(storefront)
    else:
        storefront.proposed_at = None  # its words stay for the farmer to go on with
        storefront.save(update_fields=["proposed_at"])
    decision = ModerationDecision.objects.create(
        storefront=storefront, verdict=verdict, reason=reason, decided_by=moderator, decided_at=now
    )
    record_act(
        actor=moderator,
        kind=f"storefront_{verdict.lower()}",
        about=f"storefront:{storefront.pk}",
        now=now,
        old=before,
        new={"story": storefront.proposed_story, "photo": storefront.proposed_photo_id},
        reason=reason,
    )
    notify(
        recipient=storefront.farmer.user,
        kind="storefront_approved" if verdict == Verdict.APPROVE else "storefront_refused",
        about=f"storefront:{storefront.pk}",
        occurrence=str(decision.pk),
        link=reverse("marketplace:storefront_edit"),
        now=now,
        reason=told_reason(reason),
    )
    return decision


@needs_transaction
def take_story_away(shop: Storefront, moderator: User, reason: str, now: datetime) -> ModerationDecision:
    """Take story and photo of a shop page away from buyers; a step. The words stay with the farmer, to be changed.

    The caller holds the storefront and has checked who may.
    """
    before = {"story": shop.story, "photo": shop.photo_id}
    if not (shop.proposed_at or shop.proposed_story or shop.proposed_photo_id):
        shop.proposed_story, shop.proposed_photo = shop.story, shop.photo
    shop.story, shop.photo = "", None
    shop.save(update_fields=["story", "photo", "proposed_story", "proposed_photo"])
    decision = ModerationDecision.objects.create(
        storefront=shop, verdict=Verdict.TAKE_DOWN, reason=reason, decided_by=moderator, decided_at=now
    )
    record_act(
        actor=moderator,
        kind="storefront_take_down",
        about=f"storefront:{shop.pk}",
        now=now,
        old=before,
        new={"story": "", "photo": None},
        reason=reason,
    )
    notify(
        recipient=shop.farmer.user,
        kind="storefront_taken_down",
        about=f"storefront:{shop.pk}",
        occurrence=str(decision.pk),
        link=reverse("marketplace:storefront_edit"),
        now=now,
        reason=told_reason(reason),
    )
    return decision


def shown_now(listing: Listing) -> dict[str, Any]:
    """What buyers see of a listing, and whether they see it."""
    return {name: getattr(listing, name) for name in ("status", *_COLUMNS)}


def check_may_decide(moderator: User, verdict: Verdict, reason: str) -> None:
    if not (moderator.is_active and moderator.is_moderator):
        raise NotAllowed
    if not reason and verdict not in {Verdict.APPROVE, Verdict.RESTORE}:
        raise ReasonMissing(field="reason")


def check_is_not_own(farmer: Farmer, moderator: User) -> None:
    if is_close_to(moderator, farmer):
        raise OwnListing


def _lock(listings: QuerySet[Listing], moderator: User) -> Listing:
    """The listing, locked against edits and other moderators, and not the moderator's own."""
    listing = listings.select_for_update(of=("self",), no_key=True).first()
    if listing is None:
        raise NotAllowed
    check_is_not_own(listing.farmer, moderator)
    return listing


def _still_waiting(revision_id: int) -> ListingRevision:
    """The revision as it is now that the listing is ours; raises AlreadyDecided or WrongState."""
    revision = ListingRevision.objects.select_related("produce").get(pk=revision_id)
    if revision.status != ListingRevision.Status.WAITING:
        decided = revision.decisions.select_related("decided_by").first()
        if decided:
            raise AlreadyDecided(who=str(decided.decided_by))
        raise WrongState
    return revision


def _check_proposal_waits(storefront: Storefront, proposed_at: datetime) -> None:
    if storefront.proposed_at == proposed_at:
        return
    last = storefront.decisions.select_related("decided_by").last()
    if storefront.proposed_at is None and last and last.decided_at >= proposed_at:
        raise AlreadyDecided(who=str(last.decided_by))
    raise WrongState


def _check_photos_ready(photos: Iterable[Photo]) -> None:
    statuses = {photo.status for photo in photos}
    if Photo.Status.REFUSED in statuses:
        raise PhotoUnreadable
    if Photo.Status.WAITING in statuses:
        raise PhotosNotReady


@needs_transaction
def _show(listing: Listing, revision: ListingRevision, now: datetime) -> None:
    """Copy what was approved into the columns buyers see. A paused or taken-down listing stays so."""
    _check_photos_ready(revision.photos.all())
    approve_photos(revision.photos.all(), now)
    listing.approved_revision = revision
    listing.produce = revision.produce
    listing.pack_grams, listing.price_fen = revision.pack_grams, revision.price_fen
    listing.words = "" if says_name(revision.words, listing.farmer) else revision.words
    listing.origin, listing.keeps_days = revision.origin, revision.keeps_days
    cover = revision.photo_places.order_by("position").select_related("photo").first()
    listing.cover = cover.photo if cover else None
    if listing.status == Listing.Status.DRAFT:
        listing.status = Listing.Status.LIVE
    listing.live_since = listing.live_since or now
    listing.save(update_fields=[*_SHOWN, "status", "live_since"])
    index_listing(listing)


@needs_transaction
def _record(
    listing: Listing,
    revision: ListingRevision | None,
    verdict: Verdict,
    reason: str,
    moderator: User,
    now: datetime,
    before: dict[str, Any],
) -> ModerationDecision:
    """Keep the decision, put it on record, tell the farmer; the caller holds the listing."""
    decision = ModerationDecision.objects.create(
        listing=listing, revision=revision, verdict=verdict, reason=reason, decided_by=moderator, decided_at=now
    )
    about = f"revision:{revision.pk}" if revision else f"listing:{listing.pk}"
    after = shown_now(listing)
    record_act(
        actor=moderator,
        kind=f"{about.partition(':')[0]}_{verdict.lower()}",
        about=about,
        now=now,
        old={name: value for name, value in before.items() if after[name] != value},
        new={name: value for name, value in after.items() if before[name] != value},
        reason=reason,
    )
    publish(
        "listing.approved" if verdict == Verdict.APPROVE else "listing.changed",
        to=[listing.farmer.user_id],
        now=now,
        listing=listing.pk,
        revision=revision.number if revision else None,
        verdict=str(verdict),
        status=str(listing.status),
    )
    produce = revision.produce if revision else listing.produce
    notify(
        recipient=listing.farmer.user,
        kind=_TOLD[verdict],
        about=about,
        occurrence=str(decision.pk),
        link=reverse("marketplace:listing_edit", args=[listing.pk]),
        now=now,
        reason=told_reason(reason),
        produce_zh=produce.name_zh if produce else "",
        produce_en=produce.name_en if produce else "",
    )
    return decision


def told_reason(reason: str) -> str:
    """The texts end with a full stop of their own."""
    return reason.strip().rstrip("。.")
