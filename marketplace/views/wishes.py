"""Tell me when: asking to be told, what one has asked for, taking it back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import signed_in
from common.errors import DomainError, NotAllowed
from marketplace.models import Produce
from marketplace.queries.wishes import wishable_listings, wishes_of
from marketplace.search import MAX_QUERY_CHARS
from marketplace.services import wishes


@require_GET
@login_required
def wish_list(request: HttpRequest) -> HttpResponse:
    """What one waits for, and what one was told of."""
    return render(request, "marketplace/wish_list.html", {"wishes": wishes_of(signed_in(request))[:100]})


@require_http_methods(["GET", "POST"])
@login_required
def wish_create(request: HttpRequest) -> HttpResponse:
    """Ask to be told when a listing, a produce or a search can be bought; says first what will happen."""
    wanted = _wanted(request)
    error = ""
    if request.method == "POST":
        try:
            wishes.make_wish(user=signed_in(request), now=timezone.now(), **wanted)
            messages.success(request, _("We will tell you once, as soon as it can be bought."))
            return redirect("marketplace:wish_list")
        except DomainError as refused:
            error = refused.message
    return render(request, "marketplace/wish_form.html", wanted | {"error": error}, status=422 if error else 200)


def _wanted(request: HttpRequest) -> dict[str, Any]:
    """What is asked about, from the address; 404 for what has no page."""
    listing, produce = request.GET.get("listing", ""), request.GET.get("produce", "")
    if listing:
        if not (listing.isascii() and listing.isdecimal() and len(listing) < 19):
            raise Http404
        return {"listing": get_object_or_404(wishable_listings(), pk=int(listing))}
    if produce:
        return {"produce": get_object_or_404(Produce, slug=produce)}
    return {"query": request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_CHARS]}


@require_POST
@login_required
def wish_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Wait for it no longer."""
    try:
        wishes.take_back_wish(wish_id=pk, user=signed_in(request))
    except NotAllowed as error:
        raise Http404 from error
    return redirect("marketplace:wish_list")
