"""A farmer's shop page, as buyers see it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from marketplace.queries import window
from marketplace.queries.shelves import Stock, Wanted, cards, page_of
from marketplace.views.caching import shared_for_guests
from marketplace.views.finder import after, without


@require_safe
@shared_for_guests
def storefront_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Who they are, where, since when, and all they offer. Nothing of farmers who are not verified."""
    storefront = get_object_or_404(window.storefronts(), slug=slug)
    wanted = Wanted(stock=Stock.SOLD_OUT_TOO, after=request.GET.get("after", ""))
    page = page_of(cards().filter(farmer=storefront.farmer_id), wanted)
    context = {
        "storefront": storefront,
        "farmer": storefront.farmer,
        "county": storefront.farmer.county,
        "listings": page.listings,
        "next_page": after(request.GET, page.after),
        "first_page": without(request.GET) if wanted.after else "",
    }
    template = "_items.html" if request.headers.get("HX-Target") == "more" else "storefront_detail.html"
    return render(request, f"marketplace/{template}", context)
