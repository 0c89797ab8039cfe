"""Reads of counties and provinces with what is sold there."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import County, Farmer, Region
from marketplace.models import Listing, Produce
from marketplace.queries.distance import CAPITALS
from marketplace.queries.shelves import buyable_places


def provinces() -> QuerySet[Region]:
    """The provinces that have counties of the 832."""
    return Region.objects.filter(Exists(County.objects.filter(province=OuterRef("pk")))).order_by("pk")


def all_produce() -> list[Produce]:
    """Every group and kind, each group before its kinds; one query."""
    return list(Produce.objects.order_by("position", "pk"))


def all_provinces() -> list[tuple[Region, bool]]:
    """Every province one can measure from, and whether it has counties of the 832; one query."""
    sells = Exists(County.objects.filter(province=OuterRef("pk")))
    regions = Region.objects.filter(Q(pk__in=list(CAPITALS)) | Q(sells)).annotate(sells=sells).order_by("pk")
    return [(region, region.sells) for region in regions]


def counties_of(province: str, also: str = "") -> QuerySet[County]:
    """The counties of a province that show something, and the one that is chosen already."""
    showing = Exists(Listing.objects.shown().filter(county=OuterRef("pk")))
    return County.objects.filter(Q(province_id=province) & Q(showing) | Q(slug=also)).order_by("list_no")


def counties_selling(limit: int, province: str = "") -> list[County]:
    """Counties one can buy from now, the one with most to choose from first, each with `offers`; two queries."""
    listings = buyable_places()
    if province:
        listings = listings.filter(province_id=province)
    most = listings.values_list("county_id").annotate(offers=Count("pk")).order_by("-offers", "county_id")[:limit]
    offers = dict(most)
    counties = County.objects.in_bulk(list(offers))
    for county_id, count in offers.items():
        counties[county_id].offers = count  # type: ignore[attr-defined]  # for the template
    return [counties[county_id] for county_id in offers]


def farms_by_county() -> dict[int, int]:
    """How many verified farmers show something, by county id; counties without any are left out."""
    shown = Listing.objects.shown().values_list("county_id")
    return dict(shown.annotate(farms=Count("farmer", distinct=True)).order_by())


def farmers_of(county: County, limit: int) -> list[Farmer]:
    """Verified farmers of a county with their storefronts, the longest here first."""
    farmers = Farmer.objects.verified().filter(county=county, storefront__isnull=False)
    return list(farmers.select_related("storefront__photo").order_by("verified_at", "pk")[:limit])
