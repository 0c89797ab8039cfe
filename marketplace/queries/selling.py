"""What a farmer sees of their own listings, and what they choose from when they make one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from accounts.models import Farmer
from common.weight import fen_per
from marketplace.chinese import syllables
from marketplace.models import Listing, ListingRevision, Lot, ModerationDecision, Photo, Produce, RevisionPhoto

PAGE_SIZE = 30
ENOUGH_TO_COMPARE = 3


@dataclass
class OwnListing:
    """One of the farmer's listings with all its page shows: the newest revision, why it came back, open lots."""

    listing: Listing
    newest: ListingRevision | None
    reason: str = ""
    lots: list[Lot] = field(default_factory=list)

    @property
    def produce(self) -> Produce | None:
        return self.listing.produce or (self.newest.produce if self.newest else None)

    @property
    def pack_grams(self) -> int | None:
        return self.listing.pack_grams or (self.newest.pack_grams if self.newest else None)

    @property
    def price_fen(self) -> int | None:
        return self.listing.price_fen or (self.newest.price_fen if self.newest else None)

    @property
    def cover(self) -> Photo | None:
        """What buyers see; for a listing they don't see yet, the first photo of what was written."""
        if self.listing.cover:
            return self.listing.cover
        places = list(self.newest.photo_places.all()) if self.newest else []
        return places[0].photo if places else None

    @property
    def left(self) -> int:
        return sum(lot.left for lot in self.lots)

    @property
    def held(self) -> int:
        return sum(lot.held for lot in self.lots)

    @property
    def sold(self) -> int:
        return sum(lot.sold for lot in self.lots)

    @property
    def is_approved(self) -> bool:
        return self.listing.approved_revision_id is not None

    @property
    def waits(self) -> bool:
        return self.newest is not None and self.newest.status == ListingRevision.Status.WAITING

    @property
    def is_unfinished(self) -> bool:
        return self.newest is not None and self.newest.status == ListingRevision.Status.DRAFT

    @property
    def came_back(self) -> bool:
        """A moderator asked for a change or said no, and the farmer has not answered yet."""
        back = (ListingRevision.Status.CHANGE_ASKED, ListingRevision.Status.REJECTED)
        return self.newest is not None and self.newest.status in back

    @property
    def is_taken_down(self) -> bool:
        return self.listing.status == Listing.Status.TAKEN_DOWN


def own_listings(farmer: Farmer, before: int | None = None) -> list[OwnListing]:
    """A farmer's listings, newest first (those made before listing `before`), without what they threw away. 5 queries."""
    listings = kept(farmer).order_by("-pk")
    if before:
        listings = listings.filter(pk__lt=before)
    return with_details(listings.select_related("produce", "cover")[:PAGE_SIZE])


def kept(farmer: Farmer | QuerySet[Farmer]) -> QuerySet[Listing]:
    """All of a farmer's listings but drafts they threw away. With a queryset of farmers, all of theirs."""
    alive = ListingRevision.objects.filter(listing=OuterRef("pk")).exclude(status=ListingRevision.Status.WITHDRAWN)
    own = (
        Listing.objects.filter(farmer=farmer)
        if isinstance(farmer, Farmer)
        else Listing.objects.filter(farmer__in=farmer)
    )
    return own.filter(Exists(alive))


def with_details(listings: Iterable[Listing]) -> list[OwnListing]:
    """Add what an OwnListing shows to each listing."""
    listings = list(listings)
    ids = [listing.pk for listing in listings]
    places = RevisionPhoto.objects.filter(position=0).select_related("photo")
    newest = {
        revision.listing_id: revision
        for revision in ListingRevision.objects.filter(listing__in=ids)
        .order_by("listing_id", "-number")
        .distinct("listing_id")
        .select_related("produce")
        .prefetch_related(Prefetch("photo_places", queryset=places))
    }
    lots: dict[int, list[Lot]] = defaultdict(list)
    for lot in Lot.objects.open().filter(listing__in=ids).in_selling_order():
        lots[lot.listing_id].append(lot)
    reasons = _reasons(ids)
    return [
        OwnListing(
            listing,
            newest.get(listing.pk),
            reasons.get(_what_came_back(listing, newest.get(listing.pk)), ""),
            lots[listing.pk],
        )
        for listing in listings
    ]


