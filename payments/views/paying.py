"""Paying an order: the page before the provider's and the one after it."""

import json

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import AuthedRequest
from common.errors import DomainError
from orders.models import Order
from payments.errors import AlreadyPaid
from payments.gateways import configured_names
from payments.gateways.wechat import NAME as WECHAT
from payments.gateways.wechat import inside
from payments.queries import Standing, payment_view
from payments.services import start_payment
from payments.services.starting import SiteUrls, site_urls, ways_to_pay
from payments.views import wechat

WAYS = {
    "wechat": _("Pay with WeChat"),
    "alipay": _("Pay with Alipay"),
    "sandbox": _("Try it out, without money"),
    "offline": _("Pay the farmer directly"),
    "on_delivery": _("Pay when it comes"),
}


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
    if view.is_said:
        return redirect("payments:offline_pay", number=order.number)
    is_waiting = view.standing == Standing.CONFIRMING and not view.can_pay
    if view.standing == Standing.PROMISED:
        return redirect("orders:order_detail", number=order.number)
    if is_waiting or view.standing in (Standing.PAID, Standing.GOING_BACK, Standing.CANCELLED):
        return redirect("payments:returned", number=order.number)
    ways, why_not_on_delivery = ways_to_pay(order, now)
    is_inside = wechat.is_inside(request)
    may_pay_inside = is_inside and WECHAT in ways and inside.is_set_up()
    if may_pay_inside and view.can_pay and wechat.OPENID not in request.session and "outside" not in request.GET:
        return wechat.ask_who(request, order, urls_of(request))
    parcels = order.parcels.select_related("farmer__county").prefetch_related("lines")
    context = {
        "order": order,
        "parcels": parcels,
        "view": view,
        "ways": [(name, WAYS.get(name, "")) for name in ways],
        "is_set_up": bool(configured_names()),
        "why_not_on_delivery": why_not_on_delivery if view.can_pay else None,
        "is_stuck_in_wechat": is_inside and not (may_pay_inside and wechat.OPENID in request.session),
    }
    return render(request, "payments/pay.html", context)


def _send(request: AuthedRequest, order: Order) -> HttpResponse:
    try:
        url = start_payment(
            order_id=order.pk,
            buyer=request.user,
            now=timezone.now(),
            urls=urls_of(request),
            gateway=request.POST.get("gateway", ""),
            is_phone=is_phone(request),
            wechat_openid=request.session.get(wechat.OPENID, "") if wechat.is_inside(request) else "",
        )
    except AlreadyPaid:
        return redirect("payments:returned", number=order.number)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payments:pay", number=order.number)
    if url.startswith(inside.SCHEME):
        values = json.dumps(inside.bridge_values(url.removeprefix(inside.SCHEME)))
        return render(request, "payments/in_wechat.html", {"order": order, "values": values})
    if url.startswith("weixin:"):  # for the phone's eyes, not for this browser
        code = segno.make(url, error="m", micro=False).svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
        return render(request, "payments/scan.html", {"order": order, "code": code})
    return redirect(url)


def is_phone(request: HttpRequest) -> bool:
    """Whether there is no second device to read a code with."""
    agent = request.headers.get("User-Agent", "")
    return request.headers.get("Sec-CH-UA-Mobile") == "?1" or any(
        name in agent for name in ("Mobile", "Android", "iPhone")
    )


@never_cache
@login_required
@require_GET
def returned(request: AuthedRequest, number: str) -> HttpResponse:
    """Where the provider sends the browser back to. It believes our own books only, never that the browser is here."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    view = payment_view(order, timezone.now())
    if view.standing == Standing.NOT_STARTED:
        return redirect("payments:pay", number=order.number)
    if view.standing == Standing.PROMISED:
        return redirect("orders:order_detail", number=order.number)
    if view.is_said and view.standing in (Standing.CONFIRMING, Standing.OVER):
        return redirect("payments:offline_pay", number=order.number)
    if "scan" in request.GET and view.standing == Standing.CONFIRMING:
        return HttpResponse(status=204)  # the page with the code asks whether it was read: not yet, leave it as it is
    template = "_standing.html" if request.headers.get("HX-Request") else "returned.html"
    return render(request, f"payments/{template}", {"order": order, "view": view})


def urls_of(request: HttpRequest) -> SiteUrls:
    """From the settings in production: a Host header must not decide where a buyer is sent.

    In the embedded mode the browser may have come by another name than SITE_URL (a phone in the same network), and the
    sandbox provider runs on this very machine, beside the port that took this request.
    """
    if not settings.EMBEDDED:
        return site_urls()
    here = f"http://127.0.0.1:{request.META['SERVER_PORT']}"
    return SiteUrls(public=f"{request.scheme}://{request.get_host()}", internal=settings.INTERNAL_URL or here)
