"""The 832 counties: all of them, and each."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import County
from marketplace.queries.places import counties_selling, farmers_of, farms_by_county
from marketplace.queries.shelves import Stock, Wanted, cards, page_of
from marketplace.views.caching import shared_for_guests
from marketplace.views.finder import after, without
from marketplace.views.keeping import kept, the_window

FARMERS_SHOWN = 24


@require_safe
@shared_for_guests
@kept(the_window)
def county_list(request: HttpRequest) -> HttpResponse:
    """Every county by province, with how many farms sell from it."""
    farms = farms_by_county()
    counties = list(County.objects.select_related("province").order_by("province_id", "list_no"))
    for county in counties:
        county.farms = farms.get(county.pk, 0)  # type: ignore[attr-defined]  # for the template only
    provinces = [(province, list(places)) for province, places in groupby(counties, key=lambda county: county.province)]
    context = {"provinces": provinces, "counties_count": len(counties), "selling_count": len(farms)}
    return render(request, "marketplace/county_list.html", context)


@require_safe
@shared_for_guests
@kept(the_window)
def county_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One county: what is on sale, who farms there; or, kindly, that nobody sells from it yet."""
    county = get_object_or_404(County.objects.select_related("province"), slug=slug)
    wanted = Wanted(county=slug, stock=Stock.SOLD_OUT_TOO, after=request.GET.get("after", ""))
    page = page_of(cards(), wanted)
    neighbours = [] if page.listings else counties_selling(8, province=county.province_id)
    context = {
        "county": county,
        "listings": page.listings,
        "next_page": after(request.GET, page.after),
        "first_page": without(request.GET) if wanted.after else "",
        "farmers": farmers_of(county, FARMERS_SHOWN),
        "neighbours": neighbours,
    }
    template = "_items.html" if request.headers.get("HX-Target") == "more" else "county_detail.html"
    return render(request, f"marketplace/{template}", context)
