"""Search: what was typed, what was probably meant, and suggestions while typing."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_GET, require_safe
from django.views.decorators.vary import vary_on_headers

from marketplace.queries import window
from marketplace.queries.near import near
from marketplace.queries.places import counties_selling
from marketplace.queries.shelves import cards
from marketplace.queries.vocabulary import Correction, corrected, suggest
from marketplace.search import MAX_QUERY_CHARS, search_query
from marketplace.services.vocabulary import record_search
from marketplace.views.caching import shared_for_guests
from marketplace.views.finder import finder, render_finder
from marketplace.views.keeping import kept, note, the_window

SUGGESTIONS_KEPT = 60  # seconds, in the browser that asked


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]


def _count(request: HttpRequest, looked_for: str) -> None:
    """Count a search as demand, whether its page was made for it or kept from another's."""
    if looked_for and request.method == "GET":
        hits, meant = json.loads(looked_for)
        record_search(typed=meant, hits=hits, now=timezone.now())


@require_safe
@shared_for_guests
@kept(the_window, query=_typed, seen=_count)
def listing_search(request: HttpRequest) -> HttpResponse:
    """What was typed, in Chinese, pinyin or English; with filters; and a way on where nothing fits."""
    typed = _typed(request)
    context, correction = _found(request, typed)
    meant = correction.text if correction else typed
    context |= {"query": typed, "correction": correction}
    if typed:
        context |= {"near": near(meant)}
    if typed and not context["listings"]:
        context |= {"groups": window.groups(), "counties": counties_selling(8)}
    response = render_finder(request, "marketplace/listing_search.html", context)
    if typed and "after" not in request.GET:
        note(response, json.dumps([context["counts"].total if context["counts"] else 0, meant]))
    return response


def _found(request: HttpRequest, typed: str) -> tuple[dict[str, Any], Correction | None]:
    """The page for what was typed; where nothing of it is there, for what was probably meant. `exact` asks for no help."""
    context = _searched(request, typed)
    if not typed or context["listings"] or "exact" in request.GET or not (correction := corrected(typed)):
        return context, None
    better = _searched(request, correction.text)
    return (better, correction) if better["listings"] else (context, None)


def _searched(request: HttpRequest, text: str) -> dict[str, Any]:
    search = search_query(text)
    return finder(request, cards() if search or not text else cards().none(), search=search, with_produce=True)


@require_GET
@vary_on_headers("Accept-Language", "Cookie")
def search_suggest(request: HttpRequest) -> HttpResponse:
    """What begins like what has been typed so far, as the options of a list box."""
    response = render(request, "marketplace/_suggestions.html", {"suggestions": suggest(_typed(request))})
    patch_cache_control(response, private=True, max_age=SUGGESTIONS_KEPT)
    return response
