"""One list of listings with its filters: shared by produce, search and wherever else things are looked for."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from marketplace.forms.finder import FinderForm
from marketplace.models import Produce
from marketplace.models.listings import ListingQuerySet
from marketplace.queries.distance import CAPITALS
from marketplace.queries.facets import facets
from marketplace.queries.places import all_produce, all_provinces, counties_of
from marketplace.queries.shelves import page_of


def without(query: QueryDict, *names: str) -> str:
    """The address of this list without some parameters, and from its first page."""
    left = query.copy()
    for name in (*names, "after"):
        left.pop(name, None)
    return f"?{left.urlencode()}"


def without_empty(query: QueryDict) -> str:
    """The address as a person would write it: a form sends its empty fields too."""
    filled = QueryDict(mutable=True)
    for name, values in query.lists():
        if kept := [value for value in values if value]:
            filled.setlist(name, kept)
    return f"?{filled.urlencode()}" if filled else ""


def after(query: QueryDict, place: str) -> str:
    """The address of the next page, "" when there is none."""
    if not place:
        return ""
    following = query.copy()
    following["after"] = place
    return f"?{following.urlencode()}"


def _form(query: QueryDict, searching: bool, kinds: list[Produce]) -> tuple[FinderForm, dict[int, str]]:
    """The form, and the slugs of the counties it offers by id."""
    province, county = query.get("province", "").replace("\0", ""), query.get("county", "").replace("\0", "")
    counties = list(counties_of(province, also=county)) if province or county else []
    provinces = all_provinces()
    form = FinderForm(
        query,
        provinces=[(region.pk, region.local_name) for region, sells in provinces if sells],
        counties=[(place.slug, place.local_name) for place in counties],
        searching=searching,
        kinds=kinds,
        everywhere=[(region.pk, region.local_name) for region, _sells in provinces if region.pk in CAPITALS],
        auto_id="find-%s",
    )
    return form, {place.pk: place.slug for place in counties}


def finder(
    request: HttpRequest, listings: ListingQuerySet, *, search: str = "", with_produce: bool = False
) -> dict[str, Any]:
    """The filters as a form, the page of listings they give, and the links to change them.

    Counts stand beside the filters in a search, and elsewhere once a filter is in force or the filters are open.
    """
    query = request.GET
    form, counties = _form(query, bool(search), all_produce() if with_produce else [])
    wanted = form.wanted(query=search, after=query.get("after", ""))
    page = page_of(listings, wanted)
    active = form.active
    counts = None
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if (search or active or htmx) and not (htmx and htmx.target == "more"):
        counts = facets(listings, wanted)
        form.show_counts(counts, counties)
    return {
        "form": form,
        "counts": counts,
        "listings": page.listings,
        "next_page": after(query, page.after),
        "first_page": without(query) if query.get("after") else "",
        "active_filters": [(label, without(query, name)) for name, label in active],
        "no_filters": without(query, *form.fields),
    }


def render_finder(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or for htmx only the list that changes: the next cards, or the filters with their results."""
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if htmx and not htmx.history_restore_request:
        template = "marketplace/_items.html" if htmx.target == "more" else "marketplace/_finder.html"
    response = render(request, template, context)
    if template == "marketplace/_finder.html":
        response["HX-Push-Url"] = request.path + without_empty(request.GET)
    return response
