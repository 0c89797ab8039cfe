"""Carrying out a plan inside one transaction, by the same steps as the pages. All of it or none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from accounts.models import Farmer
from common.transactions import needs_transaction
from marketplace.errors import NotComplete, NothingChanged
from marketplace.models import ImportedRow, Listing, ListingRevision, Lot, Photo, RevisionPhoto, SheetImport
from marketplace.services import drafts, listings, lots
from marketplace.services.imports.plans import ChangeContent, ChangeLot, ChangePrice, NewListing, NewLot, Plan
from marketplace.services.storefronts import ensure_storefront

Tell = Callable[[int, int], None]


@needs_transaction
def carry_out(plan: Plan, *, sheet: SheetImport, own: Mapping[int, Listing], now: datetime, tell: Tell) -> None:
    """Do what the plan says; a step. The caller holds the farmer and the listings in `own`.

    What nobody sees yet comes first, what is sold from last.
    """
    done = 0

    def go_on(count: int = 1) -> None:
        nonlocal done
        done += count
        if done % 25 < count:
            tell(done, len(plan.acts))

    new = [act for act in plan.acts if isinstance(act, NewListing)]
    _make_listings(new, sheet, now)
    go_on(len(new))
    _lock_lots(own)
    existing = [act for act in plan.acts if not isinstance(act, NewListing)]
    for act in sorted(existing, key=_order):
        if isinstance(act, ChangePrice):
            listings.set_price(own[act.listing_id], act.price_fen, now)
        elif isinstance(act, ChangeContent):
            _change_content(own[act.listing_id], act, sheet.farmer, now)
        elif isinstance(act, NewLot):
            lot = lots.add_lot(listing=own[act.listing_id], packs=act.packs, harvest=act.harvest, now=now)
            _remember(sheet, [(act.digest, own[act.listing_id], lot)])
        else:
            _change_lot(act, now)
        go_on()


def _order(act: ChangePrice | ChangeContent | NewLot | ChangeLot) -> tuple[int, int]:
    """By listing, as everyone takes their places on the shelf; of one listing the price first, its harvests last."""
    kinds = (ChangePrice, ChangeContent, NewLot, ChangeLot)
    return act.listing_id, kinds.index(type(act))


def _lock_lots(own: Mapping[int, Listing]) -> None:
    """Everything on sale of these listings, by pk as every buyer takes it, before a price or a number moves.

    The list() is the lock. Taken after what is new was made, so that buyers wait no longer than they must.
    """
    list(Lot.objects.open().filter(listing__in=own).select_for_update(no_key=True).order_by("pk"))


def _make_listings(acts: Sequence[NewListing], sheet: SheetImport, now: datetime) -> None:
    """Listings nobody sees yet, whole, some queries for all of them; those with photos are sent to the moderators."""
    if not acts:
        return
    farmer = sheet.farmer
    ensure_storefront(farmer=farmer, now=now)
    province_id = farmer.county.province_id
    made = Listing.objects.bulk_create(
        Listing(farmer=farmer, county_id=farmer.county_id, province_id=province_id, created_at=now) for _act in acts
    )
    revisions = ListingRevision.objects.bulk_create(
        ListingRevision(
            listing=listing,
            number=1,
            produce_id=act.produce_id,
            pack_grams=act.pack_grams,
            price_fen=act.price_fen,
            packs=act.packs,
            words=act.words,
            origin=act.origin,
            keeps_days=act.keeps_days,
            created_at=now,
        )
        for listing, act in zip(made, acts, strict=True)
    )
    RevisionPhoto.objects.bulk_create(
        RevisionPhoto(revision=revision, photo_id=photo_id, position=position)
        for revision, act in zip(revisions, acts, strict=True)
        for position, photo_id in enumerate(act.photo_ids)
    )
    lots.create_lots([(listing, act.packs, act.harvest) for listing, act in zip(made, acts, strict=True)], now)
    _remember(sheet, [(act.digest, listing, None) for listing, act in zip(made, acts, strict=True)])
    for revision, act in zip(revisions, acts, strict=True):
        if act.photo_ids:
            drafts.submit(revision, now)


def _change_content(listing: Listing, act: ChangeContent, farmer: Farmer, now: datetime) -> None:
    draft = drafts.ensure_draft(listing, now)
    drafts.write_fields(draft, act.fields)
    if act.photo_ids is not None:
        photos = Photo.objects.in_bulk(act.photo_ids)
        drafts.set_photos(draft, [photos[pk] for pk in act.photo_ids], farmer)
    if not listing.approved_revision_id:
        if "packs" in act.fields:
            listing.lots.update(harvested=act.fields["packs"])  # never on sale yet: nothing of it is held or sold
        if act.harvest:
            drafts.set_first_lot(listing, draft, act.harvest, now)
    if not act.send:
        return
    try:
        drafts.check_complete(listing, draft, now)
    except (NotComplete, NothingChanged):
        return  # stays a draft: the page says what is missing
    drafts.submit(draft, now)


def _change_lot(act: ChangeLot, now: datetime) -> None:
    if act.picked_on:
        lots.note_picked(act.lot_id, act.picked_on, now)
    if act.left is not None:
        lots.set_left(act.lot_id, act.left)
    elif act.more is not None:
        lots.add_to_left(act.lot_id, act.more)


def _remember(sheet: SheetImport, made: Sequence[tuple[str, Listing, Lot | None]]) -> None:
    """So that the same row makes nothing twice. What it made before and was thrown away is forgotten."""
    ImportedRow.objects.bulk_create(
        [
            ImportedRow(farmer=sheet.farmer, digest=digest, listing=listing, lot=lot, sheet=sheet)
            for digest, listing, lot in made
        ],
        update_conflicts=True,
        unique_fields=["farmer", "digest"],
        update_fields=["listing", "lot", "sheet"],
    )
