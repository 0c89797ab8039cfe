"""Labels and the packing sheet as PDF, for the farmer who posts."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from accounts.models import Farmer
from orders import queries

NUMBER = re.compile(r"[0-9A-Z-]{1,24}")
MOST = 200  # of one print; what is more comes with the next


@require_safe
@login_required
def label_sheet(request: AuthedRequest, paper: str) -> HttpResponse:
    """A label for each parcel to post, most urgent first; with `?parcel=` for that one alone. 404 for no such parcel."""
    from orders import labels  # what draws is slow to load, and most processes never draw

    waiting = queries.to_pack(get_object_or_404(Farmer, user=request.user))
    if number := request.GET.get("parcel"):
        waiting = waiting.filter(number=number) if NUMBER.fullmatch(number) else waiting.none()
    parcels = list(waiting[:MOST])
    if not parcels:
        raise Http404
    return pdf(labels.labels_pdf(parcels, on_a4=paper == "a4"), f"labels-{paper}.pdf")


@require_safe
@login_required
def packing_sheet(request: AuthedRequest) -> HttpResponse:
    """What there is to pack today, to print and tick off."""
    from orders import labels

    farmer = get_object_or_404(Farmer, user=request.user)
    return pdf(labels.sheet_pdf(farmer, list(queries.to_pack(farmer)[:MOST])), "packing.pdf")


def pdf(content: bytes, name: str) -> HttpResponse:
    """A file to open or print; addresses may be in it, so nobody keeps it."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
