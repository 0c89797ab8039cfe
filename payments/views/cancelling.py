"""Cancelling a parcel before it is posted: the buyer changed their mind, the farmer cannot supply, a moderator ends it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
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
    parcels = Parcel.objects.all() if request.user.is_moderator else Parcel.objects.visible_to(request.user)
    parcels = parcels.select_related("order", "farmer__county").prefetch_related("lines")
    parcel = get_object_or_404(parcels, number=number)
    role = _role(request, parcel)
    if clock.Event.CANCEL not in clock.allowed(parcel, clock.roles(parcel, request.user)):
        messages.warning(request, _("This parcel can no longer be cancelled."))
        return redirect(_back(role, parcel))
    form = CancelForm(request.POST if request.method == "POST" else None, role=role)
    if request.method == "POST" and form.is_valid():
        return _cancel(request, parcel, role, form.cleaned_data["reason"])
    context = {"parcel": parcel, "form": form, "role": role, "back": _back(role, parcel)}
    return render(request, "payments/parcel_cancel.html", context, status=422 if form.errors else 200)


def _role(request: AuthedRequest, parcel: Parcel) -> clock.Role:
    """As whom they cancel it: a moderator's own purchase or produce is theirs first."""
    mine = clock.roles(parcel, request.user)
    return next(role for role in (clock.Role.BUYER, clock.Role.FARMER, clock.Role.MODERATOR) if role in mine)


def _cancel(request: AuthedRequest, parcel: Parcel, role: clock.Role, reason: str) -> HttpResponse:
    try:
        refund = cancel_and_refund(parcel_id=parcel.pk, actor=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        back = _("Cancelled. The money goes back to where it was paid from.")
        messages.success(request, back if refund else _("Cancelled. Nothing was paid, so nothing goes back."))
    return redirect(_back(role, parcel))


def _back(role: clock.Role, parcel: Parcel) -> str:
    match role:
        case clock.Role.FARMER:
            return reverse("orders:parcel_detail", args=[parcel.number])
        case clock.Role.BUYER:
            return reverse("orders:order_detail", args=[parcel.order.number])
        case _:
            return reverse("orders:late_list")
