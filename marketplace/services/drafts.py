"""Writing a listing: three steps kept in the database, sent to the moderators, taken back, edited, thrown away.

Every change locks the listing first; so an edit and a moderator's decision never pass each other. A revision that waits
is never written: changing it withdraws it and starts the next one, so that what is approved is what was looked at.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from common.weight import MAX_PACK_GRAMS
from marketplace.errors import NotComplete, NothingChanged, PackIsFixed, PhotoUnreadable
from marketplace.models import Listing, ListingRevision, Lot, Photo, Produce, RevisionPhoto
from marketplace.services import lots
from marketplace.services.storefronts import ensure_storefront

MAX_PHOTOS = 9
MIN_PACK_GRAMS = 20
MIN_PRICE_FEN = 100
MAX_PRICE_FEN = 1_000_000
MAX_KEEPS_DAYS = 1100
COPIED = ("produce_id", "pack_grams", "price_fen", "words", "origin", "keeps_days")


def check_price(price_fen: int) -> None:
    """Raises InvalidInput for a price of a pack that nobody means."""
    if price_fen <= 0:
        raise InvalidInput(_("The price must be more than 0."), field="price")
    if price_fen < MIN_PRICE_FEN:
        raise InvalidInput(_("A box for less than 1 yuan? Please check the price."), field="price")
    if price_fen > MAX_PRICE_FEN:
        raise InvalidInput(_("A box for more than 10,000 yuan? Please check the price."), field="price")


def check_pack(pack_grams: int) -> None:
    """Raises InvalidInput for a weight of a pack that nobody means."""
    if pack_grams < MIN_PACK_GRAMS:
        raise InvalidInput(_("A box of less than 20 g? Please check the weight."), field="weight")
    if pack_grams > MAX_PACK_GRAMS:
        raise InvalidInput(_("One box can weigh at most 50 kg."), field="weight")


def check_keeps_days(keeps_days: int) -> None:
    """Raises InvalidInput for a number of days nothing keeps."""
    if not 1 <= keeps_days <= MAX_KEEPS_DAYS:
        raise InvalidInput(_("Please give the days it keeps, at least 1."), field="keeps_days")


@needs_transaction
def lock_listing(listing_id: int, farmer: Farmer) -> Listing:
    """The farmer's own listing, locked against every other change; a step. Raises NotAllowed."""
    listing = Listing.objects.select_for_update(no_key=True).filter(pk=listing_id, farmer=farmer).first()
    if listing is None:
        raise NotAllowed
    return listing


@use_case
def start_listing(*, farmer: Farmer, produce: Produce, photos: Sequence[Photo], now: datetime) -> ListingRevision:
    """Step one for the first time: a listing nobody sees yet, with a draft in it. Raises InvalidInput, NotAllowed."""
    return begin_listing(farmer=farmer, produce=produce, photos=photos, now=now)


@needs_transaction
def begin_listing(*, farmer: Farmer, produce: Produce, photos: Sequence[Photo], now: datetime) -> ListingRevision:
    """As start_listing, inside the caller's transaction; a step."""
    check_produce(produce)
    ensure_storefront(farmer=farmer, now=now)
    listing = Listing.objects.create(
        farmer=farmer, county_id=farmer.county_id, province_id=farmer.county.province_id, created_at=now
    )
    draft = ListingRevision.objects.create(
        listing=listing,
        number=1,
        produce=produce,
        origin=farmer.town,
        keeps_days=produce.shelf_life_days or 1,
        created_at=now,
    )
    set_photos(draft, photos, farmer)
    return draft


@use_case
def save_produce(
    *, listing_id: int, farmer: Farmer, produce: Produce, photos: Sequence[Photo], now: datetime
) -> ListingRevision:
    """Step one again: other photos (in this order, the first is the cover) or another produce.

    Raises InvalidInput, NotAllowed, WrongState when there is no draft.
    """
    check_produce(produce)
    draft = _draft(lock_listing(listing_id, farmer))
    if draft.produce_id != produce.pk and draft.keeps_days == draft.produce.shelf_life_days:
        draft.keeps_days = produce.shelf_life_days or draft.keeps_days
    draft.produce = produce
    draft.save(update_fields=["produce", "keeps_days"])
    set_photos(draft, photos, farmer)
    return draft


@use_case
def save_pack(
    *, listing_id: int, farmer: Farmer, pack_grams: int, price_fen: int, packs: int, now: datetime
) -> ListingRevision:
    """Step two: the pack in grams, its price in fen, how many. Raises InvalidInput, PackIsFixed once approved."""
    listing = lock_listing(listing_id, farmer)
    draft = _draft(listing)
    if listing.approved_revision_id:
        raise PackIsFixed(field="weight")
    check_pack(pack_grams)
    check_price(price_fen)
    lots.check_packs(packs)
    draft.pack_grams, draft.price_fen, draft.packs = pack_grams, price_fen, packs
    draft.save(update_fields=["pack_grams", "price_fen", "packs"])
    listing.lots.update(harvested=packs)  # never on sale yet: nothing of it is held or sold
    return draft


