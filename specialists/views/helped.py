"""The farmer sees who may act for them and what was done, and takes it back; moderators look at signed papers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import AuthedRequest
from accounts.models import Consent, DelegatedAct, Farmer
from accounts.services import consents
from common.errors import DomainError
from marketplace.views.access import FarmerRequest, SignedInRequest, farmer_required, moderator_required
from specialists.forms import PaperDecisionForm
from specialists.services.acting import undo_act

SHOWN = 50


@require_GET
@farmer_required
def helped(request: FarmerRequest) -> HttpResponse:
    """Who may prepare things for this farmer, and what they did: each with both names and the way to take it back."""
    now = timezone.now()
    acts = DelegatedAct.objects.filter(farmer=request.farmer).select_related("specialist")[:SHOWN]
    context = {
        "farmer": request.farmer,
        "consents": Consent.objects.filter(farmer=request.farmer)
        .exclude(state=Consent.State.ENDED)
        .select_related("specialist"),
        "acts": [{"act": act, "can_undo": act.can_be_undone(now)} for act in acts],
    }
    return render(request, "specialists/helped.html", context)


@require_POST
@farmer_required
def act_undo(request: FarmerRequest, pk: int) -> HttpResponse:
    """Take back what was done, within a day."""
    get_object_or_404(DelegatedAct, pk=pk, farmer=request.farmer)
    try:
        undo_act(act_id=pk, farmer=request.farmer, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Undone."))
    return redirect("specialists:helped")


@require_POST
@login_required
def consent_end(request: AuthedRequest, pk: int) -> HttpResponse:
    """The farmer or the specialist ends it."""
    sides = Consent.objects.filter(Q(farmer__user=request.user) | Q(specialist=request.user))
    consent = get_object_or_404(sides.select_related("farmer"), pk=pk)
    try:
        consents.end_consent(consent_id=pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Ended. Nobody acts by it any more."))
    if consent.farmer.user_id == request.user.pk:
        return redirect("specialists:helped")
    return redirect("accounts:me")


@require_GET
@login_required
def paper(request: AuthedRequest, pk: int) -> FileResponse:
    """A signed paper, for its farmer and the moderators: as a download, never shown inside our pages."""
    theirs = Consent.objects.filter(way=Consent.Way.PAPER)
    if not request.user.is_moderator:
        theirs = theirs.filter(farmer__user=request.user)
    consent = get_object_or_404(theirs, pk=pk)
    name = f"consent-{consent.pk}.{(consent.paper.name or '').rpartition('.')[2]}"
    response = FileResponse(
        consent.paper.open("rb"), as_attachment=True, filename=name, content_type=consent.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@moderator_required
def paper_queue(request: SignedInRequest) -> HttpResponse:
    """Papers nobody has looked at, oldest first, and those that stand, for moderators to end one that was wrong."""
    theirs = Farmer.objects.decidable_by(request.user, timezone.localdate())
    papers = Consent.objects.filter(way=Consent.Way.PAPER, farmer__in=theirs).exclude(specialist=request.user)
    papers = papers.select_related("farmer__county", "farmer__user", "specialist").order_by("pk")
    context = {
        "waiting": papers.filter(state=Consent.State.WAITING)[:SHOWN],
        "standing": papers.filter(state=Consent.State.STANDS).order_by("-pk")[:SHOWN],
    }
    return render(request, "specialists/paper_queue.html", context)


@require_POST
@moderator_required
def paper_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """It stands, or it ends with a reason."""
    theirs = Farmer.objects.decidable_by(request.user, timezone.localdate())
    get_object_or_404(Consent, pk=pk, way=Consent.Way.PAPER, farmer__in=theirs)
    form = PaperDecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a reason, in up to 500 letters."))
        return redirect("specialists:paper_queue")
    try:
        if form.cleaned_data["decision"] == "accept":
            consents.accept_paper(consent_id=pk, moderator=request.user, now=timezone.now())
        else:
            reason = form.cleaned_data["reason"]
            consents.end_consent(consent_id=pk, actor=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Decided."))
    return redirect("specialists:paper_queue")
