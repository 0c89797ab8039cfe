"""The queue of those who verify farmers, a farmer's record, and the papers in it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.farmers import VerdictForm
from accounts.forms.payees import StopForm
from accounts.http import AuthedRequest
from accounts.models import Farmer, PayeeChange, VerificationDecision
from accounts.queries import farmers_to_look_at, may_verify, readable_papers
from accounts.services import acts, verification
from common.errors import DomainError, WrongState

PAGE = 30
DECIDE = {
    VerificationDecision.Verdict.VERIFY: verification.verify_farmer,
    VerificationDecision.Verdict.REFUSE: verification.refuse_farmer,
    VerificationDecision.Verdict.SUSPEND: verification.suspend_farmer,
}


@login_required
@require_safe
def verification_queue(request: AuthedRequest) -> HttpResponse:
    """Farmers to look at, oldest application first; `status` shows the others."""
    today = timezone.localdate()
    if not may_verify(request.user, today):
        raise Http404
    status = request.GET.get("status", Farmer.Status.WAITING)
    if status not in Farmer.Status.values:
        raise Http404
    farmers = list(farmers_to_look_at(request.user, today, status, _keys(request.GET.get("after", "")))[: PAGE + 1])
    next_page = ""
    if len(farmers) > PAGE:
        last = farmers[PAGE - 1]
        next_page = f"?{urlencode({'status': status, 'after': f'{last.applied_at.isoformat()}~{last.pk}'})}"
    context = {
        "farmers": farmers[:PAGE],
        "next_page": next_page,
        "status": status,
        "statuses": Farmer.Status.choices,
    }
    return render(request, "accounts/verification_queue.html", context)


def _keys(after: str) -> tuple[datetime, int] | None:
    """The last farmer's keys out of the pager's link; a link that makes no sense starts from the front."""
    text, _tilde, pk = after.partition("~")
    at = _time(text)
    return (at, int(pk)) if at and pk.isdecimal() and len(pk) < 19 else None


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification_decide(request: AuthedRequest, pk: int) -> HttpResponse:
    """A farmer's record with papers and former decisions; a POST decides."""
    theirs = Farmer.objects.decidable_by(request.user, timezone.localdate()).select_related("county__province", "user")
    farmer = get_object_or_404(theirs, pk=pk)
    form = VerdictForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _decide(request, farmer, form):
        messages.success(request, _("Decided, and %(farmer)s was told.") % {"farmer": farmer.name})
        return redirect("accounts:verification_queue")
    return record_page(request, farmer, form, StopForm(auto_id="stop_%s"))


def record_page(request: AuthedRequest, farmer: Farmer, form: VerdictForm, stop_form: StopForm) -> HttpResponse:
    """A farmer's record, as both of its forms come back to it."""
    is_wrong = bool(form.errors or stop_form.errors)
    context: dict[str, Any] = {
        "farmer": farmer,
        "form": form,
        "seen": farmer.applied_at.isoformat(),
        "verdicts": verification.verdicts_open(farmer),
        "documents": farmer.documents.order_by("pk"),
        "decisions": farmer.decisions.select_related("decided_by"),
        "back": reverse("accounts:verification_queue"),
        "change": farmer.payee_changes.filter(state=PayeeChange.State.WAITING).first(),
        "stop_form": stop_form,
    }
    return render(request, "accounts/verification_decide.html", context, status=422 if is_wrong else 200)


def _decide(request: AuthedRequest, farmer: Farmer, form: VerdictForm) -> bool:
    seen = _time(form.cleaned_data["seen"])
    if seen is None:
        form.add_error(None, WrongState().message)
        return False
    decide = DECIDE[VerificationDecision.Verdict(form.cleaned_data["verdict"])]
    try:
        decide(
            farmer_id=farmer.pk,
            decided_by=request.user,
            reason=form.cleaned_data["reason"],
            seen=seen,
            now=timezone.now(),
        )
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    return True


@login_required
@require_POST
def tie_declare(request: AuthedRequest, pk: int) -> HttpResponse:
    """A moderator says that this farmer is of their own people: someone else decides from now on."""
    if not request.user.is_moderator:
        raise Http404
    get_object_or_404(Farmer, pk=pk)
    acts.declare_tie(user=request.user, farmer_id=pk, note="", now=timezone.now())
    messages.success(request, _("Thank you for saying so. Someone else decides about them from now on."))
    return redirect("marketplace:moderation_queue")


@login_required
@require_safe
def farmer_document(request: AuthedRequest, pk: int) -> FileResponse:
    """A paper, for its farmer and for those who decide about them: as a download, never shown inside our pages."""
    document = get_object_or_404(readable_papers(request.user, timezone.localdate()), pk=pk)
    response = FileResponse(
        document.file.open("rb"), as_attachment=True, filename=document.original_name, content_type=document.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
