"""What everybody may see: areas and programmes, what came in and what became of it, and the entries behind each figure."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from fund import queries
from fund.models import Area, Programme
from fund.outcomes import outcomes_of

PAGE = 50


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The five areas with their programmes and sums."""
    areas = queries.areas()
    total = sum((each.figures for each in areas), queries.Figures())
    context = {
        "areas": areas,
        "total": total,
        "pool_fen": queries.pool_fen(),
        "held_fen": queries.pool_held_fen(),
        "today": timezone.localdate(),
    }
    return render(request, "fund/overview.html", context)


@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """A programme: what it is for, its sums, its grants with their reports and approved photos."""
    found = get_object_or_404(Programme.objects.select_related("county__province", "account"), slug=slug)
    context = {
        "programme": found,
        "figures": queries.figures_by_account(found.slug).get(found.slug, queries.Figures()),
        "grants": queries.public_grants(found),
        "outcomes": outcomes_of(found, timezone.now()) if found.for_women_led else None,
        "takes_gifts": found.takes_gifts(timezone.localdate()),
    }
    return render(request, "fund/programme.html", context)


@require_safe
def entries(request: HttpRequest, purpose: str) -> HttpResponse:
    """The ledger's entries of a programme or an area, newest first: each figure is their sum."""
    programme = Programme.objects.filter(slug=purpose).first()
    if programme is None and purpose.upper() not in Area.values:
        raise Http404
    account = queries.account_of(purpose)
    legs = queries.entries_of(account.pk) if account else queries.entries_of(0)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) < 19:
        legs = legs.filter(pk__lt=int(after))
    found = list(legs[: PAGE + 1])
    context = {
        "programme": programme,
        "area": None if programme else Area(purpose.upper()),
        "purpose": purpose,
        "legs": found[:PAGE],
        "next_page": f"?after={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "there_fen": queries.there_fen(account.pk) if account else 0,
    }
    return render(request, "fund/entries.html", context)
