"""What stands out in a revision: its price, its photos, its words, and whether its farmer is new. Signs for a person to
look at; none of them refuses anything.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from common.weight import fen_per
from marketplace.likeness import NEAR, probes_of
from marketplace.models import (
    ForbiddenTerm,
    Listing,
    ListingRevision,
    Lot,
    ModerationDecision,
    Photo,
    RevisionPhoto,
    Storefront,
)
from marketplace.wording import Found, Marked, find, mark

ENOUGH_FARMS = 5  # fewer say nothing about what is usual
STRAY = 1.5  # how far beyond the usual range a price is marked
FIRST_LISTINGS = 3
MOST_TWINS = 5


@dataclass(frozen=True)
class Price:
    """Fen per kg: this one's, and between what nine farms in ten ask (10th to 90th percentile; 0 with too few farms)."""

    per_kg: int
    low: int
    high: int
    farms: int

    @property
    def is_known(self) -> bool:
        return self.farms >= ENOUGH_FARMS

    @property
    def is_odd(self) -> bool:
        return self.is_known and not self.low / STRAY <= self.per_kg <= self.high * STRAY


@dataclass(frozen=True)
class Twin:
    """A photo of the revision, and another that looks nearly the same (`apart` of 64 bits differ)."""

    photo: Photo
    other: Photo
    apart: int
    whose: str
    is_anothers: bool


@dataclass
class Signals:
    """All that stands out in one revision."""

    price: Price | None = None
    twins: list[Twin] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    marked: list[Marked] = field(default_factory=list)
    approved_before: int = 0

    @property
    def is_first(self) -> bool:
        return self.approved_before < FIRST_LISTINGS

    @property
    def stand_out(self) -> bool:
        return bool(self.twins or self.found or (self.price and self.price.is_odd))

    @property
    def names(self) -> list[str]:
        """The same for programs: "price", "photos", "words", "new"."""
        odd = bool(self.price and self.price.is_odd)
        named = {"price": odd, "photos": bool(self.twins), "words": bool(self.found), "new": self.is_first}
        return [name for name, stands_out in named.items() if stands_out]


def signals_of(revisions: Sequence[ListingRevision]) -> dict[int, Signals]:
    """What stands out in each, by its pk. 6 queries at most, however many revisions."""
    farmers = {revision.listing.farmer_id for revision in revisions}
    farms = _prices({revision.produce_id for revision in revisions})
    twins = _twins_in(revisions)
    terms = list(ForbiddenTerm.objects.filter(is_active=True))
    decided = ModerationDecision.objects.filter(listing__farmer__in=farmers, verdict="APPROVE").order_by()
    approved = dict(decided.values_list("listing__farmer").annotate(n=Count("listing", distinct=True)))
    found = {}
    for revision in revisions:
        words = find(revision.words, terms)
        found[revision.pk] = Signals(
            price=_price(revision, farms[revision.produce_id]),
            twins=twins[revision.pk],
            found=words,
            marked=mark(revision.words, words) if words else [],
            approved_before=approved.get(revision.listing.farmer_id, 0),
        )
    return found


def _prices(produce: Iterable[int]) -> dict[int, dict[int, float]]:
    """What each farm asks or got for a kg of each produce: its middle price over what is live or has sold. 1 query."""
    sold = Lot.objects.filter(listing=OuterRef("pk"), sold__gt=0)
    listings = Listing.objects.filter(
        Q(status=Listing.Status.LIVE) | Exists(sold), produce__in=produce, approved_revision__isnull=False
    ).exclude(status=Listing.Status.TAKEN_DOWN)
    asked: dict[tuple[int, int], list[int]] = defaultdict(list)
    for kind, farmer, price, grams in listings.values_list("produce_id", "farmer_id", "price_fen", "pack_grams"):
        if kind and price and grams:
            asked[kind, farmer].append(fen_per(1000, price, grams))
    farms: dict[int, dict[int, float]] = defaultdict(dict)
    for (kind, farmer), prices in asked.items():
        farms[kind][farmer] = statistics.median(prices)  # a farm with ten listings counts once
    return farms