@use_case
def save_harvest(
    *,
    listing_id: int,
    farmer: Farmer,
    origin: str,
    words: str,
    keeps_days: int,
    harvest: lots.Harvest | None,
    now: datetime,
) -> ListingRevision:
    """Step three: where, the farmer's words, how long it keeps and, for a new listing, the harvest (its first lot).

    Raises InvalidInput, NotAllowed, WrongState; NotComplete when step two was left out.
    """
    listing = lock_listing(listing_id, farmer)
    draft = _draft(listing)
    check_keeps_days(keeps_days)
    if not origin:
        raise InvalidInput(_("Please say where it grows."), field="origin")
    draft.origin, draft.words, draft.keeps_days = origin, words, keeps_days
    draft.save(update_fields=["origin", "words", "keeps_days"])
    if not listing.approved_revision_id:
        if harvest is None:
            raise InvalidInput(_("Please say when it was picked, or when you expect to pick it."), field="picked_on")
        harvest.check(keeps_days=keeps_days, now=now)
        set_first_lot(listing, draft, harvest, now)
    return draft


@use_case
def submit_revision(*, listing_id: int, farmer: Farmer, now: datetime) -> ListingRevision:
    """Send the draft to the moderators. Raises NotComplete (which says what to do next), NothingChanged, WrongState."""
    listing = lock_listing(listing_id, farmer)
    draft = _draft(listing)
    check_complete(listing, draft, now)
    return submit(draft, now)


@needs_transaction
def submit(draft: ListingRevision, now: datetime) -> ListingRevision:
    """Let a complete draft wait for a moderator; a step. The caller holds the listing."""
    draft.status, draft.submitted_at = ListingRevision.Status.WAITING, now
    draft.save(update_fields=["status", "submitted_at"])
    return draft


@use_case
def open_draft(*, listing_id: int, farmer: Farmer, now: datetime) -> ListingRevision:
    """The draft to write in: the one there is, else a copy of the newest revision.

    One that waits is withdrawn from the moderators first. What buyers see stays as it is. Raises NotAllowed.
    """
    return ensure_draft(lock_listing(listing_id, farmer), now)


@needs_transaction
def ensure_draft(listing: Listing, now: datetime) -> ListingRevision:
    """As open_draft, inside the caller's transaction; a step. The caller holds the listing."""
    newest = listing.revisions.order_by("-number").first()
    if newest is None:
        raise WrongState
    if newest.status == ListingRevision.Status.DRAFT:
        return newest
    source = newest
    if newest.status == ListingRevision.Status.WAITING:
        withdraw(newest)
    elif newest.status != ListingRevision.Status.CHANGE_ASKED:
        source = listing.approved_revision or newest  # what was thrown away or rejected does not come back by itself
    return copy_revision(source, listing=listing, now=now)


@needs_transaction
def withdraw(revision: ListingRevision) -> None:
    """Take an open revision out of the queue, or throw it away; a step. The caller holds the listing."""
    revision.status = ListingRevision.Status.WITHDRAWN
    revision.save(update_fields=["status"])


@needs_transaction
def copy_revision(source: ListingRevision, *, listing: Listing, now: datetime) -> ListingRevision:
    """A draft of `listing` with the content and photos of `source`; a step. The caller holds the listing."""
    last = listing.revisions.aggregate(last=Max("number"))["last"] or 0
    draft = ListingRevision.objects.create(
        listing=listing,
        number=last + 1,
        packs=source.packs,
        created_at=now,
        **{name: getattr(source, name) for name in COPIED},
    )
    approved = listing.approved_revision
    if approved and is_small_step(approved.price_fen, draft.price_fen):  # not a proposal, and it may be an old one
        draft.price_fen = listing.price_fen
        draft.save(update_fields=["price_fen"])
    places = source.photo_places.exclude(photo__status=Photo.Status.REFUSED).order_by("position")
    RevisionPhoto.objects.bulk_create(
        RevisionPhoto(revision=draft, photo_id=place.photo_id, position=position)
        for position, place in enumerate(places)
    )
    return draft


def is_small_step(approved_fen: int | None, price_fen: int | None) -> bool:
    """Whether a price is within settings.PRICE_CHANGE_LIMIT_PERCENT of the approved one."""
    if approved_fen is None or price_fen is None:
        return False
    return abs(price_fen - approved_fen) * 100 <= approved_fen * settings.PRICE_CHANGE_LIMIT_PERCENT


