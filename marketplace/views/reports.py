"""Saying that a page is wrong, and the moderators' queue of what was said."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from common.api.throttles import address_of
from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.moderation import JudgementForm, ReportForm
from marketplace.models import Report
from marketplace.queries import window
from marketplace.queries.reports import waiting_reports
from marketplace.services import reports
from marketplace.views.access import SignedInRequest, moderator_required


def who_reports(request: HttpRequest) -> dict[str, Any]:
    """The person who is signed in, or a keyed hash of the address of a guest: all that is kept of them."""
    if isinstance(request.user, User):
        return {"reporter": request.user, "guest": ""}
    hashed = salted_hmac("marketplace.reports", address_of(request), algorithm="sha256").hexdigest()
    return {"reporter": None, "guest": hashed}


@never_cache
@require_http_methods(["GET", "POST"])
def report_listing(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what is wrong with a listing; for everybody."""
    listing = get_object_or_404(window.listing_page(), pk=pk)
    return _report(
        request,
        {"listing": listing, "farmer": listing.farmer, "back": ("marketplace:listing_detail", pk)},
        lambda **sent: reports.report_listing(listing_id=pk, **sent),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def report_storefront(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what is wrong with a shop page; for everybody."""
    shop = get_object_or_404(window.storefronts(), slug=slug)
    return _report(
        request,
        {"farmer": shop.farmer, "back": ("marketplace:storefront_detail", slug)},
        lambda **sent: reports.report_storefront(storefront_id=shop.pk, **sent),
    )


def _report(request: HttpRequest, about: dict[str, Any], act: Callable[..., Report]) -> HttpResponse:
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            act(now=timezone.now(), **who_reports(request), **form.cleaned_data)
            messages.success(request, _("Thank you. A moderator will look at it."))
            return redirect(*about["back"])
        except DomainError as error:
            show_refusal(form, error)
    return render(request, "marketplace/report.html", about | {"form": form}, status=422 if form.errors else 200)


@require_GET
@moderator_required
def report_queue(request: SignedInRequest) -> HttpResponse:
    """What people said, the weightiest first."""
    return _show_queue(request)


@require_POST
@moderator_required
def report_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Right, nothing found or meant to harm; with an error the queue again, what was typed kept at that report."""
    get_object_or_404(Report, pk=pk)
    form = JudgementForm(request.POST, auto_id=f"r{pk}_%s")
    if not form.is_valid():
        return _show_queue(request, pk, form, 422)
    sent = form.cleaned_data
    try:
        reports.decide_report(
            report_id=pk,
            moderator=request.user,
            status=Report.Status(sent["status"]),
            take_down=sent["take_down"],
            reason=sent["reason"],
            now=timezone.now(),
        )
    except DomainError as error:
        show_refusal(form, error)
        return _show_queue(request, pk, form, 422 if error.field else 409)
    messages.success(request, _("Decided. Those whom it concerns have been told."))
    return redirect("marketplace:report_queue")


def _show_queue(
    request: SignedInRequest, pk: int = 0, form: JudgementForm | None = None, status: int = 200
) -> HttpResponse:
    items = [
        {
            "waiting": each,
            "form": form if form and each.report.pk == pk else JudgementForm(auto_id=f"r{each.report.pk}_%s"),
        }
        for each in waiting_reports()
    ]
    if form and all(item["form"] is not form for item in items):
        for error in form.non_field_errors():
            messages.error(request, str(error))
    return render(request, "marketplace/moderation/reports.html", {"items": items}, status=status)
