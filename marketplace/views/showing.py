"""My name and my picture: where they are shown, and taking them away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import ShowingChoice
from accounts.services.showing import SENTENCES, choose_showing
from common.errors import DomainError
from marketplace.services.showing import take_photo_away
from marketplace.showing import photos_of, places_of
from marketplace.views.access import FarmerRequest, farmer_required

What = ShowingChoice.What


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@farmer_required
def showing(request: FarmerRequest) -> HttpResponse:
    """Where one is shown; a POST says that name or picture are to be shown no more, or again."""
    farmer = request.farmer
    if request.method == "POST":
        what, is_shown = request.POST.get("what", ""), request.POST.get("is_shown", "")
        if what not in What.values or is_shown not in {"0", "1"}:
            messages.error(request, _("Please choose again."))
            return redirect("marketplace:showing")
        try:
            choose_showing(user=farmer.user, what=what, is_shown=is_shown == "1", now=timezone.now())
            messages.success(request, _("So it is from now on, everywhere."))
        except DomainError as refused:
            messages.error(request, refused.message)
        return redirect("marketplace:showing")
    context = {
        "farmer": farmer,
        "places": places_of(farmer),
        "photos": photos_of(farmer),
        "choices": farmer.showing_choices.all()[:20],
        "sentences": {f"{what}_{shown}".lower(): words for (what, shown), words in SENTENCES.items()},
    }
    return render(request, "marketplace/sell/showing.html", context)


@require_POST
@farmer_required
def showing_photo(request: FarmerRequest, pk: int) -> HttpResponse:
    """Take one photo away, or show it again."""
    is_shown = request.POST.get("is_shown") == "1"
    try:
        take_photo_away(user=request.farmer.user, photo_id=pk, is_shown=is_shown, now=timezone.now())
    except DomainError:
        raise Http404 from None
    messages.success(request, _("It is shown again.") if is_shown else _("It is shown nowhere any more."))
    return redirect("marketplace:showing")
