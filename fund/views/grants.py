"""Grants at the desk: prepared, approved, shown by evidence, paid, reported on; and photos that everybody may see."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from fund.access import fund_required
from fund.forms import EvidenceForm, GrantForm, PayForm, ReasonForm, ReportForm
from fund.models import Evidence, Grant
from fund.services import grants, photos
from fund.views.desk import form_page, try_it
from marketplace.views.access import SignedInRequest, moderator_required

Act = Callable[[Grant, SignedInRequest, dict[str, Any]], object]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def grant_prepare(request: SignedInRequest) -> HttpResponse:
    form = GrantForm(request.POST or None, initial={"programme": request.GET.get("programme", "")})
    if request.method == "POST" and try_it(form, lambda: _prepare(request, form.cleaned_data)):
        messages.success(request, _("Prepared. Now somebody else has to look at it and approve it."))
        return redirect("fund:desk")
    return form_page(request, form, _("A new grant"), _("Prepare it"))


def _prepare(request: SignedInRequest, said: dict[str, Any]) -> Grant:
    return grants.prepare_grant(
        actor=request.user,
        programme_id=said["programme"].pk,
        payee_id=said["payee"].pk if said["payee"] else None,
        farmer_id=said["farmer"].pk if said["farmer"] else None,
        amount_fen=said["amount"],
        purpose=said["purpose"],
        is_starter=said["is_starter"],
        now=timezone.now(),
    )


def _who(found: Grant, request: SignedInRequest) -> dict[str, Any]:
    return {"grant_id": found.pk, "actor": request.user, "now": timezone.now()}


#: What can be done with a grant: the form that it takes, the service, and what is said when it is done.
ACTS: dict[str, tuple[type[forms.Form], Act, Any]] = {
    "approve": (
        forms.Form,
        lambda found, request, said: grants.approve_grant(**_who(found, request)),
        gettext_lazy("Approved. Its money is set aside."),
    ),
    "evidence": (
        EvidenceForm,
        lambda found, request, said: grants.add_evidence(**_who(found, request), **said),
        gettext_lazy("Kept."),
    ),
    "pay": (
        PayForm,
        lambda found, request, said: grants.pay_grant(**_who(found, request), **said),
        gettext_lazy("Paid. The donors whose money it was have been told."),
    ),
    "report": (
        ReportForm,
        lambda found, request, said: grants.report_grant(**_who(found, request), **said),
        gettext_lazy("Thank you. Everybody can read it now."),
    ),
    "drop": (
        ReasonForm,
        lambda found, request, said: grants.drop_grant(**_who(found, request), **said),
        gettext_lazy("Given up. Its money is the programme's again."),
    ),
    "return": (
        ReasonForm,
        lambda found, request, said: grants.return_grant(**_who(found, request), **said),
        gettext_lazy("Noted. Its money is the programme's again."),
    ),
}
#: Which of them, at which state.
AT: dict[str, tuple[str, ...]] = {
    Grant.State.PREPARED: ("approve", "evidence", "drop"),
    Grant.State.APPROVED: ("evidence", "pay", "drop"),
    Grant.State.PAID: ("report", "evidence", "return"),
    Grant.State.REPORTED: ("evidence", "return"),
    Grant.State.RETURNED: (),
    Grant.State.DROPPED: (),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def grant(request: SignedInRequest, pk: int) -> HttpResponse:
    """A grant with what can be done at its state; a POST names the act."""
    people = ("programme", "payee__farmer", "prepared_by", "approved_by", "paid_by", "reported_by", "returned_by")
    found = get_object_or_404(Grant.objects.select_related(*people), pk=pk)
    act = request.POST.get("act", "")
    today = {"dated_on": timezone.localdate(), "paid_on": timezone.localdate()}
    shown = {name: ACTS[name][0](prefix=name, initial=today) for name in AT[found.state]}
    if request.method == "POST":
        if act not in ACTS:
            raise Http404
        form_class, do, done = ACTS[act]
        form = form_class(request.POST, request.FILES, prefix=act)
        if try_it(form, lambda: do(found, request, form.cleaned_data)):
            messages.success(request, done)
            return redirect("fund:grant", pk=found.pk)
        shown[act] = form
    context = {
        "grant": found,
        "forms": shown,
        "evidence": found.evidence.select_related("photo", "added_by", "decision"),
        "is_own": found.prepared_by_id == request.user.pk,
    }
    return render(request, "fund/grant.html", context, status=422 if request.method == "POST" else 200)


@never_cache
@require_safe
@fund_required
def evidence(request: SignedInRequest, pk: int) -> FileResponse:
    """A paper, for those who handle the fund; always as a download."""
    found = get_object_or_404(Evidence.objects.exclude(file=""), pk=pk)
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=found.original_name, content_type=found.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_safe
@moderator_required
def photo_queue(request: SignedInRequest) -> HttpResponse:
    """Photos of grants that no moderator has looked at, oldest first, without one's own."""
    return render(request, "fund/photo_queue.html", {"evidence": photos.to_decide(request.user)})


@require_POST
@moderator_required
def photo_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(photos.to_decide(request.user), pk=pk)
    is_shown = request.POST.get("verdict") == "show"
    try:
        photos.decide_photo(evidence_id=found.pk, moderator=request.user, is_shown=is_shown, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request, _("Everybody can see it now.") if is_shown else _("It stays with those who handle the fund.")
        )
    return redirect("fund:photo_queue")
