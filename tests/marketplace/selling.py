"""Shorthand for tests of selling: what a farmer does in the three steps, said in one call."""

from datetime import date, datetime
from importlib import import_module
from typing import Any

from django.apps import apps

from accounts.models import Farmer, User
from marketplace.models import Listing, ListingRevision, ModerationDecision
from marketplace.services import drafts, moderation
from marketplace.services.lots import Harvest
from tests.make import NOON, make_photo, make_produce

Verdict = ModerationDecision.Verdict
PICKED = Harvest(grade="FIRST", picked_on=date(2026, 11, 22))
PRESALE = Harvest(grade="FIRST", expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 20))


def make_draft(farmer: Farmer, **changes: Any) -> ListingRevision:
    """A new listing with all three steps filled in, not sent yet."""
    produce = changes.pop("produce", None) or make_produce()
    photos = changes.pop("photos", None)
    if photos is None:
        photos = [make_photo(farmer.user)]
    draft = drafts.start_listing(farmer=farmer, produce=produce, photos=photos, now=NOON)
    listing_id = draft.listing_id
    drafts.save_pack(
        listing_id=listing_id,
        farmer=farmer,
        pack_grams=changes.pop("pack_grams", 5000),
        price_fen=changes.pop("price_fen", 4980),
        packs=changes.pop("packs", 200),
        now=NOON,
    )
    return write(listing_id, farmer, **changes)


def write(listing_id: int, farmer: Farmer, **changes: Any) -> ListingRevision:
    """Step three, with the usual values unless told otherwise."""
    values = {"origin": "长宁镇", "words": "皮薄汁多。", "keeps_days": 30, "harvest": PICKED} | changes
    return drafts.save_harvest(listing_id=listing_id, farmer=farmer, now=NOON, **values)


def submit(farmer: Farmer, **changes: Any) -> ListingRevision:
    """A new listing that waits for a moderator."""
    draft = make_draft(farmer, **changes)
    return drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON)


def edit(listing: Listing, farmer: Farmer, **changes: Any) -> ListingRevision:
    """A change of an approved listing's words (or what `changes` say), sent to the moderators."""
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    write(listing.pk, farmer, **({"words": "换一句话。", "harvest": None} | changes))
    return drafts.submit_revision(listing_id=listing.pk, farmer=farmer, now=NOON)


def decide(
    revision: ListingRevision,
    moderator: User,
    verdict: Verdict = Verdict.APPROVE,
    reason: str = "",
    now: datetime = NOON,
) -> ModerationDecision:
    if verdict != Verdict.APPROVE:
        reason = reason or "照片太暗，请重拍。"
    return moderation.decide_revision(
        revision_id=revision.pk, moderator=moderator, verdict=verdict, reason=reason, now=now
    )


def load_terms() -> None:
    """The forbidden words as a migration brings them: a test that emptied every table took them along."""
    import_module("marketplace.migrations.0001_squashed_0017_photos_taken_away").load_terms(apps, None)
