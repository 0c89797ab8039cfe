"""Giving: the form, the page of a gift (whoever has its address may pay it and see what became of it), one's own giving."""

import uuid

import segno
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import AuthedRequest
from accounts.models import User
from common.errors import DomainError
from fund import queries
from fund.forms import GiveForm
from fund.models import Grant
from fund.services import giving
from marketplace.forms.fields import show_refusal
from marketplace.views.access import FarmerRequest, farmer_required
from payments.errors import AlreadyPaid
from payments.models import Gift, Payment
from payments.services.giving import start_gift_payment, ways_to_give
from payments.views import wechat
from payments.views.paying import WAYS, is_phone, urls_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """The form; a POST opens the gift and goes to its page, where it is paid."""
    today = timezone.localdate()
    if request.method == "POST":
        form = GiveForm(request.POST, today=today)
        if form.is_valid() and (gift := _open(request, form)):
            return redirect("fund:gift", token=gift.token)
        return render(request, "fund/give.html", {"form": form}, status=422)
    wanted = {"purpose": request.GET.get("for", ""), "key": uuid.uuid4()}
    return render(request, "fund/give.html", {"form": GiveForm(initial=wanted, today=today)})


def _open(request: HttpRequest, form: GiveForm) -> Gift | None:
    if not ratelimit.consume(request, action="open_gift"):
        form.add_error(None, _("Too many tries. Please wait a few minutes and try again."))
        return None
    said = dict(form.cleaned_data)
    giver = request.user if isinstance(request.user, User) else None
    try:
        return giving.give(giver=giver, amount_fen=said.pop("amount"), now=timezone.now(), **said)
    except DomainError as error:
        show_refusal(form, error)
        return None


def _gift(token: uuid.UUID) -> Gift:
    return get_object_or_404(Gift.objects.select_related("account__programme", "donation"), token=token)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """A gift by the address that only its giver has: pay it, see that it arrived, and what it became part of."""
    found = _gift(token)
    if request.method == "POST":
        return _send(request, found)
    statuses = list(Payment.objects.filter(gift=found).order_by("pk").values_list("status", flat=True))
    is_waiting = found.status == Gift.Status.UNPAID and Payment.Status.STARTED in statuses
    if "scan" in request.GET and is_waiting:
        return HttpResponse(status=204)
    context = {
        "gift": found,
        "given": queries.given_as(found),
        "is_waiting": is_waiting,
        "has_failed": bool(statuses) and not is_waiting,
        "is_twice": Payment.Status.TO_REFUND in statuses,
        "is_stuck_in_wechat": wechat.is_inside(request),
        "ways": [(name, WAYS.get(name, "")) for name in ways_to_give()],
    }
    template = "_gift.html" if request.headers.get("HX-Request") else "gift.html"
    response = render(request, f"fund/{template}", context)
    response["Referrer-Policy"] = "same-origin"  # its address is all the key there is
    response["X-Robots-Tag"] = "noindex"
    return response


def _send(request: HttpRequest, gift: Gift) -> HttpResponse:
    now = timezone.now()
    try:
        url = start_gift_payment(
            gift_id=gift.pk,
            now=now,
            pay_by=now + giving.TIME_TO_PAY,
            urls=urls_of(request),
            gateway=request.POST.get("gateway", ""),
            is_phone=is_phone(request),
        )
    except AlreadyPaid:
        return redirect("fund:gift", token=gift.token)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("fund:gift", token=gift.token)
    if url.startswith("weixin:"):  # for the phone's eyes, not for this browser
        code = segno.make(url, error="m", micro=False).svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
        return render(request, "fund/scan.html", {"gift": gift, "code": code})
    return redirect(url)


@never_cache
@require_safe
def receipt(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """The receipt of a gift that arrived, as PDF."""
    from fund.receipt_pdf import as_pdf  # what draws is slow to load, and most processes never draw

    found = _gift(token)
    if found.status != Gift.Status.PAID:
        raise Http404
    response = HttpResponse(as_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="chushan-{found.number}.pdf"'
    return response


@never_cache
@require_safe
@login_required
def mine(request: AuthedRequest) -> HttpResponse:
    """What I gave, and the grants that it became part of."""
    given = queries.giving_of(request.user)
    waiting = Gift.objects.given_by(request.user).filter(status=Gift.Status.UNPAID, pay_by__gt=timezone.now())
    context = {
        "given": given,
        "unpaid": waiting[:5],
        "total_fen": sum(each.fen - each.back for each in given),
        "granted_fen": sum(each.granted for each in given),
    }
    return render(request, "fund/mine.html", context)


@never_cache
@require_safe
@farmer_required
def farm_grants(request: FarmerRequest) -> HttpResponse:
    """The grants that went to the farmer's own account."""
    grants = Grant.objects.filter(payee__farmer=request.farmer, state__in=[*Grant.GIVEN, Grant.State.RETURNED])
    return render(request, "fund/farm_grants.html", {"grants": grants.select_related("programme")})
