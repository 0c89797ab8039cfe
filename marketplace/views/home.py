"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.queries import window
from marketplace.queries.places import counties_selling
from marketplace.queries.shelves import Stock
from marketplace.views.caching import shared_for_guests
from marketplace.views.keeping import kept, the_window


@require_safe
@shared_for_guests
@kept(the_window)
def home(request: HttpRequest) -> HttpResponse:
    """What is freshest, what is coming, who grows it and where."""
    context = {
        "figures": window.figures(),
        "groups": window.groups(),
        "fresh": window.shelf(8, stock=Stock.NOW, sort="fresh").listings,
        "presale": window.shelf(4, stock=Stock.PRESALE).listings,
        "women_led": window.shelf(4, women_led=True).listings,
        "counties": counties_selling(12),
    }
    return render(request, "marketplace/home.html", context)
