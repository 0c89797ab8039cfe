"""Another price for a household's listing, by the household's own code."""

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Farmer
from accounts.services.own_codes import TOO_SOON
from common.errors import DomainError, InvalidInput
from marketplace.forms.fields import show_refusal
from marketplace.forms.selling import PriceForm
from marketplace.models import Listing
from specialists.access import PostedRequest, posted_required
from specialists.forms import ConsentCodeForm
from specialists.models import PriceRequest
from specialists.services import pricing
from specialists.views.acting import consenting


@require_http_methods(["GET", "POST"])
@posted_required
def price(request: PostedRequest, pk: int, listing_pk: int) -> HttpResponse:
    """The wish, which sends the household a code. The price stays as it is until that is told back."""
    farmer = consenting(request, pk)
    listing, form = _listing(farmer, listing_pk), PriceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if not ratelimit.consume(request, action="request_price_code", key=str(farmer.pk)):
                raise InvalidInput(TOO_SOON)
            pricing.ask_price(
                farmer_id=farmer.pk,
                by=request.user,
                listing_id=listing.pk,
                price_fen=form.cleaned_data["price"],
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("The code is on its way to %(farmer)s.") % {"farmer": farmer.known_as})
            return redirect("specialists:price", farmer.pk, listing.pk)
    return _show(request, farmer, listing, form, ConsentCodeForm())


@require_POST
@posted_required
def price_code(request: PostedRequest, pk: int, listing_pk: int) -> HttpResponse:
    """What the household read out from their phone."""
    farmer = consenting(request, pk)
    listing, form = _listing(farmer, listing_pk), ConsentCodeForm(request.POST)
    if form.is_valid():
        try:
            pricing.confirm_price(
                farmer_id=farmer.pk,
                by=request.user,
                listing_id=listing.pk,
                code=form.cleaned_data["code"],
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Done, and %(farmer)s was told.") % {"farmer": farmer.known_as})
            return redirect("specialists:household_detail", pk=farmer.pk)
    return _show(request, farmer, listing, PriceForm(), form)


def _listing(farmer: Farmer, pk: int) -> Listing:
    approved = Listing.objects.filter(farmer=farmer, approved_revision__isnull=False).select_related("produce")
    return get_object_or_404(approved, pk=pk)


def _show(
    request: PostedRequest, farmer: Farmer, listing: Listing, form: forms.Form, code_form: forms.Form
) -> HttpResponse:
    context = {
        "farmer": farmer,
        "listing": listing,
        "asked": PriceRequest.objects.filter(farmer=farmer, specialist=request.user, listing=listing).first(),
        "form": form,
        "code_form": code_form,
    }
    status = 422 if form.errors or code_form.errors else 200
    return render(request, "specialists/price.html", context, status=status)
