"""Cancelling a parcel before it is posted: the buyer changed their mind, or the farmer cannot supply."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import AuthedRequest
from common.errors import DomainError
from orders import clock
from orders.models import Parcel
from payments.forms import CancelForm
from payments.services import cancel_and_refund


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def parcel_cancel(request: AuthedRequest, number: str) -> HttpResponse:
    """Ask once more, then cancel and give the money back."""
    parcels = (
        Parcel.objects.visible_to(request.user).select_related("order", "farmer__county").prefetch_related("lines")
    )
    parcel = get_object_or_404(parcels, number=number)
    is_farmer = parcel.farmer.user_id == request.user.pk
    may = clock.allowed(parcel, clock.roles(parcel, request.user))
    if clock.Event.CANCEL not in may:
        messages.warning(request, _("This parcel can no longer be cancelled."))
        return _back(parcel, is_farmer)
    form = CancelForm(request.POST if request.method == "POST" else None, is_farmer=is_farmer)
    if request.method == "POST" and form.is_valid():
        return _cancel(request, parcel, is_farmer, form.cleaned_data["reason"])
    context = {"parcel": parcel, "form": form, "is_farmer": is_farmer}
    return render(request, "payments/parcel_cancel.html", context, status=422 if form.errors else 200)


def _cancel(request: AuthedRequest, parcel: Parcel, is_farmer: bool, reason: str) -> HttpResponse:
    try:
        cancel_and_refund(parcel_id=parcel.pk, actor=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Cancelled. The money goes back to where it was paid from."))
    return _back(parcel, is_farmer)


def _back(parcel: Parcel, is_farmer: bool) -> HttpResponse:
    if is_farmer:
        return redirect("orders:parcel_detail", number=parcel.number)
    return redirect("orders:order_detail", number=parcel.order.number)