def _what_came_back(listing: Listing, revision: ListingRevision | None) -> tuple[int, int | None]:
    if listing.status == Listing.Status.TAKEN_DOWN:
        return listing.pk, None
    return listing.pk, revision.pk if revision else 0


def _reasons(ids: Sequence[int]) -> dict[tuple[int, int | None], str]:
    """Why, by (listing, revision); revision is None for the last taking down."""
    told = [
        ModerationDecision.Verdict.ASK_CHANGE,
        ModerationDecision.Verdict.REJECT,
        ModerationDecision.Verdict.TAKE_DOWN,
    ]
    decisions = ModerationDecision.objects.filter(listing__in=ids, verdict__in=told).order_by("decided_at", "pk")
    return {(d.listing_id or 0, d.revision_id): d.reason for d in decisions}


@dataclass(frozen=True)
class ProduceChoice:
    """One produce to choose, with the words it is found by."""

    produce: Produce
    words: str


@lru_cache(maxsize=1024)
def _words(name_zh: str, name_en: str) -> str:
    heard = syllables(name_zh)
    return " ".join([name_zh, "".join(heard), "".join(syllable[:1] for syllable in heard), name_en]).lower()


def _choice(produce: Produce) -> ProduceChoice:
    return ProduceChoice(produce, _words(produce.name_zh, produce.name_en))


@dataclass(frozen=True)
class ProduceGroup:
    """A group with its kinds, for the picker."""

    group: Produce
    kinds: list[ProduceChoice]


def produce_groups(wanted: str = "") -> list[ProduceGroup]:
    """All that can be sold, by group; with `wanted`, only what it finds (Chinese, pinyin, initials or English). 1 query."""
    everything = list(Produce.objects.order_by("position", "pk"))
    text = typed(wanted)
    kinds: dict[int, list[ProduceChoice]] = defaultdict(list)
    for produce in everything:
        if produce.parent_id is not None:
            choice = _choice(produce)
            if text in choice.words.replace(" ", ""):
                kinds[produce.parent_id].append(choice)
    return [ProduceGroup(each, kinds[each.pk]) for each in everything if kinds[each.pk]]


def typed(wanted: str) -> str:
    """What to look for: 橙子 and chengzi find 脐橙 (qicheng), 橘 finds 桔. produce-picker.js does the same."""
    text = "".join(wanted.lower().split()).replace("橘", "桔")
    for ending in ("子", "zi"):
        if len(text) > len(ending) and text.endswith(ending):
            return text.removesuffix(ending)
    return text


def produce_nearby(farmer: Farmer, limit: int = 8) -> list[Produce]:
    """What the farmer sold before and what is sold from their county, most often first. 1 query."""
    mine, near = Q(listings__farmer=farmer), Q(listings__county_id=farmer.county_id)
    counted = Produce.objects.filter(mine | near, parent__isnull=False).annotate(
        own=Count("listings", filter=mine), all=Count("listings")
    )
    return list(counted.order_by("-own", "-all", "position")[:limit])


def usual_range(produce: Produce, but: int) -> tuple[int, int] | None:
    """The lowest and highest price in fen per kg at which others sell it now; None with too few to compare. 1 query."""
    prices = (
        Listing.objects.shown().filter(produce=produce).exclude(pk=but).values_list("price_fen", "pack_grams")[:500]
    )
    per_kg = sorted(fen_per(1000, price, grams) for price, grams in prices if price and grams)
    return (per_kg[0], per_kg[-1]) if len(per_kg) >= ENOUGH_TO_COMPARE else None


def last_listing(farmer: Farmer) -> Listing | None:
    """The one to offer for repeating: the newest that was ever approved. 1 query."""
    approved = Listing.objects.filter(farmer=farmer, approved_revision__isnull=False)
    return approved.select_related("produce", "cover").order_by("-pk").first()
