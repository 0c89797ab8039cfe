"""The same figures as files, for spreadsheets and programs."""

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.models import County
from common.errors import InvalidInput
from insights import figures, tables
from insights.periods import Period, parse
from marketplace.models import Produce
from marketplace.views.caching import shared_for_guests

ENDINGS = ("csv", "json")
REPORT_KEPT = 600  # seconds


def _answer(
    request: HttpRequest, what: str, ending: str, make: Callable[[Period], dict[str, Any]], rows: str
) -> HttpResponse:
    """`rows` names the list that a spreadsheet gets. A period that can't be is 400, with the reason in plain words."""
    if ending not in ENDINGS:
        raise Http404
    try:
        period = parse(request.GET.get("from", ""), request.GET.get("to", ""), timezone.localdate())
    except InvalidInput as error:
        return HttpResponse(str(error.message), status=400, content_type="text/plain; charset=utf-8")
    return _file(make(period), rows, tables.file_name(what, period, ending))


def _file(data: dict[str, Any], rows: str, name: str) -> HttpResponse:
    response: HttpResponse
    if name.endswith(".csv"):
        response = HttpResponse(tables.as_csv(data[rows]), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@shared_for_guests
def nation(request: HttpRequest, ending: str) -> HttpResponse:
    return _answer(request, "nation", ending, tables.nation, "months")


@require_safe
@shared_for_guests
def counties(request: HttpRequest, ending: str) -> HttpResponse:
    """All counties of which something is public."""
    return _answer(request, "counties", ending, tables.counties, "counties")


@require_safe
@shared_for_guests
def kinds(request: HttpRequest, ending: str) -> HttpResponse:
    """All kinds of produce of which something is public."""
    return _answer(request, "produce", ending, tables.kinds, "kinds")


@require_safe
@shared_for_guests
def county(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """A county's months in a spreadsheet; as JSON with its produce by month too."""
    place = get_object_or_404(County, slug=slug)
    return _answer(request, slug, ending, lambda period: tables.county(place, period), "months")


@require_safe
@shared_for_guests
def produce(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Where a kind of produce was sold."""
    kind = get_object_or_404(Produce, slug=slug, parent__isnull=False)
    return _answer(request, slug, ending, lambda period: tables.produce(kind, period), "counties")


@require_safe
@shared_for_guests
def report(request: HttpRequest, year: int) -> HttpResponse:
    """The yearly report on paper, in the reader's language; made once for everybody while nothing public has moved."""
    from insights.report_pdf import as_pdf  # what draws is slow to load, and most processes never draw

    today = timezone.localdate()
    if tables.year_of(str(year), today) is None or year not in figures.years():
        raise Http404
    language = get_language() or ""
    key = f"insights:report:{year}:{language}:{figures.version()}:{today}"
    paper = cache.get(key)
    if paper is None:
        paper = as_pdf(year, today)
        cache.set(key, paper, REPORT_KEPT)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="chushan-{year}.pdf"'
    return response


@require_safe
@shared_for_guests
def league(request: HttpRequest, year: int, ending: str) -> HttpResponse:
    found = tables.year_of(str(year), timezone.localdate())
    if ending not in ENDINGS or found is None:
        raise Http404
    return _file(tables.league(found), "counties", tables.file_name("league", found, ending))