def _price(revision: ListingRevision, farms: dict[int, float]) -> Price | None:
    if not revision.price_fen or not revision.pack_grams:
        return None
    others = sorted(price for farmer, price in farms.items() if farmer != revision.listing.farmer_id)
    per_kg = fen_per(1000, revision.price_fen, revision.pack_grams)
    if len(others) < ENOUGH_FARMS:
        return Price(per_kg, 0, 0, len(others))
    tenths = statistics.quantiles(others, n=10, method="inclusive")
    return Price(per_kg, round(tenths[0]), round(tenths[-1]), len(others))


def signals_of_story(shop: Storefront) -> Signals:
    """What stands out in the words and the photo that are proposed for a shop page. 3 queries at most."""
    words = find(shop.proposed_story, ForbiddenTerm.objects.filter(is_active=True))
    photo = shop.proposed_photo
    twins = _twins([(0, photo)] if photo else [], known={(shop.photo_id, 0)})
    return Signals(
        twins=twins[0],
        found=words,
        marked=mark(shop.proposed_story, words) if words else [],
        approved_before=FIRST_LISTINGS,
    )


def _twins_in(revisions: Sequence[ListingRevision]) -> dict[int, list[Twin]]:
    """Near-duplicates of each revision's photos outside its own listing, by its pk. 4 queries at most."""
    places = RevisionPhoto.objects.filter(revision__in=revisions, photo__fingerprint__isnull=False)
    own = [
        (place.revision_id, place.photo) for place in places.select_related("photo").order_by("revision", "position")
    ]
    if not own:
        return defaultdict(list)
    of_listing = {revision.listing_id: revision.pk for revision in revisions}
    inside = RevisionPhoto.objects.filter(revision__listing__in=of_listing)
    known = {(photo, of_listing[listing]) for photo, listing in inside.values_list("photo_id", "revision__listing_id")}
    return _twins(own, known)


def _twins(own: Sequence[tuple[int, Photo]], known: Set[tuple[int | None, int]]) -> dict[int, list[Twin]]:
    """Near-duplicates of photos, under the key that each comes with; without those that are `known` there. 2 queries."""
    found: dict[int, list[Twin]] = defaultdict(list)
    alike = defaultdict(list)
    for mine, theirs, apart in _alike({photo.pk: photo.fingerprint for _key, photo in own}):
        alike[mine].append((theirs, apart))
    others = Photo.objects.select_related("uploaded_by__farmer").in_bulk(
        {other for pairs in alike.values() for other, _apart in pairs}
    )
    for key, photo in own:
        for other_id, apart in alike[photo.pk]:
            if (other_id, key) in known or len(found[key]) >= MOST_TWINS:
                continue
            other = others[other_id]
            whose = getattr(other.uploaded_by, "farmer", None) or other.uploaded_by
            found[key].append(Twin(photo, other, apart, str(whose), other.uploaded_by_id != photo.uploaded_by_id))
    return found


def _alike(photos: dict[int, int | None]) -> list[tuple[int, int, int]]:
    """(photo, other, bits apart) of near-duplicates, found by their bands' index and then counted. 1 query, none for none."""
    wanted = [(pk, print_, probes_of(print_)) for pk, print_ in photos.items() if print_ is not None]
    if not wanted:
        return []
    rows = ", ".join(["(%s::bigint, %s::bigint, %s::int[])"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT mine.id, other.id, other.apart FROM (VALUES {rows}) AS mine (id, fingerprint, probes)
                CROSS JOIN LATERAL (
                    SELECT id, bit_count((fingerprint # mine.fingerprint)::bit(64)) AS apart FROM marketplace_photo
                    WHERE bands && mine.probes AND id <> mine.id
                      AND bit_count((fingerprint # mine.fingerprint)::bit(64)) <= %s
                    ORDER BY apart, id LIMIT 10
                ) other""",  # noqa: S608  # placeholders only
            [*(value for each in wanted for value in each), NEAR],
        )
        return cursor.fetchall()
