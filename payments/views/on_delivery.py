"""Paying on delivery: the buyer's promise, the farmer's page that asks whether the money came, and the farmer's terms."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import AuthedRequest
from accounts.models import Farmer
from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.views.access import FarmerRequest, farmer_required
from orders.models import Order, Parcel
from payments import on_delivery_queries as queries
from payments.on_delivery_forms import NotTakenForm, TermsForm
from payments.services import on_delivery


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def promise(request: AuthedRequest, number: str) -> HttpResponse:
    """What is promised, to whom and how much; POST promises it."""
    order = get_object_or_404(Order.objects.visible_to(request.user).select_related("buyer"), number=number)
    now = timezone.now()
    if order.status != Order.Status.UNPAID or order.pay_by <= now:
        return redirect("orders:order_detail", number=number)
    if request.method == "POST":
        return _promise(request, order)
    if queries.why_not(order, now) != "":
        return redirect("payments:pay", number=number)
    parcels = order.parcels.select_related("farmer__county").prefetch_related("lines")
    return render(request, "payments/promise.html", {"order": order, "parcels": parcels, "farmer": parcels[0].farmer})


def _promise(request: AuthedRequest, order: Order) -> HttpResponse:
    try:
        on_delivery.promise(order_id=order.pk, buyer=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payments:pay", number=order.number)
    messages.success(request, _("Thank you. The farmer knows what to pack."))
    return redirect("orders:order_detail", number=order.number)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def not_taken(request: AuthedRequest, number: str) -> HttpResponse:
    """The buyer did not take it at the door: what that means, and why."""
    theirs = Order.objects.visible_to(request.user).filter(status=Order.Status.PROMISED)
    order = get_object_or_404(theirs, number=number, parcels__state=Parcel.State.ON_THE_WAY)
    form = NotTakenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _refuse(request, number, form.cleaned_data["reason"]):
            messages.success(request, _("The farmer has been told. You pay nothing."))
        return redirect("orders:order_detail", number=number)
    context = {"order": order, "form": form}
    return render(request, "payments/not_taken.html", context, status=422 if form.errors else 200)


def _refuse(request: AuthedRequest, number: str, reason: str) -> bool:
    try:
        on_delivery.refuse(order_number=number, person=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return False
    return True


@never_cache
@require_http_methods(["GET", "POST"])
@farmer_required
def on_delivery_answer(request: FarmerRequest, number: str) -> HttpResponse:
    """Has the money come? Or was it not taken, and is it back?"""
    parcel = queries.promised_to(request.farmer).filter(order__number=number).first()
    if parcel is None:
        raise Http404
    form = NotTakenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _answer(request, number, form.cleaned_data["reason"])
    is_owed = parcel.order.status == Order.Status.PROMISED
    context = {
        "parcel": parcel,
        "order": parcel.order,
        "form": form,
        "can_come": is_owed and parcel.posted_at is not None,
        "can_refuse": is_owed and parcel.state == Parcel.State.ON_THE_WAY,
        "can_put_back": parcel.state == Parcel.State.REFUSED
        and any(line.hold.status == "SOLD" for line in parcel.lines.all()),
    }
    return render(request, "payments/on_delivery_answer.html", context, status=422 if form.errors else 200)


def _answer(request: FarmerRequest, number: str, reason: str) -> HttpResponse:
    now, farmer, answer = timezone.now(), request.user, request.POST.get("answer")
    try:
        if answer == "came":
            on_delivery.say_came(order_number=number, farmer=farmer, now=now)
            messages.success(request, _("Thank you. It is paid, and all of it is yours."))
        elif answer == "refused":
            on_delivery.refuse(order_number=number, person=farmer, reason=reason, now=now)
            messages.success(request, _("The buyer has been told. When it is back, say so here."))
        elif answer == "back":
            on_delivery.came_back(order_number=number, farmer=farmer, now=now)
            messages.success(request, _("Its boxes are on sale again."))
        else:
            messages.error(request, _("Please choose one of them."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("payments:on_delivery_answer", number=number)


@never_cache
@require_http_methods(["GET", "POST"])
@farmer_required
def on_delivery_terms(request: FarmerRequest) -> HttpResponse:
    """Whether buyers may pay this farmer when the parcel comes, and up to how much."""
    terms = queries.terms_of(request.farmer)
    form = TermsForm(request.POST) if request.method == "POST" else TermsForm.of(terms)
    is_possible = request.farmer.status == Farmer.Status.VERIFIED and queries.is_set_up()
    if request.method == "POST" and is_possible and form.is_valid() and _set_terms(request, form):
        messages.success(request, _("Saved."))
        return redirect("payments:on_delivery_terms")
    context = {"form": form, "terms": terms, "is_possible": is_possible, "most_fen": settings.ON_DELIVERY_MOST_FEN}
    return render(request, "payments/on_delivery_terms.html", context, status=422 if form.errors else 200)


def _set_terms(request: FarmerRequest, form: TermsForm) -> bool:
    said = form.cleaned_data
    try:
        on_delivery.set_terms(
            user_id=request.user.pk, is_offered=said["is_offered"], most_fen=said["most_fen"], now=timezone.now()
        )
    except DomainError as error:
        show_refusal(form, error)
        return False
    return True
