"""One list of listings with its filters: shared by produce, search and wherever else things are looked for."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from marketplace.forms.finder import FinderForm
from marketplace.models.listings import ListingQuerySet
from marketplace.queries.places import counties_of, provinces
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


def _form(query: QueryDict, searching: bool) -> FinderForm:
    province, county = query.get("province", "").replace("\0", ""), query.get("county", "").replace("\0", "")
    counties = counties_of(province, also=county) if province or county else []
    return FinderForm(
        query,
        provinces=[(region.pk, region.local_name) for region in provinces()],
        counties=[(place.slug, place.local_name) for place in counties],
        searching=searching,
        auto_id="find-%s",
    )


def finder(request: HttpRequest, listings: ListingQuerySet, *, search: str = "") -> dict[str, Any]:
    """The filters as a form, the page of listings they give, and the links to change them."""
    query = request.GET
    form = _form(query, searching=bool(search))
    page = page_of(listings, form.wanted(query=search, after=query.get("after", "")))
    return {
        "form": form,
        "listings": page.listings,
        "next_page": after(query, page.after),
        "first_page": without(query) if query.get("after") else "",
        "active_filters": [(label, without(query, name)) for name, label in form.active],
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
