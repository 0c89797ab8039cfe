"""Reads of the home page, of one listing, one storefront and one lot."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from accounts.models import Farmer
from marketplace.models import Listing, Lot, ModerationDecision, Produce, RevisionPhoto, Storefront
from marketplace.queries.shelves import Page, Stock, Wanted, buyable_places, cards, page_of


@dataclass(frozen=True)
class Figures:
    """What the shop has come to, counted from what is stored; 0 is not shown."""

    counties: int
    farmers: int
    packs_sold: int


def figures() -> Figures:
    """Counties one can buy from now, verified farmers, and packs sold so far."""
    counties = buyable_places().aggregate(count=Count("county", distinct=True))["count"]
    packs = Lot.objects.aggregate(packs=Sum("sold"))["packs"] or 0
    return Figures(counties, Farmer.objects.verified().count(), packs)


def shelf(size: int, *, stock: str = Stock.ANY, sort: str = "new", women_led: bool = False) -> Page:
    """The first cards of one kind, for the home page."""
    return page_of(cards(), Wanted(stock=stock, sort=sort, women_led=women_led), size)


def groups() -> QuerySet[Produce]:
    """The groups of produce, in their order."""
    return Produce.objects.filter(parent=None).order_by("position")


def kinds_of(produce: Produce) -> list[int]:
    """The ids by which listings of a kind, or of all kinds of a group, are found; one query for a group, none for a kind."""
    if produce.parent_id:
        return [produce.pk]
    return [produce.pk, *Produce.objects.filter(parent=produce).values_list("pk", flat=True)]


def kinds_on_sale(group: Produce) -> QuerySet[Produce]:
    """The kinds of a group that can be bought now."""
    on_sale = buyable_places().filter(produce=OuterRef("pk"))
    return Produce.objects.filter(Exists(on_sale), parent=group).order_by("position")


def all_kinds_with_offers() -> QuerySet[Produce]:
    """Every kind with `offers`: how many listings of it are shown."""
    shown = Q(listings__status=Listing.Status.LIVE, listings__farmer__status=Farmer.Status.VERIFIED)
    return (
        Produce.objects.exclude(parent=None)
        .annotate(offers=Count("listings", filter=shown))
        .order_by("parent__position", "position")
    )


def listing_page() -> QuerySet[Listing]:
    """Listings that have a page: on sale or paused, approved, of a verified farmer; with the photos that were approved."""
    photos = RevisionPhoto.objects.select_related("photo").order_by("position")
    return (
        Listing.objects.filter(
            status__in=[Listing.Status.LIVE, Listing.Status.PAUSED], farmer__status=Farmer.Status.VERIFIED
        )
        .select_related("farmer__storefront__photo", "approved_revision")
        .prefetch_related("produce__parent", "county", "province", Prefetch("approved_revision__photo_places", photos))
        .defer("search_vector")
    )


def open_lots(listing: Listing) -> list[Lot]:
    """The lots there is some left of, in the order in which they are sold."""
    return list(Lot.objects.open().with_some_left().filter(listing=listing).in_selling_order())


def latest_lot(listing: Listing) -> Lot | None:
    """The last harvest, for the page of something that has sold out."""
    return Lot.objects.filter(listing=listing).order_by(F("picked_on").desc(nulls_last=True), "-pk").first()


def others_of(listing: Listing) -> list[Listing]:
    """A few more of the same produce that can be bought."""
    return page_of(cards().filter(produce=listing.produce_id).exclude(pk=listing.pk), Wanted(), 4).listings


def storefronts() -> QuerySet[Storefront]:
    """The shop pages that may be shown."""
    return Storefront.objects.filter(farmer__status=Farmer.Status.VERIFIED).select_related(
        "farmer__county__province", "photo"
    )


def traceable_lots() -> QuerySet[Lot]:
    """Lots of what was approved, sold out or paused since or not: the box may come long after."""
    return Lot.objects.filter(
        listing__status__in=[Listing.Status.LIVE, Listing.Status.PAUSED],
        listing__farmer__status=Farmer.Status.VERIFIED,
    ).select_related(
        "listing__produce",
        "listing__cover",
        "listing__province",
        "listing__county",
        "listing__farmer__storefront",
    )


def approved_at(listing: Listing) -> datetime | None:
    """When a moderator approved what is shown of a listing."""
    decisions = ModerationDecision.objects.filter(
        revision=listing.approved_revision_id, verdict=ModerationDecision.Verdict.APPROVE
    )
    return decisions.values_list("decided_at", flat=True).first() or listing.live_since
