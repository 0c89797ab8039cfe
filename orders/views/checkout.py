"""The checkout: one page, one button; and its short form, for who orders without leaving the page they are on."""

import uuid
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import AuthedRequest
from accounts.models import Address
from common.errors import DomainError
from marketplace.carried import carried
from orders.errors import Busy, NothingToOrder, waited_too_long
from orders.forms import CheckoutForm
from orders.models import Order
from orders.pricing import PricedCart, price_cart
from orders.queries import cart_of, round_up_choices, why_unpayable
from orders.services import placing
from orders.sharing import coupons_of


@require_http_methods(["GET", "POST"])
@login_required
def checkout(request: AuthedRequest) -> HttpResponse:
    if request.method == "POST":
        return _place(request)
    addresses = _addresses(request)
    chosen = _chosen(addresses, request.GET.get("address", ""))
    priced = _priced(request, chosen)
    if not priced.lines:
        return redirect("orders:cart")
    initial = {"address": chosen, "checkout_key": uuid.uuid4(), "expected_total_fen": priced.total_fen}
    form = CheckoutForm(initial=initial, choices=partial(round_up_choices, timezone.now()))
    return _show(request, addresses, chosen, priced, form)


def at_once(request: HttpRequest) -> dict[str, Any] | None:
    """What orders/_at_once.html needs to order the cart with one more tap; None for who has to say who and where first.

    It goes to the usual address, without coupon and note: who wants those goes to the checkout's own page.
    """
    chosen = _chosen(_addresses(request), "") if request.user.is_authenticated else None
    if chosen is None:
        return None
    priced = _priced(request, chosen)
    return {
        "chosen": chosen,
        "priced": priced,
        "why_unpayable": why_unpayable(priced, timezone.now()),
        "checkout_key": uuid.uuid4(),
    }


def _addresses(request: HttpRequest) -> list[Address]:
    mine = Address.objects.filter(user_id=request.user.pk or 0)
    return list(mine.select_related("province", "prefecture", "county"))


def _place(request: AuthedRequest) -> HttpResponse:
    """Place the order and go on to paying it, or show the page again and say what changed, the note kept.

    With htmx a fragment takes the page's part, and says where it is paid.
    """
    form = CheckoutForm(request.POST, choices=partial(round_up_choices, timezone.now()))
    form.fields["address"].queryset = Address.objects.filter(user=request.user)  # type: ignore[attr-defined]
    status = 422
    if form.is_valid():
        try:
            order = _order_of(request, form)
            if _is_part(request):
                return render(request, "orders/_placed.html", {"order": order})
            return redirect("payments:pay", number=order.number)
        except DomainError as refused:
            if isinstance(refused, NothingToOrder) and not _is_part(request):
                messages.error(request, refused.message)
                return redirect("orders:cart")
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            status = 422 if refused.field else 409
    elif form.errors.keys() - {"note", "coupon", "round_up_for"}:
        form.add_error(None, _("Please choose the address and confirm once more."))
    addresses = _addresses(request)
    chosen = _chosen(addresses, request.POST.get("address", ""))
    return _show(request, addresses, chosen, _priced(request, chosen), form, status)


def _order_of(request: AuthedRequest, form: CheckoutForm) -> Order:
    sent = form.cleaned_data
    found = cart_of(request)
    try:
        return placing.place_order(
            buyer=request.user,
            cart_id=found.pk if found else 0,
            address_id=sent["address"].pk,
            checkout_key=sent["checkout_key"],
            expected_total_fen=sent["expected_total_fen"],
            note=sent["note"],
            round_up_for=sent["round_up_for"],
            now=timezone.now(),
            led_by=carried(request),
            coupon_id=sent["coupon"],
        )
    except OperationalError as error:
        if waited_too_long(error):
            raise Busy from error
        raise


def _priced(request: HttpRequest, address: Address | None) -> PricedCart:
    found = cart_of(request)
    lines = list(found.lines.all()) if found else []
    return price_cart(lines, province=address.province_id if address else "", now=timezone.now())


def _chosen(addresses: list[Address], pk: str) -> Address | None:
    """The address asked for, else the usual one, else the newest."""
    return next((one for one in addresses if str(one.pk) == pk), addresses[0] if addresses else None)


def _show(
    request: AuthedRequest,
    addresses: list[Address],
    chosen: Address | None,
    priced: PricedCart,
    form: CheckoutForm,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "addresses": addresses,
        "chosen": chosen,
        "priced": priced,
        "coupons": coupons_of(request.user),
        "why_unpayable": why_unpayable(priced, timezone.now()),
        "form": form,
        "minutes_to_pay": int(settings.TIME_TO_PAY.total_seconds() // 60),
        "checkout_key": form["checkout_key"].value() or uuid.uuid4(),
    }
    template = "orders/_at_once.html" if _is_part(request) else "orders/checkout.html"
    return render(request, template, context, status=status)


def _is_part(request: HttpRequest) -> bool:
    """Whether a page asks for a part of itself."""
    return bool(request.htmx)  # type: ignore[attr-defined]
