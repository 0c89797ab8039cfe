"""A farmer's appeal against a no, and the moderators' queue of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.forms.moderation import AppealDecisionForm, AppealForm
from marketplace.models import Appeal, ModerationDecision
from marketplace.queries.appeals import PAGE_SIZE, waiting_appeals
from marketplace.services import appeals
from marketplace.views.access import FarmerRequest, SignedInRequest, farmer_required, moderator_required


@require_http_methods(["GET", "POST"])
@farmer_required
def appeal_create(request: FarmerRequest, pk: int) -> HttpResponse:
    """Ask that another moderator looks again at a decision about one's own listing."""
    no = ModerationDecision.objects.exclude(verdict__in=["APPROVE", "RESTORE"]).select_related(
        "listing__produce", "revision__produce"
    )
    decision = get_object_or_404(no, pk=pk, listing__farmer=request.farmer)
    form = AppealForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            appeals.make_appeal(
                decision_id=pk, farmer=request.farmer, words=form.cleaned_data["words"], now=timezone.now()
            )
            messages.success(request, _("Sent. Another moderator looks at it, and we tell you."))
            return redirect("marketplace:listing_edit", decision.listing_id)
        except DomainError as error:
            show_refusal(form, error)
    context = {"decision": decision, "form": form}
    return render(request, "marketplace/sell/appeal.html", context, status=422 if form.errors else 200)


@require_GET
@moderator_required
def appeal_queue(request: SignedInRequest) -> HttpResponse:
    """What farmers appeal against, the oldest first."""
    return _show_queue(request)


@require_POST
@moderator_required
def appeal_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """It stands, or it was wrong; with an error the queue again, what was typed kept at that appeal."""
    get_object_or_404(Appeal, pk=pk)
    form = AppealDecisionForm(request.POST, auto_id=f"a{pk}_%s")
    if not form.is_valid():
        return _show_queue(request, pk, form, 422)
    sent = form.cleaned_data
    try:
        appeals.decide_appeal(
            appeal_id=pk, moderator=request.user, overturn=sent["overturn"], reason=sent["reason"], now=timezone.now()
        )
    except DomainError as error:
        show_refusal(form, error)
        return _show_queue(request, pk, form, 422 if error.field else 409)
    messages.success(request, _("Decided. The farmer has been told."))
    return redirect("marketplace:appeal_queue")


def _show_queue(
    request: SignedInRequest, pk: int = 0, form: AppealDecisionForm | None = None, status: int = 200
) -> HttpResponse:
    items = [
        {"appeal": each, "form": form if form and each.pk == pk else AppealDecisionForm(auto_id=f"a{each.pk}_%s")}
        for each in waiting_appeals()[:PAGE_SIZE]
    ]
    if form and all(item["form"] is not form for item in items):
        for error in form.non_field_errors():
            messages.error(request, str(error))
    return render(request, "marketplace/moderation/appeals.html", {"items": items}, status=status)
