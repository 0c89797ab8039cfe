"""Listings that buyers can see: their price, pausing them, making another like one."""

from datetime import datetime

from accounts.models import Farmer
from common.errors import WrongState
from common.transactions import needs_transaction, use_case
from marketplace.models import Listing, ListingRevision
from marketplace.services import drafts
from marketplace.services.storefronts import ensure_storefront
from notifications.webhooks import publish


@use_case
def change_price(*, listing_id: int, farmer: Farmer, price_fen: int, now: datetime) -> bool:
    """Set the price of an approved listing: True if buyers see it now, False if a moderator looks first.

    At once within settings.PRICE_CHANGE_LIMIT_PERCENT of the price last approved; a bigger step waits as a
    revision while the present price stays. Orders already placed keep theirs. Raises InvalidInput, WrongState.
    """
    return set_price(drafts.lock_listing(listing_id, farmer), price_fen, now)


@needs_transaction
def set_price(listing: Listing, price_fen: int, now: datetime) -> bool:
    """As change_price, inside the caller's transaction; a step. The caller holds the listing."""
    drafts.check_price(price_fen)
    approved = listing.approved_revision
    if approved is None:
        raise WrongState
    if not is_at_once(listing, price_fen):
        _propose_price(listing, approved, price_fen, now)
        return False
    listing.price_fen = price_fen
    listing.save(update_fields=["price_fen"])
    _price_of_open_revision(listing, price_fen)
    publish("listing.changed", to=[listing.farmer.user_id], now=now, listing=listing.pk, price_fen=price_fen)
    return True


def is_at_once(listing: Listing, price_fen: int) -> bool:
    """Whether buyers would see this price at once, or a moderator first."""
    approved = listing.approved_revision
    return approved is not None and drafts.is_small_step(approved.price_fen, price_fen)


@needs_transaction
def _propose_price(listing: Listing, approved: ListingRevision, price_fen: int, now: datetime) -> None:
    """An unfinished edit takes the price along; otherwise a revision with it waits for a moderator at once."""
    unfinished = listing.revisions.filter(status__in=ListingRevision.OPEN).first()
    is_draft = unfinished is not None and unfinished.status == ListingRevision.Status.DRAFT
    draft = (
        drafts.ensure_draft(listing, now) if unfinished else drafts.copy_revision(approved, listing=listing, now=now)
    )
    draft.price_fen = price_fen
    draft.save(update_fields=["price_fen"])
    if not is_draft:
        drafts.submit(draft, now)


@needs_transaction
def _price_of_open_revision(listing: Listing, price_fen: int) -> None:
    """The newest wish about the price holds; a revision that asks for nothing else any more leaves the queue."""
    revision = listing.revisions.filter(status__in=ListingRevision.OPEN).first()
    if revision is None:
        return
    revision.price_fen = price_fen
    revision.save(update_fields=["price_fen"])
    if revision.status == ListingRevision.Status.WAITING and not drafts.differs(revision, listing):
        drafts.withdraw(revision)


@use_case
def pause_listing(*, listing_id: int, farmer: Farmer, now: datetime) -> None:
    """Stop selling for a while. Raises NotAllowed, WrongState unless it is on sale."""
    _move(listing_id, farmer, Listing.Status.LIVE, Listing.Status.PAUSED)


@use_case
def resume_listing(*, listing_id: int, farmer: Farmer, now: datetime) -> None:
    """Sell again. Raises NotAllowed, WrongState unless the farmer paused it (what was taken down stays so)."""
    _move(listing_id, farmer, Listing.Status.PAUSED, Listing.Status.LIVE)


def _move(listing_id: int, farmer: Farmer, before: Listing.Status, after: Listing.Status) -> None:
    listing = drafts.lock_listing(listing_id, farmer)
    if listing.status != before:
        raise WrongState
    listing.status = after
    listing.save(update_fields=["status"])


@use_case
def repeat_listing(*, listing_id: int, farmer: Farmer, now: datetime) -> ListingRevision:
    """A new draft like an old listing: photos, produce, pack, price, words; how many and when are asked anew.

    Raises NotAllowed, WrongState.
    """
    old = drafts.lock_listing(listing_id, farmer)
    source = old.approved_revision or old.revisions.order_by("-number").first()
    if source is None:
        raise WrongState
    ensure_storefront(farmer=farmer, now=now)
    listing = Listing.objects.create(
        farmer=farmer, county_id=farmer.county_id, province_id=farmer.county.province_id, created_at=now
    )
    draft = drafts.copy_revision(source, listing=listing, now=now)
    if old.price_fen is not None:
        draft.price_fen = old.price_fen
    draft.packs = None
    draft.save(update_fields=["price_fen", "packs"])
    return draft
