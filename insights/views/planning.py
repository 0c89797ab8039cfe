"""What a county plans by, for its specialists and staff; and what the city asked for, for a farmer."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from insights import asked, planning
from marketplace.views.access import FarmerRequest, farmer_required
from training.queries import may_see_figures, trained_counties


@require_safe
@login_required
def plan(request: AuthedRequest) -> HttpResponse:
    """One county: demand, supply, forecast. 404 for whoever is posted to none and is no staff."""
    today = timezone.localdate()
    if not may_see_figures(request.user, today):
        raise Http404
    counties = list(trained_counties(request.user, today).order_by("list_no"))
    wanted = request.GET.get("county", "")
    chosen = next((each for each in counties if each.slug == wanted), None if wanted else next(iter(counties), None))
    if wanted and chosen is None:
        raise Http404
    context = {
        "counties": counties,
        "county": chosen,
        "plans": planning.plans(chosen, today) if chosen else [],
        "words": planning.missed_words(today),
        "enough": planning.ASKED_OFTEN,
    }
    return render(request, "insights/planning.html", context)


@require_safe
@farmer_required
def asked_for(request: FarmerRequest) -> HttpResponse:
    """What buyers asked for last year in the months ahead, of what this farm grows."""
    kinds = asked.last_year_ahead(request.farmer, timezone.localdate())
    return render(request, "insights/asked.html", {"kinds": kinds, "county": request.farmer.county})
