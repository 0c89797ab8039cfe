"""Lists of listings: what a card shows, which ones are wanted, in which order, and where the next page begins."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.models import Listing, ShelfPlace
from marketplace.models.listings import ListingQuerySet
from marketplace.queries.distance import NEAREST_FIRST, counties_from, nearness, place_of
from marketplace.queries.matching import Matches, Relevance

PAGE_SIZE = 24
NEW_FOR = timedelta(days=7)
MAX_BIGINT = 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Sort:
    """An order of listings. `column` is what pages are cut at; ties go to the newest listing."""

    label: str | Promise
    column: str
    rising: bool = False
    to_int: Callable[[Any], int] = int
    from_int: Callable[[int], Any] = int


SORTS: dict[str, Sort] = {
    "new": Sort(
        _("Newest"),
        "place__live_since",
        to_int=lambda moment: (moment - _EPOCH) // _MICROSECOND,
        from_int=lambda number: _EPOCH + number * _MICROSECOND,
    ),
    "fresh": Sort(_("Freshly picked"), "place__freshness", to_int=date.toordinal, from_int=date.fromordinal),
    "price": Sort(_("Price per kg"), "place__fen_per_kg", rising=True),
    "rating": Sort(_("Best rated"), "place__standing"),
}
NEAREST = Sort(_("Nearest"), "nearness", rising=True)
RELEVANCE = Sort(_("Best match"), "relevance")


class Stock:
    """Which listings are wanted by what is left of them."""

    ANY = "any"
    NOW = "now"
    PRESALE = "presale"
    SOLD_OUT_TOO = "all"


@dataclass(frozen=True)
class Wanted:
    """What a visitor asked to see. Money is fen per kilogram; `produce` are ids; `near` is as distance.place_of takes it.

    Everything empty means everything that can be bought."""

    produce: tuple[int, ...] = ()
    province: str = ""
    county: str = ""
    women_led: bool = False
    stock: str = Stock.ANY
    min_fen_per_kg: int | None = None
    max_fen_per_kg: int | None = None
    query: str = ""
    sort: str = ""
    after: str = ""
    near: str = ""

    @property
    def order(self) -> Sort:
        if self.sort == "near" and place_of(self.near):
            return NEAREST
        if self.query and self.sort not in SORTS:
            return RELEVANCE
        return SORTS.get(self.sort, SORTS["new"])


@dataclass(frozen=True)
class Page:
    """One page of cards; `after` is where the next one begins, "" on the last."""

    listings: list[Listing]
    after: str


def cards() -> ListingQuerySet:
    """What may be shown, with everything a card shows, in four queries.

    Names of places and produce come by themselves: joined, seven tables take PostgreSQL ten times as long to plan as to read.
    Adds `left` (packs), `picked_on` (the latest harvest there is some left of) and `expected_from` (the next one).
    """
    return (
        Listing.objects.on_shelf()
        .with_stock()
        .annotate(picked_on=F("place__picked_on"), expected_from=F("place__expected_from"))
        .select_related("cover", "farmer")
        .prefetch_related("produce", "county", "province")
        .defer("search_vector", "farmer__payee_account", "farmer__payee_name", "farmer__status_reason")
    )


def buyable(listings: ListingQuerySet) -> ListingQuerySet:
    """Only those of which a buyer can have at least one pack, now or from a coming harvest."""
    return listings.filter(place__stock__gt=ShelfPlace.Stock.NOTHING)


def within_price(listings: ListingQuerySet, wanted: Wanted) -> ListingQuerySet:
    """Only those between the lowest and the highest price per kilogram."""
    if wanted.min_fen_per_kg is not None:
        listings = listings.filter(place__fen_per_kg__gte=wanted.min_fen_per_kg)
    if wanted.max_fen_per_kg is not None:
        listings = listings.filter(place__fen_per_kg__lte=wanted.max_fen_per_kg)
    return listings


def buyable_places() -> QuerySet[ShelfPlace]:
    """The same as narrow rows alone: for counting, where no card is to be shown."""
    return ShelfPlace.objects.filter(shown=True, stock__gt=ShelfPlace.Stock.NOTHING)


def _filtered(listings: ListingQuerySet, wanted: Wanted) -> ListingQuerySet:
    if wanted.produce:
        listings = listings.filter(place__produce__in=wanted.produce)
    if wanted.province:
        listings = listings.filter(place__province=wanted.province)
    if wanted.county:
        listings = listings.filter(place__county__slug=wanted.county)
    if wanted.women_led:
        listings = listings.filter(place__women_led=True)
    if wanted.stock == Stock.NOW:
        listings = listings.filter(place__stock=ShelfPlace.Stock.NOW)
    elif wanted.stock == Stock.PRESALE:
        listings = listings.filter(place__stock=ShelfPlace.Stock.PRESALE)
    elif wanted.stock != Stock.SOLD_OUT_TOO:
        listings = buyable(listings)
    return within_price(listings, wanted)


def _start(order: Sort, after: str) -> tuple[Any, int] | None:
    """Where a page begins: the last page's last key and listing. None for the first page and for anything odd."""
    key, _dot, pk = after.partition(".")
    try:
        number, listing_id = int(key), int(pk)
        if not (abs(number) <= MAX_BIGINT and 0 < listing_id <= MAX_BIGINT):
            return None
        return order.from_int(number), listing_id
    except (ValueError, OverflowError):
        return None


def page_of(listings: ListingQuerySet, wanted: Wanted, size: int = PAGE_SIZE) -> Page:
    """One page of `listings` (made by `cards`) as wanted, by keyset: as fast on page 500 as on page 1."""
    listings = _filtered(listings, wanted)
    if wanted.query:
        listings = listings.filter(Matches(wanted.query)).annotate(relevance=Relevance(wanted.query))
    if wanted.order is NEAREST:
        return _nearest(listings, wanted, size)
    return _cut(listings, wanted, size)


def _cut(listings: ListingQuerySet, wanted: Wanted, size: int) -> Page:
    order = wanted.order
    if start := _start(order, wanted.after):
        key, listing_id = start
        beyond = "gt" if order.rising else "lt"
        listings = listings.filter(
            Q(**{f"{order.column}__{beyond}": key}) | Q(**{order.column: key, "place__listing__lt": listing_id})
        )
    column = F(order.column).asc() if order.rising else F(order.column).desc()
    found: list[Any] = list(
        listings.annotate(sort_key=F(order.column)).order_by(column, "-place__listing_id")[: size + 1]
    )
    if len(found) <= size:
        return Page(found, "")
    last = found[size - 1]
    return Page(found[:size], f"{order.to_int(last.sort_key)}.{last.pk}")


def _nearest(listings: ListingQuerySet, wanted: Wanted, size: int) -> Page:
    """By the distance of the county, each listing with `km`. The nearest counties first; all only if these aren't enough."""
    place = place_of(wanted.near)
    far = counties_from(place) if place else {}
    counties = list(far)
    listings = listings.annotate(nearness=nearness(counties))
    page = _cut(listings.filter(place__county__in=counties[:NEAREST_FIRST]), wanted, size)
    if not page.after:
        page = _cut(listings, wanted, size)
    for listing in page.listings:
        listing.km = far[listing.county_id]  # type: ignore[attr-defined]  # for the card
    return page
