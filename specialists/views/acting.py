"""What a specialist prepares for a household that consented. No page here has a field for a price or an account.

A price goes by the household's own code: see pricing.py.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Consent, Farmer
from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.selling import LotForm
from marketplace.models import Listing
from marketplace.services.drafts import MAX_PHOTOS
from marketplace.views.kept_photos import keep_for_next_try, sent_before
from orders import queries
from orders.forms import PostForm
from orders.views.labels import MOST, pdf
from specialists.access import PostedRequest, household, posted_required
from specialists.forms import PrepareForm
from specialists.services import acting


@require_http_methods(["GET", "POST"])
@posted_required
def listing_prepare(request: PostedRequest, pk: int) -> HttpResponse:
    """Something to sell, without its price: it lies in the farmer's list, for them to finish."""
    farmer, now = consenting(request, pk), timezone.now()
    form = PrepareForm(request.POST or None, request.FILES or None, now=now, initial={"origin": farmer.town})
    kept = sent_before(request)
    if request.method == "POST" and form.is_valid():
        try:
            acting.prepare_listing(
                farmer_id=farmer.pk,
                by=request.user,
                prepared=form.prepared(),
                photos=[*kept, *form.cleaned_data["photos"]],
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, _("It lies in the list of %(farmer)s, who sets the price.") % {"farmer": farmer.name}
            )
            return redirect("specialists:household_detail", pk=farmer.pk)
    kept = keep_for_next_try(request, kept, MAX_PHOTOS) if form.errors else []
    context = {"farmer": farmer, "form": form, "kept_photos": kept}
    return render(request, "specialists/listing_prepare.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@posted_required
def lot_open(request: PostedRequest, pk: int, listing_pk: int) -> HttpResponse:
    """A new harvest of what the farmer sells already, at the farmer's price."""
    farmer, now = consenting(request, pk), timezone.now()
    approved = Listing.objects.filter(farmer=farmer, approved_revision__isnull=False).select_related("produce")
    listing = get_object_or_404(approved, pk=listing_pk)
    form = LotForm(request.POST if request.method == "POST" else None, now=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            acting.open_lot_for(
                farmer_id=farmer.pk,
                by=request.user,
                listing_id=listing.pk,
                packs=values["packs"],
                harvest=values["harvest"],
                now=now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("On sale, and %(farmer)s was told.") % {"farmer": farmer.name})
            return redirect("specialists:household_detail", pk=farmer.pk)
    context = {"farmer": farmer, "listing": listing, "form": form}
    return render(request, "specialists/lot_open.html", context, status=422 if form.errors else 200)


@require_GET
@posted_required
def parcel_list(request: PostedRequest, pk: int) -> HttpResponse:
    """What the household has to post. Where it goes is on the farmer's label, not here."""
    farmer = consenting(request, pk)
    return _parcels(request, farmer, PostForm(), "")


@require_GET
@posted_required
def packing_sheet(request: PostedRequest, pk: int) -> HttpResponse:
    """What the household has to pack, to print and tick off; no address is on it."""
    from orders import labels  # what draws is slow to load

    farmer = consenting(request, pk)
    return pdf(labels.sheet_pdf(farmer, list(queries.to_pack(farmer)[:MOST])), "packing.pdf")


@require_POST
@posted_required
def parcel_post(request: PostedRequest, pk: int, number: str) -> HttpResponse:
    """Courier and number from the slip: it counts as posted, and can't be unposted."""
    farmer, form = consenting(request, pk), PostForm(request.POST)
    parcel = get_object_or_404(queries.to_pack(farmer), number=number)
    if form.is_valid():
        try:
            acting.post_parcel_for(
                farmer_id=farmer.pk, by=request.user, parcel_id=parcel.pk, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Posted, and %(farmer)s was told.") % {"farmer": farmer.name})
            return redirect("specialists:parcel_list", pk=farmer.pk)
    return _parcels(request, farmer, form, number, 422)


def _parcels(request: PostedRequest, farmer: Farmer, form: PostForm, number: str, status: int = 200) -> HttpResponse:
    parcels = [
        {"parcel": parcel, "form": form if parcel.number == number else PostForm(auto_id=f"{parcel.number}_%s")}
        for parcel in queries.to_pack_with_packings(farmer)
    ]
    context = {"farmer": farmer, "parcels": parcels, "now": timezone.now()}
    return render(request, "specialists/parcel_list.html", context, status=status)


def consenting(request: PostedRequest, pk: int) -> Farmer:
    """A household that let this specialist act for it; for them to see. The services ask again. 404 without consent."""
    farmer = household(request, pk)
    standing = Consent.objects.filter(farmer=farmer, specialist=request.user, state=Consent.State.STANDS)
    if not standing.exists():
        raise Http404
    return farmer
