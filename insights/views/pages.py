"""Public figures: the country, its counties, kinds of produce. Anyone may see them, and shared caches may keep them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.errors import InvalidInput
from insights import charts, figures
from insights.definitions import ALL
from insights.periods import Period, last_twelve, offered, parse
from marketplace.views.caching import shared_for_guests
from marketplace.views.keeping import kept


def state() -> str:
    """Under what a page of figures is kept: what is public, and the day, on which the periods on offer hang."""
    return f"figures:{figures.version()}:{timezone.localdate()}"


def chosen(request: HttpRequest) -> tuple[Period, dict[str, Any]]:
    """The period that is asked for, and what the picker shows; a wrong one leaves the last twelve months, and says why."""
    today = timezone.localdate()
    error = None
    try:
        period = parse(request.GET.get("from", ""), request.GET.get("to", ""), today)
    except InvalidInput as wrong:
        period, error = last_twelve(today), wrong.message
    return period, {"period": period, "offered": offered(today), "error": error, "today": today}


@require_safe
@shared_for_guests
@kept(lambda request: state())
def nation(request: HttpRequest) -> HttpResponse:
    """The whole country, and the way to everything else."""
    period, context = chosen(request)
    found = figures.nation(period)
    context |= {"figures": found, "chart": charts.months_chart(found.months)}
    return render(request, "insights/nation.html", context, status=422 if context["error"] else 200)


@require_safe
@shared_for_guests
@kept(lambda request: state())
def definitions(request: HttpRequest) -> HttpResponse:
    """What each figure means."""
    return render(request, "insights/definitions.html", {"definitions": ALL})
