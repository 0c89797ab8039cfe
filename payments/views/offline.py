"""Paying into the farmer's own code: the buyer's page with it, and the farmer's page that asks whether the money came."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import AuthedRequest
from common.errors import DomainError
from marketplace.views.access import FarmerRequest, farmer_required
from orders.models import Order
from payments import offline_queries
from payments.errors import AlreadyPaid
from payments.models import GatewayMessage, OfflinePayment, Payment
from payments.services import offline


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def offline_pay(request: AuthedRequest, number: str) -> HttpResponse:
    """The code, the amount, and what to write beside it; POST says "I have paid"."""
    order = get_object_or_404(Order.objects.visible_to(request.user), number=number)
    trade = offline_queries.newest_of(order)
    if trade is None:
        return redirect("payments:pay", number=number)
    if request.method == "POST":
        return _say_paid(request, order)
    if order.status in (Order.Status.PAID, Order.Status.CANCELLED) or trade.payment.status == Payment.Status.TO_REFUND:
        return redirect("payments:returned", number=number)
    now = timezone.now()
    context = {
        "order": order,
        "trade": trade,
        "is_over": order.status != Order.Status.UNPAID or order.pay_by <= now,
        "is_denied": trade.payment.status == Payment.Status.FAILED,
        "is_open": trade.payment.status == Payment.Status.STARTED,
    }
    return render(request, "payments/offline_pay.html", context)


def _say_paid(request: AuthedRequest, order: Order) -> HttpResponse:
    try:
        offline.say_paid(order_id=order.pk, buyer=request.user, now=timezone.now())
    except AlreadyPaid:
        return redirect("payments:returned", number=order.number)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("payments:offline_pay", number=order.number)


@never_cache
@require_http_methods(["GET", "POST"])
@farmer_required
def offline_answer(request: FarmerRequest, number: str) -> HttpResponse:
    """What to look for in one's own WeChat or Alipay, and the two answers."""
    payment = offline.of_farmer(request.user).filter(order__number=number).order_by("-pk").first()
    if payment is None:
        raise Http404
    if request.method == "POST":
        return _answer(request, number)
    order = Order.objects.prefetch_related("parcels__lines").get(pk=payment.ordered.pk)
    trade = OfflinePayment.objects.select_related("code").get(payment=payment)
    context = {
        "order": order,
        "payment": payment,
        "trade": trade,
        "came": payment.status in offline.MONEY_CAME,
        "can_deny": payment.status == Payment.Status.STARTED and trade.said_at is not None,
        "is_over": order.status == Order.Status.RELEASED or order.pay_by <= timezone.now(),
    }
    return render(request, "payments/offline_answer.html", context)


def _answer(request: FarmerRequest, number: str) -> HttpResponse:
    now, farmer = timezone.now(), request.user
    try:
        if request.POST.get("answer") == "came":
            message = offline.say_came(order_number=number, farmer=farmer, now=now)
            _thank(request, message, number)
        elif request.POST.get("answer") == "none":
            offline.say_none_came(order_number=number, farmer=farmer, now=now)
            messages.success(request, _("The buyer has been told. If it comes after all, say so here."))
        else:
            messages.error(request, _("Please choose one of the two."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("payments:offline_answer", number=number)


def _thank(request: FarmerRequest, message: GatewayMessage, number: str) -> None:
    if Payment.objects.filter(order__number=number, gateway=message.gateway, status="TO_REFUND").exists():
        messages.warning(request, _("It came too late, or twice: please give it back, and say so under “My money”."))
    else:
        messages.success(request, _("Thank you. The order is paid: please pack it."))


@require_POST
@farmer_required
def offline_returned(request: FarmerRequest, pk: int) -> HttpResponse:
    """The farmer gave a refund back by hand."""
    if not offline.to_return(request.user, done=True).filter(pk=pk).exists():
        raise Http404
    offline.say_returned(refund_id=pk, farmer=request.user, now=timezone.now())
    messages.success(request, _("Thank you. The buyer has been told."))
    return redirect("payments:farm_money")
