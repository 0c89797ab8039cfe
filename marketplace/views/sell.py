"""Making a listing in three steps. Each step is saved in the database before the next is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import DomainError
from common.weight import fen_per
from marketplace.errors import NotComplete
from marketplace.forms.fields import show_refusal
from marketplace.forms.selling import HarvestForm, PackForm, WordsForm
from marketplace.models import Listing, ListingRevision, Photo, Produce
from marketplace.queries import selling
from marketplace.services import drafts, photos
from marketplace.views.access import FarmerRequest, farmer_required


@dataclass
class StepOne:
    """What was chosen in step one, and what is wrong with it."""

    photos: Sequence[Photo] = ()
    produce: Produce | None = None
    looked_for: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


def _read_step_one(request: FarmerRequest) -> StepOne:
    """Keep the photos that stay (the cover first), take in new ones, find the produce."""
    sent = request.POST
    dropped, cover = set(sent.getlist("drop")), sent.get("cover", "")
    keys = sorted((key for key in sent.getlist("photo") if key not in dropped), key=lambda key: key != cover)
    step = StepOne(photos.photos_of(request.user, keys), looked_for=sent.get("q", "")[:60])
    for file in request.FILES.getlist("photos"):
        try:
            step.photos = [*step.photos, photos.upload_photo(user=request.user, upload=file, now=timezone.now())]
        except DomainError as error:
            step.errors.setdefault("photos", []).append(f"{file.name}: {error.message}" if file.name else error.message)
    chosen = sent.get("produce", "")
    if chosen.isdecimal() and len(chosen) < 19:
        step.produce = Produce.objects.filter(pk=chosen, parent__isnull=False).first()
    if step.produce is None:
        step.errors["produce"] = [_("Please choose what you sell.")]
    return step


def _show_step_one(request: FarmerRequest, step: StepOne, listing: Listing | None, status: int = 200) -> HttpResponse:
    context = {
        "step": step,
        "listing": listing,
        "groups": selling.produce_groups(step.looked_for),
        "nearby": [] if step.looked_for else selling.produce_nearby(request.farmer),
        "most": drafts.MAX_PHOTOS,
    }
    return render(request, "marketplace/sell/photos.html", context, status=status)


@require_http_methods(["GET", "POST"])
@farmer_required
def start(request: FarmerRequest) -> HttpResponse:
    """Step one of a new listing."""
    if request.method == "GET":
        return _show_step_one(request, StepOne(looked_for=request.GET.get("q", "")[:60]), None)
    step = _read_step_one(request)
    if "find" in request.POST:
        step.errors.pop("produce", None)
        return _show_step_one(request, step, None)
    if step.errors or step.produce is None:
        return _show_step_one(request, step, None, 422)
    try:
        draft = drafts.start_listing(
            farmer=request.farmer, produce=step.produce, photos=step.photos, now=timezone.now()
        )
    except DomainError as error:
        step.errors[error.field or "photos"] = [error.message]
        return _show_step_one(request, step, None, 422)
    return redirect("marketplace:sell_pack", draft.listing_id)


@require_http_methods(["GET", "POST"])
@farmer_required
def photos_and_produce(request: FarmerRequest, pk: int) -> HttpResponse:
    """Step one again."""
    listing, draft = _open(request, pk)
    if draft is None:
        return redirect("marketplace:listing_edit", pk)
    if request.method == "GET":
        places = draft.photo_places.select_related("photo")
        return _show_step_one(request, StepOne([place.photo for place in places], draft.produce), listing)
    step = _read_step_one(request)
    if "find" in request.POST:
        step.errors.pop("produce", None)
        return _show_step_one(request, step, listing)
    if step.errors or step.produce is None:
        return _show_step_one(request, step, listing, 422)
    try:
        drafts.save_produce(
            listing_id=pk, farmer=request.farmer, produce=step.produce, photos=step.photos, now=timezone.now()
        )
    except DomainError as error:
        step.errors[error.field or "photos"] = [error.message]
        return _show_step_one(request, step, listing, 422)
    return redirect("marketplace:sell_harvest" if listing.approved_revision_id else "marketplace:sell_pack", pk)


@require_http_methods(["GET", "POST"])
@farmer_required
def pack(request: FarmerRequest, pk: int) -> HttpResponse:
    """Step two: the weight of a box, its price, how many."""
    listing, draft = _open(request, pk)
    if draft is None:
        return redirect("marketplace:listing_edit", pk)
    if listing.approved_revision_id:
        return redirect("marketplace:sell_harvest", pk)
    form = PackForm(request.POST) if request.method == "POST" else PackForm.of(draft)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            drafts.save_pack(
                listing_id=pk,
                farmer=request.farmer,
                pack_grams=values["grams"],
                price_fen=values["price"],
                packs=values["packs"],
                now=timezone.now(),
            )
            return redirect("marketplace:sell_harvest", pk)
        except DomainError as error:
            show_refusal(form, error)
    context = {
        "form": form,
        "listing": listing,
        "draft": draft,
        "echo": _echo(form, draft),
        "usual": selling.usual_range(draft.produce, but=pk),
    }
    return render(request, "marketplace/sell/pack.html", context, status=422 if form.errors else 200)


def _echo(form: PackForm, draft: ListingRevision) -> dict[str, int | None]:
    """The weight and price as we understood them, said back so that nobody takes 斤 for kg."""
    values = form.cleaned_data if form.is_bound else {"grams": draft.pack_grams, "price": draft.price_fen}
    grams, price = values.get("grams") or 0, values.get("price") or 0
    if grams <= 0 or price <= 0:
        return {"grams": grams, "per_500": None, "per_kg": None}
    return {"grams": grams, "per_500": fen_per(500, price, grams), "per_kg": fen_per(1000, price, grams)}


@require_http_methods(["GET", "POST"])
@farmer_required
def harvest(request: FarmerRequest, pk: int) -> HttpResponse:
    """Step three: when it was picked, where it grows, the farmer's words."""
    listing, draft = _open(request, pk)
    if draft is None:
        return redirect("marketplace:listing_edit", pk)
    now = timezone.now()
    form = _step_three(request, listing, draft)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            drafts.save_harvest(
                listing_id=pk,
                farmer=request.farmer,
                origin=values["origin"],
                words=values["words"],
                keeps_days=values["keeps_days"],
                harvest=values.get("harvest"),
                now=now,
            )
            return redirect("marketplace:sell_check", pk)
        except NotComplete as error:
            messages.warning(request, error.message)
            return redirect(f"marketplace:{error.step}", pk)
        except DomainError as error:
            show_refusal(form, error)
    context = {"form": form, "listing": listing, "draft": draft, "today": timezone.localdate(now)}
    response = render(request, "marketplace/sell/harvest.html", context, status=422 if form.errors else 200)
    response.uses_voice = True  # type: ignore[attr-defined]  # config.middleware lets this page's script listen
    return response


