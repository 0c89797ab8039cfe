"""Harvests of a listing: another one, how much is left, when it was picked, no more of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.selling import LotForm, PickedForm, StockForm
from marketplace.models import Listing, Lot
from marketplace.services import lots
from marketplace.views.access import FarmerRequest, farmer_required
from marketplace.views.listings import show
from marketplace.views.returning import back_to


@require_http_methods(["GET", "POST"])
@farmer_required
def create(request: FarmerRequest, pk: int) -> HttpResponse:
    """Put another harvest of an approved listing on sale."""
    approved = Listing.objects.filter(approved_revision__isnull=False).select_related("produce")
    listing = get_object_or_404(approved, pk=pk, farmer=request.farmer)
    now = timezone.now()
    form = LotForm(request.POST if request.method == "POST" else None, now=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            lots.open_lot(
                listing_id=pk, farmer=request.farmer, packs=values["packs"], harvest=values["harvest"], now=now
            )
            messages.success(request, _("The new harvest is on sale."))
            return redirect("marketplace:listing_edit", pk)
        except DomainError as error:
            show_refusal(form, error)
    context = {"form": form, "listing": listing, "today": timezone.localdate(now)}
    return render(request, "marketplace/sell/lot.html", context, status=422 if form.errors else 200)


@require_POST
@farmer_required
def stock(request: FarmerRequest, pk: int) -> HttpResponse:
    """Say how many boxes of a lot are left. With htmx, answers with the lot's row alone."""
    lot = _theirs(request, pk)
    form = StockForm(request.POST, lot_id=pk)
    if form.is_valid():
        try:
            lot = lots.set_packs_left(
                lot_id=pk, farmer=request.farmer, left=form.cleaned_data["left"], now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
    if request.htmx:
        context = {
            "lot": lot,
            "stock_form": form if form.errors else None,
            "saved": not form.errors,
            "from_home": request.POST.get("from") == "home",
        }
        return render(request, "marketplace/sell/_stock.html", context, status=422 if form.errors else 200)
    if form.errors:
        return show(request, lot.listing_id, status=422, stock_form=form)
    messages.success(request, _("Saved. Boxes left to sell: %(left)s") % {"left": lot.left})
    return redirect(back_to(request, lot.listing_id))


@require_POST
@farmer_required
def picked(request: FarmerRequest, pk: int) -> HttpResponse:
    """A presale has been picked."""
    lot = _theirs(request, pk)
    form = PickedForm(request.POST, lot_id=pk)
    if form.is_valid():
        try:
            lots.mark_picked(
                lot_id=pk, farmer=request.farmer, picked_on=form.cleaned_data["picked_on"], now=timezone.now()
            )
            messages.success(request, _("Buyers see now when it was picked."))
            return redirect("marketplace:listing_edit", lot.listing_id)
        except DomainError as error:
            show_refusal(form, error)
    return show(request, lot.listing_id, status=422, picked_form=form)


@require_POST
@farmer_required
def close(request: FarmerRequest, pk: int) -> HttpResponse:
    """Sell no more of a lot."""
    lot = _theirs(request, pk)
    try:
        lots.close_lot(lot_id=pk, farmer=request.farmer, now=timezone.now())
        messages.success(request, _("Closed. Orders that were placed still have to be posted."))
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect("marketplace:listing_edit", lot.listing_id)


def _theirs(request: FarmerRequest, pk: int) -> Lot:
    return get_object_or_404(Lot.objects.select_related("listing"), pk=pk, listing__farmer=request.farmer)
