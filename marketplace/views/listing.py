"""One listing: the page on which someone decides to buy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from marketplace.models import Listing
from marketplace.queries import window
from marketplace.queries.versions import listing_version
from marketplace.views.keeping import kept

MAX_PACKS_AT_ONCE = 999  # what one line of a cart takes
PROVINCE = "province"  # where orders.provinces keeps the visitor's, in the address and in the session


def _version(request: HttpRequest, pk: int) -> str:
    """What the page depends on. A province in the address is being chosen just now: that page is made, not kept."""
    if PROVINCE in request.GET or not (version := listing_version(pk)):
        return ""
    return f"{version} {request.session.get(PROVINCE, '')}"


@require_safe
@kept(_version)
def listing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """On sale, on presale, sold out or paused; never what was not approved or has been taken down."""
    listing = get_object_or_404(window.listing_page(), pk=pk)
    lots = window.open_lots(listing) if listing.status == Listing.Status.LIVE else []
    left = sum(lot.left for lot in lots)
    context = {
        "listing": listing,
        "farmer": listing.farmer,
        "county": listing.county,
        "photos": [place.photo for place in listing.approved_revision.photo_places.all()],  # type: ignore[union-attr]
        "lots": lots,
        "next_lot": lots[0] if lots else None,
        "last_lot": None if lots else window.latest_lot(listing),
        "left": left,
        "most": min(left, MAX_PACKS_AT_ONCE),
        "others": window.others_of(listing),
        "is_paused": listing.status == Listing.Status.PAUSED,
    }
    return render(request, "marketplace/listing_detail.html", context)