def _step_three(request: FarmerRequest, listing: Listing, draft: ListingRevision) -> WordsForm:
    data = request.POST if request.method == "POST" else None
    first = WordsForm.first_values(draft)
    if listing.approved_revision_id:
        return WordsForm(data, initial=first)
    now = timezone.now()
    if lot := listing.lots.first():
        first |= HarvestForm.values_of(lot, timezone.localdate(now))
    return HarvestForm(data, initial=first, now=now)


@require_http_methods(["GET", "POST"])
@farmer_required
def check(request: FarmerRequest, pk: int) -> HttpResponse:
    """Everything on one page, as buyers will see it; sending it to the moderators."""
    listing, draft = _open(request, pk)
    if draft is None:
        return redirect("marketplace:listing_edit", pk)
    if request.method == "POST":
        try:
            drafts.submit_revision(listing_id=pk, farmer=request.farmer, now=timezone.now())
        except NotComplete as error:
            messages.warning(request, error.message)
            return redirect(f"marketplace:{error.step}", pk)
        except DomainError as error:
            messages.warning(request, error.message)
            return redirect("marketplace:sell_check", pk)
        messages.success(request, _("Sent. A moderator looks at it, and we tell you."))
        return redirect("orders:farmer_home")
    context = {
        "listing": listing,
        "draft": draft,
        "photos": [place.photo for place in draft.photo_places.select_related("photo")],
        "lot": None if listing.approved_revision_id else listing.lots.first(),
        "farmer": request.farmer,
    }
    return render(request, "marketplace/sell/check.html", context)


@require_POST
@farmer_required
def change(request: FarmerRequest, pk: int) -> HttpResponse:
    """Open a listing for writing; what waits leaves the queue."""
    get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    drafts.open_draft(listing_id=pk, farmer=request.farmer, now=timezone.now())
    return redirect("marketplace:sell_photos", pk)


@require_POST
@farmer_required
def discard(request: FarmerRequest, pk: int) -> HttpResponse:
    """Throw away what has not been approved."""
    get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    try:
        drafts.discard_draft(listing_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as error:
        messages.warning(request, error.message)
    return redirect("orders:farmer_home")


def _open(request: FarmerRequest, pk: int) -> tuple[Listing, ListingRevision | None]:
    """The farmer's own listing and its draft, if it has one; else 404."""
    listing = get_object_or_404(Listing, pk=pk, farmer=request.farmer)
    drafts_of_it: Any = listing.revisions.filter(status=ListingRevision.Status.DRAFT).select_related("produce")
    return listing, drafts_of_it.first()
