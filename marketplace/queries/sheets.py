"""What a farmer exports, and the sheets they sent in."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Farmer
from marketplace.models import Listing, ListingRevision, Lot, Photo, Produce, RevisionPhoto, SheetImport
from marketplace.queries.selling import kept
from marketplace.services.imports.knowing import photo_code

MOST_SHOWN = 20
MOST_PHOTOS = 60


def own_sheets(farmer: Farmer) -> QuerySet[SheetImport]:
    """The farmer's newest sheets, without their long parts."""
    heavy = ("preview", "problems", "unknown_columns")
    return SheetImport.objects.filter(farmer=farmer).defer(*heavy).order_by("-uploaded_at", "-pk")[:MOST_SHOWN]


def newest_photos(farmer: Farmer) -> list[tuple[str, Photo]]:
    """The farmer's newest photos with the codes they have in a sheet."""
    photos = Photo.objects.filter(uploaded_by=farmer.user_id, is_confined=False).exclude(status=Photo.Status.REFUSED)
    return [(photo_code(photo.key), photo) for photo in photos.order_by("-uploaded_at", "-pk")[:MOST_PHOTOS]]


def produce_names() -> list[tuple[str, str]]:
    """What can be sold, in both languages. 1 query."""
    kinds = Produce.objects.filter(parent__isnull=False).order_by("parent__position", "position", "pk")
    return list(kinds.values_list("name_zh", "name_en"))


@dataclass(frozen=True)
class Outcome:
    """What became of a saved sheet's new listings."""

    sent: int
    without_photo: int


def outcome_of(sheet: SheetImport) -> Outcome:
    """How many of the listings a sheet made went to the moderators, and how many are drafts still. 1 query."""
    draft = ListingRevision.objects.filter(listing=OuterRef("listing"), status=ListingRevision.Status.DRAFT, number=1)
    flags = list(sheet.rows.filter(lot=None).annotate(is_draft=Exists(draft)).values_list("is_draft", flat=True))
    return Outcome(sent=flags.count(False), without_photo=flags.count(True))


def export_rows(farmer: Farmer) -> Iterator[dict[str, Any]]:
    """Every listing the farmer keeps, a row for each harvest on sale; values by column key. 4 queries.

    Approved listings as buyers see them, others as written last: so that an export imports again unchanged.
    """
    listings = list(kept(farmer).select_related("produce", "approved_revision").order_by("pk"))
    ids = [listing.pk for listing in listings]
    newest = {
        revision.listing_id: revision
        for revision in ListingRevision.objects.filter(listing__in=ids)
        .order_by("listing_id", "-number")
        .distinct("listing_id")
        .select_related("produce")
    }
    shown = {listing.pk: listing.approved_revision or newest[listing.pk] for listing in listings}
    codes = _codes_of([revision.pk for revision in shown.values()])
    lots: dict[int, list[Lot]] = defaultdict(list)
    for lot in Lot.objects.open().filter(listing__in=ids).in_selling_order():
        lots[lot.listing_id].append(lot)
    for listing in listings:
        revision = shown[listing.pk]
        row = _listing_row(listing, revision, codes.get(revision.pk, []))
        if not listing.approved_revision_id:
            yield row | _first_lot(next(iter(lots[listing.pk]), None), revision)
            continue
        for lot in lots[listing.pk]:
            yield row | _lot_row(lot) | {"left": lot.left, "left_then": lot.left}
        if not lots[listing.pk]:
            yield row


def _codes_of(revision_ids: list[int]) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = defaultdict(list)
    places = RevisionPhoto.objects.filter(revision__in=revision_ids).order_by("revision_id", "position")
    for revision_id, key in places.values_list("revision_id", "photo__key"):
        codes[revision_id].append(photo_code(key))
    return codes


def _listing_row(listing: Listing, revision: ListingRevision, codes: list[str]) -> dict[str, Any]:
    source = listing if listing.approved_revision_id else revision
    produce = source.produce or revision.produce
    return {
        "listing": listing.pk,
        "produce": f"{produce.name_zh} {produce.name_en}",
        "weight": _weight(source.pack_grams),
        "price": Decimal(source.price_fen) / 100 if source.price_fen else None,
        "origin": source.origin,
        "keeps_days": source.keeps_days,
        "words": source.words,
        "photos": " ".join(codes),
    }


def _weight(grams: int | None) -> str:
    if grams is None:
        return ""
    return f"{Decimal(grams) / 1000:f} kg" if grams >= 1000 else f"{grams} g"


def _first_lot(lot: Lot | None, revision: ListingRevision) -> dict[str, Any]:
    return (_lot_row(lot) if lot else {}) | {"left": revision.packs, "left_then": revision.packs}


def _lot_row(lot: Lot) -> dict[str, Any]:
    return {
        "lot": lot.trace_code,
        "grade": GRADES[lot.grade],
        "picked_on": lot.picked_on,
        "expected_from": None if lot.picked_on else lot.expected_from,
        "expected_until": None if lot.picked_on else lot.expected_until,
    }


# As they stand in a sheet, whose headings explain them in English.
GRADES = {"SPECIAL": "特级", "FIRST": "一级", "SECOND": "二级", "MIXED": "统货"}
