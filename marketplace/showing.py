"""Where buyers can see a farmer's name or picture: asked of each app from what is stored, not written down by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import Farmer
from common.templatetags.chushan import localname
from marketplace.models import Listing, Lot, Photo, Storefront

MOST = 200


@dataclass(frozen=True)
class Place:
    """One address on which somebody is shown: by name, in a picture, or both; now, as they chose."""

    label: str
    path: str
    name: bool = True
    picture: bool = False


def places_of(farmer: Farmer) -> list[Place]:
    """Every page, listing, broadcast, poster and certificate that shows this farmer now."""
    return [place for path in settings.SHOWING_PLACES for place in import_string(path)(farmer)]


def in_the_shop(farmer: Farmer) -> Iterator[Place]:
    """The shop window's own: shop, listings, harvests' codes, posters, and the lists they stand in."""
    if farmer.status != Farmer.Status.VERIFIED:
        return
    shop = Storefront.objects.select_related("photo").filter(farmer=farmer).first()
    if shop is not None:
        portrait = bool(shop.photo and shop.photo.small)
        yield Place(_("Your shop"), reverse("marketplace:storefront_detail", args=[shop.slug]), picture=portrait)
        yield Place(
            _("Share your shop"), reverse("marketplace:share_thing", args=["farm", farmer.pk]), picture=portrait
        )
        yield Place(
            _("Poster of your shop"), reverse("marketplace:share_poster", args=["farm", farmer.pk]), picture=portrait
        )
        yield Place(_("Report something about your shop"), reverse("marketplace:report_storefront", args=[shop.slug]))
        county = reverse("marketplace:county_detail", args=[farmer.county.slug])
        yield Place(_("Your county"), county, picture=portrait)
    shown = Listing.objects.filter(farmer=farmer, status__in=[Listing.Status.LIVE, Listing.Status.PAUSED])
    listings = list(shown.select_related("produce__parent").order_by("-pk")[:MOST])
    for listing in listings:
        what = localname(listing.produce)
        yield Place(what, reverse("marketplace:listing_detail", args=[listing.pk]), picture=True)
        yield Place(_("Report: %(what)s") % {"what": what}, reverse("marketplace:report_listing", args=[listing.pk]))
        if listing.status == Listing.Status.LIVE:
            share = ["listing", listing.pk]
            yield Place(_("Share: %(what)s") % {"what": what}, reverse("marketplace:share_thing", args=share))
            yield Place(_("Poster: %(what)s") % {"what": what}, reverse("marketplace:share_poster", args=share))
    lots = Lot.objects.filter(listing__in=listings).select_related("listing__produce").order_by("-pk")[:MOST]
    for lot in lots:
        what = f"{localname(lot.listing.produce)} {lot.trace_code}"
        yield Place(what, reverse("marketplace:lot_trace", args=[lot.trace_code]))
    if any(listing.status == Listing.Status.LIVE for listing in listings):
        yield from _lists(listings)


def _lists(listings: list[Listing]) -> Iterator[Place]:
    """Where what is on sale stands among others'."""
    yield Place(_("The market's first page"), reverse("marketplace:home"))
    yield Place(_("Search"), reverse("marketplace:listing_search"))
    yield Place(_("Suggestions while searching"), reverse("marketplace:search_suggest"))
    yield Place(_("All produce"), reverse("marketplace:produce_list"))
    for kind in {
        place for listing in listings if listing.produce for place in (listing.produce, listing.produce.parent)
    }:
        if kind:
            yield Place(localname(kind), reverse("marketplace:produce_detail", args=[kind.slug]))


def photos_of(farmer: Farmer) -> list[Photo]:
    """The farmer's photos that buyers can see, and those that were taken away, newest first."""
    return list(
        Photo.objects.filter(uploaded_by=farmer.user_id, approved_at__isnull=False, status=Photo.Status.READY).order_by(
            "-pk"
        )[:MOST]
    )
