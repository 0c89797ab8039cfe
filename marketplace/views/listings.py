"""A farmer's own listings: all of them, and one to look after."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.messages.constants import INFO, SUCCESS
from django.contrib.messages.storage.base import Message
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.selling import PriceForm
from marketplace.models import Appeal, Listing, Photo
from marketplace.queries import selling
from marketplace.queries.appeals import may_be_appealed
from marketplace.services import listings
from marketplace.views.access import FarmerRequest, farmer_required
from marketplace.views.returning import back_to


@require_GET
@farmer_required
def index(request: FarmerRequest) -> HttpResponse:
    """All listings of the farmer, newest first."""
    after = request.GET.get("after", "")
    own = selling.own_listings(request.farmer, before=int(after) if after.isdecimal() and len(after) < 19 else None)
    more = f"?after={own[-1].listing.pk}" if len(own) == selling.PAGE_SIZE else ""
    return render(request, "marketplace/sell/listings.html", {"own": own, "next_page": more})


@require_GET
@farmer_required
def manage(request: FarmerRequest, pk: int) -> HttpResponse:
    """One listing: what buyers see, what waits, price, lots, pause, edit, repeat."""
    return show(request, pk)


def show(request: FarmerRequest, pk: int, *, status: int = 200, **forms: Form) -> HttpResponse:
    """The page of one listing of the farmer (else 404), with forms that were refused in place of fresh ones."""
    listing = get_object_or_404(
        Listing.objects.select_related("produce", "cover", "approved_revision"), pk=pk, farmer=request.farmer
    )
    (own,) = selling.with_details([listing])
    context = {
        "own": own,
        "decisions": listing.decisions.select_related("revision").order_by("-decided_at", "-pk")[:10],
        "refused_photo": own.newest and own.newest.photos.filter(status=Photo.Status.REFUSED).exists(),
        "today": timezone.localdate(),
        "appealable": may_be_appealed(listing, timezone.now()) if own.is_taken_down or own.came_back else None,
        "appeals": Appeal.objects.filter(decision__listing=listing).order_by("-pk")[:3],
    }
    return render(request, "marketplace/sell/listing.html", context | forms, status=status)


@require_POST
@farmer_required
def price(request: FarmerRequest, pk: int) -> HttpResponse:
    """A new price: live at once, or waiting for a moderator."""
    get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            at_once = listings.change_price(
                listing_id=pk, farmer=request.farmer, price_fen=form.cleaned_data["price"], now=timezone.now()
            )
            return _price_changed(request, pk, at_once)
        except DomainError as error:
            show_refusal(form, error)
    if request.htmx:
        return _price_alone(request, pk, status=422, price_form=form)
    return show(request, pk, status=422, price_form=form)


def _price_changed(request: FarmerRequest, pk: int, at_once: bool) -> HttpResponse:
    if at_once:
        told = Message(SUCCESS, _("Buyers see the new price now."))
    else:
        told = Message(INFO, _("That is a big step. Buyers see the new price once a moderator has agreed."))
    if request.htmx:
        return _price_alone(request, pk, told=told)
    messages.add_message(request, told.level, told.message)
    return redirect(back_to(request, pk))


def _price_alone(request: FarmerRequest, pk: int, *, status: int = 200, **rest: Any) -> HttpResponse:
    """The price's own form, to put in its place."""
    context = {"listing": Listing.objects.get(pk=pk), "from_home": request.POST.get("from") == "home"}
    return render(request, "marketplace/sell/_price.html", context | rest, status=status)


@require_POST
@farmer_required
def pause(request: FarmerRequest, pk: int) -> HttpResponse:
    """Stop selling for a while."""
    return _do(request, pk, listings.pause_listing, _("Paused. Buyers don't see it until you go on."))


@require_POST
@farmer_required
def resume(request: FarmerRequest, pk: int) -> HttpResponse:
    """Sell again."""
    return _do(request, pk, listings.resume_listing, _("On sale again."))


def _do(request: FarmerRequest, pk: int, act: Callable[..., None], words: str) -> HttpResponse:
    get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    try:
        act(listing_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, words)
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect(back_to(request, pk))


@require_POST
@farmer_required
def repeat(request: FarmerRequest, pk: int) -> HttpResponse:
    """A new listing like this one."""
    get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    try:
        draft = listings.repeat_listing(listing_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as error:
        messages.warning(request, error.message)
        return redirect("marketplace:listing_edit", pk)
    return redirect("marketplace:sell_pack", draft.listing_id)
