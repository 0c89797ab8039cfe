"""Produce: everything, a group, a kind."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from marketplace.models import Produce
from marketplace.queries import window
from marketplace.queries.shelves import cards
from marketplace.views.caching import shared_for_guests
from marketplace.views.finder import finder, render_finder
from marketplace.views.keeping import kept, the_window


@require_safe
@shared_for_guests
@kept(the_window)
def produce_list(request: HttpRequest) -> HttpResponse:
    """Everything there is, with the groups to go on to."""
    context = finder(request, cards(), with_produce=True) | {"groups": window.groups()}
    return render_finder(request, "marketplace/produce_list.html", context)


@require_safe
@shared_for_guests
@kept(the_window)
def produce_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A group with the kinds on sale, or one kind with its season."""
    produce = get_object_or_404(Produce.objects.select_related("parent"), slug=slug)
    group = produce.parent or produce
    listings = cards().filter(place__produce__in=window.kinds_of(produce))
    context = finder(request, listings) | {
        "produce": produce,
        "group": group,
        "kinds": window.kinds_on_sale(group),
    }
    return render_finder(request, "marketplace/produce_detail.html", context)
