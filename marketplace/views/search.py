"""Search."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from marketplace.queries import window
from marketplace.queries.near import near
from marketplace.queries.places import counties_selling
from marketplace.queries.shelves import cards
from marketplace.search import MAX_QUERY_CHARS, search_query
from marketplace.views.caching import shared_for_guests
from marketplace.views.finder import finder, render_finder


@require_safe
@shared_for_guests
def listing_search(request: HttpRequest) -> HttpResponse:
    """What was typed, in Chinese, pinyin or English; with filters; and a way on where nothing fits."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]
    search = search_query(typed)
    listings = cards() if search or not typed else cards().none()
    context = finder(request, listings, search=search) | {"query": typed}
    if typed:
        context |= {"near": near(typed)}
    if typed and not context["listings"]:
        context |= {"groups": window.groups(), "counties": counties_selling(8)}
    return render_finder(request, "marketplace/listing_search.html", context)
