"""Watchers' pages: what is on and what is coming, the room, buying from the table, the replay."""

import time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from common.errors import DomainError
from live import queries, rendering, watchers
from live.engines import engine
from live.events import addresses
from live.models import Broadcast, TableItem
from live.services import reminding
from orders.services import carts
from orders.views.carts import cart_for_writing
from orders.views.checkout import at_once

STOP_POLLING = 286
SHARED_SECONDS = 1


@require_GET
def broadcast_list(request: HttpRequest) -> HttpResponse:
    """On air now, coming, and to be watched again."""
    now, shown = timezone.now(), Broadcast.objects.shown()
    context = {
        "on_air": queries.listed(shown.on_air().order_by("-started_at"), 24),
        "upcoming": queries.listed(shown.upcoming(now), 24),
        "replays": queries.listed(shown.replays(), 24),
    }
    return render(request, "live/list.html", context)


@require_GET
def broadcast_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The room while it is on; before that when it will be, after that the replay."""
    broadcast = get_object_or_404(queries.with_farmer().filter(pk__in=Broadcast.objects.shown()), pk=pk)
    now = timezone.now()
    context: dict[str, Any] = {"broadcast": broadcast, "is_own": broadcast.farmer.user_id == request.user.pk}
    context["table"] = rendering.table(broadcast)
    if broadcast.status == Broadcast.Status.PLANNED and request.user.is_authenticated:
        context["is_reminded"] = broadcast.reminders.filter(user=request.user).exists()
    elif request.user.is_authenticated:
        context["to_pay"] = queries.to_pay(broadcast, signed_in(request), now)
    if broadcast.status == Broadcast.Status.LIVE:
        watchers.count_me(request, pk, now.timestamp())
        context["events"] = addresses.events(request, broadcast, now)
        context["playlist"], context["still"] = engine().playback(broadcast), engine().still(broadcast)
        context["comments"] = rendering.comments(broadcast)
    elif broadcast.can_be_watched_again:
        context["playlist"] = engine().replay(broadcast)
        context["chapters"] = queries.chapters(broadcast)
    response = render(request, "live/room.html", context)
    addresses.let_in(response, context.get("events", ""))
    return response


@never_cache
@require_GET
def broadcast_table(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies on the table now, for the room to ask again and again: made once a second for everybody."""
    kept = cache.get_or_set(f"live-table:{pk}:{get_language()}", lambda: _made(pk), SHARED_SECONDS)
    if not kept and not Broadcast.objects.filter(pk=pk).exists():
        raise Http404
    watchers.count_me(request, pk, time.time())
    if not kept or kept[0] != request.GET.get("was"):
        return HttpResponse(status=STOP_POLLING, headers={"HX-Refresh": "true"})
    _stage, tag, html = kept
    return HttpResponse(status=204) if tag == request.GET.get("tag") else HttpResponse(html)


def _made(pk: int) -> tuple[str, str, str] | str:
    broadcast = Broadcast.objects.shown().filter(pk=pk).first()
    return (broadcast.stage, *rendering.tagged_table(broadcast)) if broadcast else ""


@require_http_methods(["GET", "POST"])
@login_required
def reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to be told when an announced broadcast begins, or take that back."""
    broadcast = get_object_or_404(queries.with_farmer().filter(pk__in=Broadcast.objects.shown()), pk=pk)
    if broadcast.status != Broadcast.Status.PLANNED:
        return redirect("live:broadcast_detail", pk)
    user, wanted = signed_in(request), request.POST.get("wanted")
    if request.method == "POST" and wanted in {"1", "0"}:
        try:
            if wanted == "1":
                reminding.ask_reminder(broadcast_id=pk, user=user, now=timezone.now())
                messages.success(request, _("We will tell you when it begins."))
            else:
                reminding.drop_reminder(broadcast_id=pk, user=user)
                messages.success(request, _("We will not remind you."))
        except DomainError as refused:  # it began in this moment
            messages.error(request, refused.message)
        return redirect("live:broadcast_detail", pk)
    context = {"broadcast": broadcast, "is_reminded": broadcast.reminders.filter(user=user).exists()}
    return render(request, "live/reminder.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def item_buy(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Put a box into the cart, at the live price while that holds.

    With htmx the room stays as it is, and a second tap orders it there for who has an address.
    """
    items = TableItem.objects.filter(broadcast__in=Broadcast.objects.shown()).select_related("offer")
    item = get_object_or_404(items, pk=item_pk, broadcast_id=pk)
    error = ""
    try:
        cart = cart_for_writing(request)
        now = timezone.now()
        if item.offer.stands(now) and item.offer.left:
            carts.add_from_offer(cart_id=cart.pk, offer_id=item.offer_id, packs=1, now=now)
        else:
            carts.add_to_cart(cart_id=cart.pk, listing_id=item.listing_id, packs=1)
    except DomainError as refused:
        error = refused.message
    if request.htmx:  # type: ignore[attr-defined]
        context = {"error": error, "at_once": None if error else at_once(request)}
        return render(request, "live/_bought.html", context, status=422 if error else 200)
    if error:
        messages.error(request, error)
        return redirect("live:broadcast_detail", pk)
    return redirect("orders:cart")
