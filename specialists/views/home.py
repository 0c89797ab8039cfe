"""The county's home: who needs somebody today, visits, households and figures."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Consent, County, Invitation
from common.errors import DomainError
from marketplace.queries import selling
from orders.queries import to_pack
from specialists import calls, households
from specialists.access import PostedRequest, farmers_in, household, posted_required
from specialists.forms import CallNoteForm
from specialists.models import Visit
from specialists.services.visits import note_call

PAGE = 30
VISITS_SHOWN = 10
ACTS_SHOWN = 5


@require_GET
@posted_required
def home(request: PostedRequest) -> HttpResponse:
    """All counties they are posted to, or the one that is asked for; the same number of queries however much there is."""
    now = timezone.now()
    chosen = _chosen(request)
    farmers = farmers_in(request).filter(county__in=[chosen] if chosen else request.counties)
    visits = Visit.objects.open().filter(farmer__in=farmers).select_related("farmer__county", "planned_by")
    this_month, last_month = households.sold_in_two_months(farmers, now)
    counts = households.count_by_stage(farmers, now)
    context = {
        "counties": request.counties,
        "chosen": chosen,
        "today": timezone.localdate(now),
        "calls": calls.calls_for(farmers, now),
        "visits": visits.order_by("planned_on", "pk")[:VISITS_SHOWN],
        "stages": [(stage, counts[stage]) for stage in households.Stage],
        "invited": Invitation.objects.open(now).filter(county__in=[chosen] if chosen else request.counties).count(),
        "this_month": this_month,
        "last_month": last_month,
    }
    return render(request, "specialists/home.html", context)


@require_GET
@posted_required
def household_list(request: PostedRequest) -> HttpResponse:
    """Households by how they stand, 30 a page."""
    now = timezone.now()
    chosen, stage, after = _chosen(request), request.GET.get("stage", ""), request.GET.get("after", "")
    farmers = farmers_in(request).filter(county__in=[chosen] if chosen else request.counties)
    found = households.with_stage(farmers, now).select_related("county").order_by("pk")
    if stage in households.Stage.values:
        found = found.filter(stage=stage)
    if after.isdecimal() and len(after) < 19:
        found = found.filter(pk__gt=int(after))
    page = list(found[: PAGE + 1])
    kept = {"county": chosen.slug if chosen else "", "stage": stage}
    context = {
        "farmers": [(farmer, households.Stage(farmer.stage)) for farmer in page[:PAGE]],
        "chosen": chosen,
        "stage": stage,
        "stages": households.Stage,
        "next_page": f"?{urlencode(kept | {'after': page[PAGE - 1].pk})}" if len(page) > PAGE else "",
    }
    return render(request, "specialists/household_list.html", context)


@require_GET
@posted_required
def household_detail(request: PostedRequest, pk: int) -> HttpResponse:
    """One household: how to reach them, what needs somebody, what they sell, visits."""
    now = timezone.now()
    farmer = household(request, pk)
    one = farmers_in(request).filter(pk=pk)
    context = {
        "farmer": farmer,
        "stage": households.Stage(households.with_stage(one, now).values_list("stage", flat=True).get()),
        "calls": calls.calls_for(one, now),
        "may_act": Consent.objects.filter(farmer=farmer, specialist=request.user, state="STANDS").exists(),
        "to_pack": to_pack(farmer).count(),
        "acts": farmer.delegated_acts.select_related("specialist")[:ACTS_SHOWN],
        "invitation": Invitation.objects.filter(used_by=farmer).select_related("invited_by").first(),
        "own": [each for each in selling.own_listings(farmer) if each.is_approved],
        "visits": farmer.visits.select_related("planned_by", "done_by").prefetch_related("photo_places__photo"),
    }
    return render(request, "specialists/household_detail.html", context)


@require_POST
@posted_required
def call_note(request: PostedRequest) -> HttpResponse:
    """Called, or done for today."""
    form = CallNoteForm(request.POST)
    back = request.POST.get("back", "")
    if not form.is_valid():
        messages.error(request, _("Please choose one."))
    else:
        try:
            note_call(by=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Noted."))
    if back.isdecimal() and farmers_in(request).filter(pk=int(back) if len(back) < 19 else 0).exists():
        return redirect("specialists:household_detail", pk=int(back))
    return redirect(reverse("specialists:home"))


def _chosen(request: PostedRequest) -> County | None:
    """The county of the address, if one is asked for; 404 for one they are not posted to."""
    slug = request.GET.get("county", "")
    if not slug:
        return None
    for county in request.counties:
        if county.slug == slug:
            return county
    raise Http404
