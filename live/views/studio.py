"""Farmers' pages: their broadcasts, planning one, and the page from which they go live."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Farmer
from common.errors import DomainError
from live import queries, rendering, watchers
from live import talk as talking
from live.engines import engine
from live.events import addresses
from live.forms import PlanForm
from live.models import Broadcast, IngestSession
from live.services import airing, planning
from marketplace.views.access import FarmerRequest, farmer_required


@require_GET
@farmer_required
def own_list(request: FarmerRequest) -> HttpResponse:
    mine = Broadcast.objects.filter(farmer=request.farmer)
    context = {
        "farmer": request.farmer,
        "coming": queries.listed(mine.filter(status__in=["PLANNED", "LIVE"]).order_by("planned_for", "pk"), 20),
        "past": queries.listed(mine.filter(status__in=["ENDED", "STOPPED"]).order_by("-planned_for", "-pk"), 20),
        "may_plan": request.farmer.status == Farmer.Status.VERIFIED,
        "muted": talking.muted_by(request.farmer.pk),
    }
    return render(request, "live/sell/list.html", context)


@require_http_methods(["GET", "POST"])
@farmer_required
def plan(request: FarmerRequest) -> HttpResponse:
    """Announce a broadcast, with what lies on its table."""
    now, listings = timezone.now(), queries.could_lie_on_table(request.farmer)
    form = PlanForm(request.POST if request.method == "POST" else None, listings=listings, now=now)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            broadcast = planning.plan_broadcast(
                farmer=request.farmer,
                title=sent["title"],
                planned_for=sent["planned_for"] or now,
                minutes=sent["minutes"],
                table=sent["table"],
                now=now,
            )
            return redirect("live:broadcast_manage", broadcast.pk)
        except DomainError as refused:
            form.show(refused)
    context = {
        "form": form,
        "farmer": request.farmer,
        "may_plan": request.farmer.status == Farmer.Status.VERIFIED,
        "missing": planning.missing_before_first(request.farmer),
    }
    return render(request, "live/sell/plan.html", context, status=422 if form.errors else 200)


@require_GET
@farmer_required
def manage(request: FarmerRequest, pk: int) -> HttpResponse:
    """Before: what was planned, and the button. During: the studio. After: how it went."""
    broadcast = get_object_or_404(queries.with_farmer(), pk=pk, farmer=request.farmer)
    context = {"broadcast": broadcast, **_standing(broadcast), **_talk(request, broadcast), **_stream(broadcast)}
    response = render(request, "live/sell/manage.html", context)
    addresses.let_in(response, addresses.events(request, broadcast, timezone.now()))
    if broadcast.status in {Broadcast.Status.PLANNED, Broadcast.Status.LIVE}:
        response.uses_camera = True  # type: ignore[attr-defined]  # config.middleware lets this page's script ask for it
    return response


def _stream(broadcast: Broadcast) -> dict[str, Any]:
    """Where another program may send to, and whether it does."""
    stream = engine().stream(broadcast)
    sent = IngestSession.objects.filter(broadcast=broadcast, closed_at=None, format=IngestSession.Format.STREAM)
    return {
        "may_stream": bool(settings.LIVE_STREAM_SECRET),
        "stream": stream,
        "streams_now": stream is not None and sent.exists(),
    }


@never_cache
@require_GET
@farmer_required
def talk(request: FarmerRequest, pk: int) -> HttpResponse:
    """What is said, for a studio that has gone live without being loaded anew."""
    broadcast = get_object_or_404(queries.with_farmer(), pk=pk, farmer=request.farmer)
    return render(request, "live/sell/_talk.html", {"broadcast": broadcast, **_talk(request, broadcast)})


def _talk(request: FarmerRequest, broadcast: Broadcast) -> dict[str, Any]:
    if broadcast.status != Broadcast.Status.LIVE:
        return {}
    events = addresses.events(request, broadcast, timezone.now(), counts=False)
    return {"comments": rendering.comments(broadcast), "events": events}


@require_GET
@farmer_required
def standing(request: FarmerRequest, pk: int) -> HttpResponse:
    """Watchers, orders and boxes left, for the studio to ask again and again."""
    broadcast = get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    context = {"broadcast": broadcast, **_standing(broadcast)}
    response = render(request, "live/sell/_standing.html", context)
    if broadcast.status not in {Broadcast.Status.PLANNED, Broadcast.Status.LIVE}:
        response["HX-Refresh"] = "true"
    return response


def _standing(broadcast: Broadcast) -> dict[str, Any]:
    now = timezone.now()
    return {
        "places": queries.table_of(broadcast, now),
        "sold": queries.sold_in(broadcast),
        "watching": watchers.count(broadcast.pk, now.timestamp()),
    }


@require_POST
@farmer_required
def pin(request: FarmerRequest, pk: int, item_pk: int) -> HttpResponse:
    """Speak of this thing now. With htmx the studio's own list is the answer."""
    broadcast = get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    get_object_or_404(broadcast.items, pk=item_pk)
    try:
        airing.pin_item(broadcast_id=pk, farmer=request.farmer, item_id=item_pk, now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.message)
    if request.htmx:
        return render(request, "live/sell/_standing.html", {"broadcast": broadcast, **_standing(broadcast)})
    return redirect("live:broadcast_manage", pk)


@require_POST
@farmer_required
def end(request: FarmerRequest, pk: int) -> HttpResponse:
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    try:
        airing.end_broadcast(broadcast_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect("live:broadcast_manage", pk)


@require_POST
@farmer_required
def call_off(request: FarmerRequest, pk: int) -> HttpResponse:
    get_object_or_404(Broadcast, pk=pk, farmer=request.farmer)
    try:
        planning.call_off(broadcast_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, _("Called off. The boxes are on sale again as usual."))
    except DomainError as refused:
        messages.error(request, refused.message)
    return redirect("live:broadcast_own_list")