@use_case
def discard_draft(*, listing_id: int, farmer: Farmer, now: datetime) -> None:
    """Throw the draft (or what waits) away. An approved listing stays as it is. Raises NotAllowed, WrongState."""
    listing = lock_listing(listing_id, farmer)
    revision = listing.revisions.filter(status__in=ListingRevision.OPEN).first()
    if revision is None:
        raise WrongState
    withdraw(revision)


def _draft(listing: Listing) -> ListingRevision:
    draft = listing.revisions.filter(status=ListingRevision.Status.DRAFT).select_related("produce").first()
    if draft is None:
        raise WrongState
    return draft


def check_produce(produce: Produce) -> None:
    """Raises InvalidInput for a group: only kinds are sold."""
    if produce.parent_id is None or produce.shelf_life_days is None:
        raise InvalidInput(_("Please choose what you sell."), field="produce")


@needs_transaction
def write_fields(draft: ListingRevision, fields: Mapping[str, Any]) -> None:
    """Set some of COPIED and `packs` on a draft; a step. The caller holds the listing and has checked the values.

    Days that were the old produce's usual ones become the new one's, as in step one.
    """
    fields = dict(fields)
    if fields.get("produce_id", draft.produce_id) != draft.produce_id and "keeps_days" not in fields:
        produce = Produce.objects.get(pk=fields["produce_id"])
        if draft.keeps_days == draft.produce.shelf_life_days and produce.shelf_life_days:
            fields["keeps_days"] = produce.shelf_life_days
    for name, value in fields.items():
        setattr(draft, name, value)
    if fields:
        draft.save(update_fields=list(fields))


@needs_transaction
def set_photos(draft: ListingRevision, photos: Sequence[Photo], farmer: Farmer) -> None:
    """Give a draft these photos in this order; a step. Raises InvalidInput (field "photos"), NotAllowed."""
    if len(photos) > MAX_PHOTOS:
        raise InvalidInput(_("At most %(most)s photos."), field="photos", most=MAX_PHOTOS)
    if any(photo.uploaded_by_id != farmer.user_id for photo in photos):
        raise NotAllowed
    draft.photo_places.all().delete()
    RevisionPhoto.objects.bulk_create(
        RevisionPhoto(revision=draft, photo=photo, position=position) for position, photo in enumerate(photos)
    )


@needs_transaction
def set_first_lot(listing: Listing, draft: ListingRevision, harvest: lots.Harvest, now: datetime) -> None:
    """The harvest of a listing that was never approved; a step. The caller holds the listing and has checked both."""
    if draft.packs is None:
        raise NotComplete(_("Please say first how much is in a box and how many there are."), step="sell_pack")
    changed = listing.lots.update(
        harvested=draft.packs,
        grade=harvest.grade,
        picked_on=harvest.picked_on,
        expected_from=harvest.expected_from,
        expected_until=harvest.expected_until,
    )
    if not changed:
        lots.create_lot(listing=listing, packs=draft.packs, harvest=harvest, now=now)


def check_complete(listing: Listing, draft: ListingRevision, now: datetime) -> None:
    """Raises NotComplete, which says what to do next, or NothingChanged."""
    statuses = list(draft.photo_places.values_list("photo__status", flat=True))
    if not statuses:
        raise NotComplete(_("Please add at least one photo."), step="sell_photos")
    if Photo.Status.REFUSED in statuses:
        raise NotComplete(PhotoUnreadable.default_message, step="sell_photos")
    if draft.pack_grams is None or draft.price_fen is None:
        raise NotComplete(_("Please say how much is in a box and what it costs."), step="sell_pack")
    if listing.approved_revision_id is None:
        _check_first_lot(listing.lots.first(), draft, now)
    elif not differs(draft, listing):
        raise NothingChanged


def _check_first_lot(lot: Lot | None, draft: ListingRevision, now: datetime) -> None:
    if lot is None:
        raise NotComplete(_("Please say when it was picked."), step="sell_harvest")
    harvest = lots.Harvest(lot.grade, lot.picked_on, lot.expected_from, lot.expected_until)
    try:
        harvest.check(keeps_days=draft.keeps_days, now=now)  # a draft may have lain for weeks
    except InvalidInput as error:
        raise NotComplete(error.message, step="sell_harvest") from error


def differs(revision: ListingRevision, listing: Listing) -> bool:
    """Whether a revision says anything else than what buyers of an approved listing see now."""
    if any(getattr(revision, name) != getattr(listing, name) for name in COPIED):
        return True
    shown = listing.approved_revision
    return shown is None or photo_ids(revision) != photo_ids(shown)


def photo_ids(revision: ListingRevision) -> list[int]:
    """The photos of a revision in their order."""
    return list(revision.photo_places.order_by("position").values_list("photo_id", flat=True))
