"""Public figures: the country, its counties, kinds of produce. Anyone may see them, and shared caches may keep them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import County
from common.errors import InvalidInput
from insights import charts, figures, map, programmes, tables
from insights.definitions import ALL
from insights.periods import Period, last_twelve, offered, parse
from marketplace.models import Produce
from marketplace.views.caching import shared_for_guests
from marketplace.views.keeping import State, kept


def the_figures(request: HttpRequest, *args: Any, **kwargs: Any) -> State:
    """Under what a page of figures is kept: what is public, and the day, on which the periods on offer hang."""
    return State(f"figures:{figures.version()}:{timezone.localdate()}")


def the_county(request: HttpRequest, slug: str) -> State:
    """The same for a county's page, which tells of the fund's programmes there too."""
    place = County.objects.filter(slug=slug).first()
    if not place:
        return State("")
    return State(f"{the_figures(request).version}:{[each.state for each in programmes.there(place)]}")


def chosen(request: HttpRequest) -> tuple[Period, dict[str, Any]]:
    """The period that is asked for, and what the picker shows; a wrong one leaves the last twelve months, and says why."""
    today = timezone.localdate()
    error = None
    try:
        period = parse(request.GET.get("from", ""), request.GET.get("to", ""), today)
    except InvalidInput as wrong:
        period, error = last_twelve(today), wrong.message
    return period, {"period": period, "offered": offered(today), "error": error, "today": today}


def show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page; with 422 when the period was wrong."""
    return render(request, f"insights/{template}", context, status=422 if context["error"] else 200)


@require_safe
@shared_for_guests
@kept(the_figures)
def nation(request: HttpRequest) -> HttpResponse:
    """The whole country, and the way to everything else."""
    period, context = chosen(request)
    found = figures.nation(period)
    context |= {"figures": found, "chart": charts.months_chart(found.months), "years": figures.years()}
    return show(request, "nation.html", context)


@require_safe
@shared_for_guests
@kept(the_figures)
def county_list(request: HttpRequest) -> HttpResponse:
    """The map, and the counties of which something is public."""
    period, context = chosen(request)
    counties = figures.counties_sold(period)
    context |= {
        "counties": counties,
        "outlines": map.outlines(),
        "dots": map.dots(counties),
        "steps": [(radius, fen) for fen, radius in map.STEPS],
        "largest": map.LARGEST,
        "size": (map.WIDTH, map.HEIGHT),
    }
    return show(request, "county_list.html", context)


@require_safe
@shared_for_guests
@kept(the_county)
def county(request: HttpRequest, slug: str) -> HttpResponse:
    """One county: its season by produce, this year against the one before, who came back, what the fund does there."""
    place = get_object_or_404(County.objects.select_related("province"), slug=slug)
    period, context = chosen(request)
    found = figures.county(place, period)
    context |= {"county": place, "figures": found, "chart": charts.months_chart(found.months)}
    context |= {"seasons": charts.seasons(found), "programmes": programmes.there(place)}
    return show(request, "county.html", context)


@require_safe
@shared_for_guests
@kept(the_figures)
def produce_list(request: HttpRequest) -> HttpResponse:
    """The kinds of which something is public."""
    period, context = chosen(request)
    context["kinds"] = figures.kinds_sold(period)
    return show(request, "produce_list.html", context)


@require_safe
@shared_for_guests
@kept(the_figures)
def produce(request: HttpRequest, slug: str) -> HttpResponse:
    """One kind: where it was sold, when, and for how much."""
    kind = get_object_or_404(Produce.objects.select_related("parent"), slug=slug, parent__isnull=False)
    period, context = chosen(request)
    found = figures.produce(kind, period)
    context |= {"produce": kind, "figures": found, "chart": charts.months_chart(found.months)}
    return show(request, "produce.html", context)


@require_safe
@shared_for_guests
@kept(the_figures)
def league(request: HttpRequest) -> HttpResponse:
    """The counties of a calendar year, by what a farm kept on the average."""
    years = figures.years()
    year = tables.year_of(request.GET.get("year", ""), timezone.localdate()) or (years[0] if years else None)
    if request.GET.get("year") and year not in years:
        raise Http404
    context = {"year": year, "years": years, "ranked": figures.league(year) if year else []}
    return render(request, "insights/league.html", context)


@require_safe
@shared_for_guests
@kept(the_figures)
def definitions(request: HttpRequest) -> HttpResponse:
    """What each figure means."""
    return render(request, "insights/definitions.html", {"definitions": ALL})
