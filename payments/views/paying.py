"""Paying an order: the page before the provider's and the one after it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import AuthedRequest
from common.errors import DomainError
from orders.models import Order
from payments.errors import AlreadyPaid
from payments.queries import Standing, payment_view
from payments.services import start_payment
from payments.services.starting import SiteUrls, site_urls


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def pay(request: AuthedRequest, number: str) -> HttpResponse:
    """Show what is to be paid and until when; POST sends the buyer to the provider."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    now = timezone.now()
    if request.method == "POST":
        return _send(request, order)
    view = payment_view(order, now)
    is_waiting = view.standing == Standing.CONFIRMING and not view.can_pay
    if is_waiting or view.standing in (Standing.PAID, Standing.GOING_BACK, Standing.CANCELLED):
        return redirect("payments:returned", number=order.number)
    parcels = order.parcels.select_related("farmer__county").prefetch_related("lines")
    context = {"order": order, "parcels": parcels, "view": view, "is_set_up": bool(settings.PAYMENT_GATEWAY)}
    return render(request, "payments/pay.html", context)


def _send(request: AuthedRequest, order: Order) -> HttpResponse:
    try:
        url = start_payment(order_id=order.pk, buyer=request.user, now=timezone.now(), urls=_urls(request))
    except AlreadyPaid:
        return redirect("payments:returned", number=order.number)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payments:pay", number=order.number)
    return redirect(url)


@never_cache
@login_required
@require_GET
def returned(request: AuthedRequest, number: str) -> HttpResponse:
    """Where the provider sends the browser back to. It believes our own books only, never that the browser is here."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    view = payment_view(order, timezone.now())
    if view.standing == Standing.NOT_STARTED:
        return redirect("payments:pay", number=order.number)
    template = "_standing.html" if request.headers.get("HX-Request") else "returned.html"
    return render(request, f"payments/{template}", {"order": order, "view": view})


def _urls(request: AuthedRequest) -> SiteUrls:
    """From the settings in production: a Host header must not decide where a buyer is sent.

    In the embedded mode the browser may have come by another name than SITE_URL (a phone in the same network), and the
    sandbox provider runs on this very machine, beside the port that took this request.
    """
    if not settings.EMBEDDED:
        return site_urls()
    here = f"http://127.0.0.1:{request.META['SERVER_PORT']}"
    return SiteUrls(public=f"{request.scheme}://{request.get_host()}", internal=settings.INTERNAL_URL or here)
