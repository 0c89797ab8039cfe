"""Things that can be shared, as a link, a picture or a text for friends shows them: only what buyers may see now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import County
from common import weight
from common.templatetags.chushan import localname
from marketplace.models import Listing, Photo
from marketplace.queries import window
from marketplace.queries.shelves import MAX_BIGINT


@dataclass(frozen=True)
class Thing:
    """What is said of it. `price_fen` is today's, None where there is nothing to buy for a price."""

    kind: str
    pk: int
    path: str
    heading: str
    farmer_name: str
    county: County
    photo: Photo | None = None
    price_fen: int | None = None
    when: str = ""

    @property
    def slug(self) -> str:
        """The kind as addresses write it."""
        return self.kind.lower()

    @property
    def where(self) -> str:
        """County and province, in the reader's language."""
        return _("%(county)s, %(province)s") % {
            "county": localname(self.county),
            "province": localname(self.county.province),
        }


def things_of(kind: str, pks: Iterable[int]) -> dict[int, Thing]:
    """What buyers may see of these at this moment, by primary key; what they may not, or is no such kind, is left out.

    So many queries, however many things.
    """
    maker = settings.SHARED_THINGS.get(kind)
    found: dict[int, Thing] = import_string(maker)([pk for pk in pks if pk <= MAX_BIGINT]) if maker else {}
    return found


def thing_of(kind: str, pk: int) -> Thing | None:
    """The same of one thing; None for what was never shown, or is not any more."""
    return things_of(kind, [pk]).get(pk)


def listings(pks: Sequence[int]) -> dict[int, Thing]:
    """Listings on sale, not paused; sold out or not."""
    found = window.listing_page().select_related("cover").prefetch_related("county__province")
    return {
        listing.pk: Thing(
            kind="LISTING",
            pk=listing.pk,
            path=reverse("marketplace:listing_detail", args=[listing.pk]),
            heading=f"{localname(listing.produce)} · {weight.show_weight(listing.pack_grams or 0)}",
            farmer_name=listing.farmer.name,
            county=listing.county,
            photo=listing.cover,
            price_fen=listing.price_fen,
        )
        for listing in found.filter(pk__in=pks, status=Listing.Status.LIVE)
    }


def farms(pks: Sequence[int]) -> dict[int, Thing]:
    """Farmers' shops, by the farmer."""
    return {
        shop.farmer_id: Thing(
            kind="FARM",
            pk=shop.farmer_id,
            path=reverse("marketplace:storefront_detail", args=[shop.slug]),
            heading=shop.farmer.name,
            farmer_name=shop.farmer.name,
            county=shop.farmer.county,
            photo=shop.photo,
        )
        for shop in window.storefronts().filter(farmer__in=pks)
    }
