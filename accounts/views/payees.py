"""Another account for a farmer's money: the form, the code, and from when it holds, with the way to stop it."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.contacts import show_phone
from accounts.forms.farmers import VerdictForm
from accounts.forms.payees import PayeeCodeForm, PayeeForm, StopForm
from accounts.http import AuthedRequest
from accounts.models import Farmer, PayeeChange, PayeeRequest
from accounts.services import own_codes, payees
from accounts.views.verification import record_page
from common.errors import DomainError, InvalidInput


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def payee_change(request: AuthedRequest) -> HttpResponse:
    """The form, which sends a code; while a change waits, from when it holds."""
    farmer = _mine(request)
    if farmer is None:
        return redirect("accounts:farmer_apply")
    change = _waiting(farmer)
    if change is not None:
        if request.method == "POST":
            messages.error(request, payees.ONE_WAITS)
            return redirect("accounts:payee_change")
        return render(request, "accounts/payee_waiting.html", {"farmer": farmer, "change": change})
    if farmer.status != Farmer.Status.VERIFIED:
        return redirect("accounts:farmer_status")
    if request.method == "POST":
        form = PayeeForm(request.POST, farmer=farmer)
        if form.is_valid() and _ask(request, farmer, form):
            return redirect("accounts:payee_code")
    else:
        asked = PayeeRequest.objects.filter(farmer=farmer).first()
        names = ("payee_kind", "payee_name", "payee_account")
        form = PayeeForm(farmer=farmer, initial={name: getattr(asked, name) for name in names} if asked else {})
    context = {"farmer": farmer, "form": form}
    return render(request, "accounts/payee_change.html", context, status=422 if form.errors else 200)


def _ask(request: AuthedRequest, farmer: Farmer, form: PayeeForm) -> bool:
    try:
        if not ratelimit.consume(request, action="request_payee_code", key=str(farmer.pk)):
            raise InvalidInput(own_codes.TOO_SOON)
        payees.ask_payee_change(user_id=request.user.pk, payee=form.payee(), now=timezone.now())
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    return True


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def payee_code(request: AuthedRequest) -> HttpResponse:
    """The code in: the change waits from now on."""
    farmer = _mine(request)
    if farmer is None:
        return redirect("accounts:farmer_apply")
    asked = PayeeRequest.objects.filter(farmer=farmer).first()
    if asked is None or farmer.status != Farmer.Status.VERIFIED:
        return redirect("accounts:payee_change")
    form = PayeeCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _confirm(request, form):
        return redirect("accounts:payee_change")
    context = {"form": form, "asked": asked, "contact": _contact(farmer)}
    return render(request, "accounts/payee_code.html", context, status=422 if form.errors else 200)


def _confirm(request: AuthedRequest, form: PayeeCodeForm) -> bool:
    code, seen = form.cleaned_data["code"], form.cleaned_data["seen"]
    try:
        payees.confirm_payee_change(user_id=request.user.pk, request_id=seen, code=code, now=timezone.now())
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    return True


@login_required
@require_POST
def payee_stop(request: AuthedRequest) -> HttpResponse:
    """The farmer stops their own change."""
    farmer = _mine(request)
    if farmer is None:
        return redirect("accounts:farmer_apply")
    change = _waiting(farmer)
    if change is not None:
        try:
            payees.stop_payee_change(change_id=change.pk, actor=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Stopped. Your money goes where it went before."))
    return redirect("accounts:payee_change")


@login_required
@require_POST
def payee_stop_for(request: AuthedRequest, pk: int) -> HttpResponse:
    """Those who decide about a farmer stop a change that looks wrong, with the reason."""
    theirs = Farmer.objects.decidable_by(request.user, timezone.localdate()).select_related("county__province", "user")
    farmer = get_object_or_404(theirs, payee_changes=pk)
    form = StopForm(request.POST, auto_id="stop_%s")
    if not form.is_valid():
        return record_page(request, farmer, VerdictForm(), form)
    reason = form.cleaned_data["reason"]
    try:
        payees.stop_payee_change(change_id=pk, actor=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Stopped, and %(farmer)s was told.") % {"farmer": farmer.name})
    return redirect("accounts:verification_decide", pk=farmer.pk)


def _contact(farmer: Farmer) -> str:
    """Where the code went, as its owner reads it."""
    try:
        channel, address = own_codes.code_goes_to(farmer.user)
    except InvalidInput:  # text messages were switched off in the shop since
        return farmer.user.masked_phone
    return show_phone(address) if channel == "SMS" else address


def _mine(request: AuthedRequest) -> Farmer | None:
    return Farmer.objects.filter(user=request.user).select_related("user").first()


def _waiting(farmer: Farmer) -> PayeeChange | None:
    return PayeeChange.objects.filter(farmer=farmer, state=PayeeChange.State.WAITING).first()
