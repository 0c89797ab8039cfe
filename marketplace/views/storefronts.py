"""A farmer's own page, as they propose it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.storefronts import StorefrontForm
from marketplace.models import ModerationDecision, Photo, Storefront
from marketplace.services import photos, storefronts
from marketplace.views.access import FarmerRequest, farmer_required


@require_http_methods(["GET", "POST"])
@farmer_required
def edit(request: FarmerRequest) -> HttpResponse:
    """Story and photo; what is shown stays until a moderator has agreed."""
    shop = Storefront.objects.select_related("photo", "proposed_photo").filter(farmer=request.farmer).first()
    written = bool(shop and (shop.proposed_at or shop.proposed_story))
    photo = (shop.proposed_photo if written else shop.photo) if shop else None
    first = {"story": (shop.proposed_story if written else shop.story) if shop else ""}
    form = StorefrontForm(request.POST, request.FILES) if request.method == "POST" else StorefrontForm(initial=first)
    if request.method == "POST":
        photo = _photo(request, form, photo)
        if form.is_valid():
            try:
                storefronts.propose_storefront(
                    farmer=request.farmer, story=form.cleaned_data["story"], photo=photo, now=timezone.now()
                )
                messages.success(request, _("Sent. A moderator looks at it, and we tell you."))
                return redirect("marketplace:storefront_edit")
            except DomainError as error:
                show_refusal(form, error)
    if photo:
        form.fields["photos"].label = _("Another photo")
    context = {"form": form, "shop": shop, "photo": photo, "decision": _last_refusal(shop), "farmer": request.farmer}
    return render(request, "marketplace/sell/storefront.html", context, status=422 if form.errors else 200)


def _photo(request: FarmerRequest, form: StorefrontForm, shown: Photo | None) -> Photo | None:
    """The photo to propose: a new upload, one uploaded a moment ago, the one there was, or none."""
    for upload in request.FILES.getlist("photos")[:1]:
        try:
            return photos.upload_photo(user=request.user, upload=upload, now=timezone.now())
        except DomainError as error:
            show_refusal(form, error)
    if "drop" in request.POST:
        return None
    sent = photos.photos_of(request.user, request.POST.getlist("photo"))
    return sent[-1] if sent else shown


def _last_refusal(shop: Storefront | None) -> ModerationDecision | None:
    """Why the last proposal came back, until a new one is sent."""
    if shop is None or shop.proposed_at:
        return None
    last = shop.decisions.last()
    return last if last and last.verdict == ModerationDecision.Verdict.ASK_CHANGE else None
