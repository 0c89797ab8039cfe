"""The cart's page, and what its buttons do."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import signed_in
from accounts.models import Region
from common.errors import DomainError
from marketplace.models import Listing
from orders.forms import PacksForm
from orders.models import Cart, Order
from orders.pricing import price_cart
from orders.provinces import chosen_province, provinces, set_chosen_province
from orders.queries import CART_SESSION_KEY, cart_of
from orders.services import carts


@require_GET
def cart(request: HttpRequest) -> HttpResponse:
    return show_cart(request, cart_of(request))


def show_cart(
    request: HttpRequest, found: Cart | None, *, line_id: int = 0, typed: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    """The cart's page; with what was typed for one line and why that cannot be."""
    province = (found.province_id if found else None) or chosen_province(request)
    lines = list(found.lines.all()) if found else []
    context = {
        "priced": price_cart(lines, province=province, now=timezone.now()),
        "provinces": provinces() if lines else [],
        "province": province,
        "line_id": line_id,
        "typed": typed,
        "error": error,
    }
    template = "orders/_cart.html" if request.htmx else "orders/cart.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


@require_POST
def cart_add(request: HttpRequest, pk: int) -> HttpResponse:
    """From the listing's page. With htmx a fragment says how it went; without, the cart or the listing again."""
    get_object_or_404(Listing.objects.only("pk"), pk=pk, approved_revision__isnull=False)
    form = PacksForm(request.POST)
    error = "" if form.is_valid() else str(form.errors["packs"][0])
    try:
        if not error:
            found = cart_for_writing(request)
            carts.add_to_cart(cart_id=found.pk, listing_id=pk, packs=form.cleaned_data["packs"])
    except DomainError as refused:
        error = refused.message
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "orders/_added.html", {"error": error}, status=422 if error else 200)
    if error:
        messages.error(request, error)
        return redirect("marketplace:listing_detail", pk=pk)
    return redirect("orders:cart")


@require_POST
def cart_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a line's number of boxes; 0 takes it out."""
    found = cart_of(request)
    line = get_object_or_404(found.lines, pk=pk) if found else get_object_or_404(Cart, pk=None)
    form = PacksForm(request.POST)
    error = "" if form.is_valid() else str(form.errors["packs"][0])
    try:
        if not error and found:
            carts.change_line(cart_id=found.pk, line_id=line.pk, packs=form.cleaned_data["packs"])
    except DomainError as refused:
        error = refused.message
    if error:
        return show_cart(request, found, line_id=pk, typed=request.POST.get("packs", "")[:20], error=error, status=422)
    return show_cart(request, found) if request.htmx else redirect("orders:cart")  # type: ignore[attr-defined]


@require_POST
def cart_province(request: HttpRequest) -> HttpResponse:
    """Where it is to go: for this cart and for the listings' pages."""
    province = get_object_or_404(
        Region, code=request.POST.get("province", "").replace("\0", "")[:12], level=Region.Level.PROVINCE
    )
    set_chosen_province(request, province.code)
    if found := cart_of(request):
        carts.set_province(cart_id=found.pk, province=province)
    return redirect("orders:cart")


@require_POST
def order_again(request: HttpRequest, number: str) -> HttpResponse:
    """Put what an order had into the cart again, as far as it is on sale."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    carts.refill_cart(user=signed_in(request), order_id=order.pk)
    return redirect("orders:cart")


def cart_for_writing(request: HttpRequest) -> Cart:
    """The cart of whoever asks, made if there is none yet; a guest's browser remembers it."""
    if request.user.is_authenticated:
        return carts.open_cart(user=signed_in(request))
    token = request.session.get(CART_SESSION_KEY)
    found = carts.open_cart(token=uuid.UUID(token) if token else None)
    request.session[CART_SESSION_KEY] = str(found.token)
    return found
