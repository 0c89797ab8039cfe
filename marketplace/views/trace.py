"""The page behind the code on a box: what it is, who grew it, when it was picked; and the code to print."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from common.codes import qr_svg
from marketplace.queries import window
from marketplace.views.caching import shared_for_guests


@require_safe
@shared_for_guests
def lot_trace(request: HttpRequest, code: str) -> HttpResponse:
    """One lot. It stays when the lot has sold out: the box may be opened weeks later."""
    lot = get_object_or_404(window.traceable_lots(), trace_code=code.upper())
    context = {"lot": lot, "listing": lot.listing, "approved_at": window.approved_at(lot.listing)}
    return render(request, "marketplace/lot_trace.html", context)


@require_safe
def lot_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The lot's address as a QR code, for the box."""
    lot = get_object_or_404(window.traceable_lots(), trace_code=code.upper())
    address = settings.SITE_URL + reverse("marketplace:lot_trace", args=[lot.trace_code])
    response = HttpResponse(qr_svg(address), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=3600"
    return response
