"""The checkout: one page, one button."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpResponse
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
    addresses = list(Address.objects.filter(user=request.user).select_related("province", "prefecture", "county"))
    if request.method == "POST":
        return _place(request, addresses)
    chosen = _chosen(addresses, request.GET.get("address", ""))
    priced = _priced(request, chosen)
    if not priced.lines:
        return redirect("orders:cart")
    initial = {"address": chosen, "checkout_key": uuid.uuid4(), "expected_total_fen": priced.total_fen}
    form = CheckoutForm(initial=initial, choices=round_up_choices(timezone.now()))
    return _show(request, addresses, chosen, priced, form)


def _place(request: AuthedRequest, addresses: list[Address]) -> HttpResponse:
    """Place the order and go on to paying it, or show the page again and say what changed, the note kept."""
    form = CheckoutForm(request.POST, choices=round_up_choices(timezone.now()))
    form.fields["address"].queryset = Address.objects.filter(user=request.user)  # type: ignore[attr-defined]
    status = 422
    if form.is_valid():
        try:
            return redirect("payments:pay", number=_order_of(request, form).number)
        except NothingToOrder as refused:
            messages.error(request, refused.message)
            return redirect("orders:cart")
        except DomainError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            status = 422 if refused.field else 409
    elif form.errors.keys() - {"note", "coupon", "round_up_for"}:
        form.add_error(None, _("Please choose the address and confirm once more."))
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


def _priced(request: AuthedRequest, address: Address | None) -> PricedCart:
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
    return render(request, "orders/checkout.html", context, status=status)
