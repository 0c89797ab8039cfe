"""One listing: the page on which someone decides to buy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import localize
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from marketplace.models import Listing
from marketplace.queries import window
from marketplace.queries.versions import listing_version
from marketplace.views.keeping import State, blank, kept

MAX_PACKS_AT_ONCE = 999  # what one line of a cart takes
PROVINCE = "province"  # where orders.provinces keeps the visitor's, in the address and in the session


def _state(request: HttpRequest, pk: int) -> State:
    """What the page depends on. A province in the address is being chosen just now: that page is made, not kept."""
    if PROVINCE in request.GET:
        return State("")
    version, left = listing_version(pk)
    return State(version and f"{version} {request.session.get(PROVINCE, '')}", _blanks(left))


def _blanks(left: dict[int, int]) -> dict[str, str]:
    """What the page says of the boxes left, by lot's id, in all its places."""
    total = sum(left.values())
    of_lots = {f"lot {lot_id}": boxes_left(packs) for lot_id, packs in left.items()}
    return {"left": boxes_left(total), "most": str(min(total, MAX_PACKS_AT_ONCE)), **of_lots}


def boxes_left(packs: int) -> str:
    """ "3 boxes left" in the visitor's language."""
    return ngettext("%(n)s box left", "%(n)s boxes left", packs) % {"n": localize(packs)}


@require_safe
@kept(_state)
def listing_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """On sale, on presale, sold out or paused; never what was not approved or has been taken down."""
    listing = get_object_or_404(window.listing_page(), pk=pk)
    lots = window.open_lots(listing) if listing.status == Listing.Status.LIVE else []
    said = {name: blank(request, name, text) for name, text in _blanks({lot.pk: lot.left for lot in lots}).items()}
    context = {
        "listing": listing,
        "farmer": listing.farmer,
        "county": listing.county,
        "photos": [place.photo for place in listing.approved_revision.photo_places.all()],  # type: ignore[union-attr]
        "lots": [(lot, said[f"lot {lot.pk}"]) for lot in lots],
        "next_lot": lots[0] if lots else None,
        "last_lot": None if lots else window.latest_lot(listing),
        "left": said["left"],
        "most": said["most"],
        "others": window.others_of(listing),
        "is_paused": listing.status == Listing.Status.PAUSED,
    }
    return render(request, "marketplace/listing_detail.html", context)
