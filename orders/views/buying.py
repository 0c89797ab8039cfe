"""The buyer's orders."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.http import AuthedRequest
from common.errors import DomainError
from orders import queries, timeline
from orders.models import Order, Parcel
from orders.services import parcels

PAGE = 10


@require_GET
@login_required
def order_list(request: AuthedRequest) -> HttpResponse:
    orders = list(queries.orders_of(request.user, after=request.GET.get("after", "")[:20])[: PAGE + 1])
    next_page = f"?after={orders[PAGE - 1].number}" if len(orders) > PAGE else ""
    return render(request, "orders/order_list.html", {"orders": orders[:PAGE], "next_page": next_page})


@require_GET
@login_required
def order_detail(request: AuthedRequest, number: str) -> HttpResponse:
    order = get_object_or_404(queries.order_page(request.user), number=number)
    now = timezone.now()
    context = {
        "order": order,
        "parcels": [timeline.buyers_view(parcel, now) for parcel in order.parcels.all()],
        "can_pay": order.status == Order.Status.UNPAID and order.pay_by > now,
        "is_over": order.status == Order.Status.RELEASED
        or (order.status == Order.Status.UNPAID and order.pay_by <= now),
        "minutes_left": max(0, int(-(-(order.pay_by - now).total_seconds() // 60))),
        "seconds_left": max(0, int((order.pay_by - now).total_seconds())),
    }
    return render(request, "orders/order_detail.html", context)


@require_POST
@login_required
def parcel_receive(request: AuthedRequest, number: str) -> HttpResponse:
    mine = Parcel.objects.filter(order__buyer=request.user).select_related("order")
    parcel = get_object_or_404(mine, number=number)
    try:
        parcels.receive_parcel(parcel_id=parcel.pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(f"{reverse('orders:order_detail', args=[parcel.order.number])}#{parcel.number}")
