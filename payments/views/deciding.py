"""The moderators' desk of claims: what the two sides could not settle between them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common.errors import DomainError
from common.money import show_yuan
from marketplace.forms.fields import show_refusal
from marketplace.views.access import SignedInRequest, moderator_required
from payments import queries
from payments.errors import AppealDecidedAlready, ClaimHasEnded
from payments.forms import DecideAppealForm, DecideForm
from payments.models import Claim
from payments.services import claiming
from payments.services.appealing import decide_claim_appeal, most_more

PAGE = 30


@never_cache
@require_GET
@moderator_required
def claim_queue(request: SignedInRequest) -> HttpResponse:
    """Those that wait for a moderator, oldest first; not those about oneself."""
    now = timezone.now()
    waiting = list(queries.claims_to_decide(request.user, now)[: PAGE + 1])
    appeals = queries.claim_appeals_to_decide(request.user)[:PAGE]
    context = {"claims": waiting[:PAGE], "has_more": len(waiting) > PAGE, "now": now, "appeals": appeals}
    return render(request, "payments/claim_queue.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@moderator_required
def claim_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Both sides on one page, and what to do about it."""
    claim = get_object_or_404(queries.claims_with_all(), pk=pk)
    if getattr(claim, "appeal", None):
        return _decide_appeal(request, claim)
    form = DecideForm(request.POST or None, asked_fen=claim.asked_fen, asked=show_yuan(claim.asked_fen))
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            claiming.decide_claim(
                claim_id=pk,
                moderator=request.user,
                back_fen=form.cleaned_data["back_fen"],
                reason=form.cleaned_data["reason"],
                cause=form.cleaned_data["cause"],
                now=timezone.now(),
            )
        except ClaimHasEnded as error:
            messages.error(request, error.message)
            return redirect("payments:claim_decide", pk=pk)
        except DomainError as error:
            show_refusal(form, error)
            status = 422 if error.field else 409
        else:
            messages.success(request, _("Decided. Buyer and farmer have been told."))
            return redirect("payments:claim_queue")
    return _show(request, claim, form, status)


def _decide_appeal(request: SignedInRequest, claim: Claim) -> HttpResponse:
    """The same page once more, for another moderator, and for good."""
    most_fen = most_more(claim)
    form = DecideAppealForm(request.POST or None, asked_fen=most_fen, asked=show_yuan(most_fen))
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            decide_claim_appeal(
                claim_id=claim.pk,
                moderator=request.user,
                more_fen=form.cleaned_data["back_fen"],
                cause=form.cleaned_data["cause"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except AppealDecidedAlready as error:
            messages.error(request, error.message)
            return redirect("payments:claim_decide", pk=claim.pk)
        except DomainError as error:
            show_refusal(form, error)
            status = 422 if error.field else 409
        else:
            messages.success(request, _("Decided. Buyer and farmer have been told."))
            return redirect("payments:claim_queue")
    return _show(request, claim, form, status)


def _show(request: SignedInRequest, claim: Claim, form: DecideForm, status: int) -> HttpResponse:
    parcel = claim.parcel
    is_own = request.user.pk in (parcel.order.buyer_id, parcel.farmer.user_id)
    is_heard = claim.is_heard(timezone.now())
    appeal = getattr(claim, "appeal", None)
    can_decide_appeal = bool(appeal and appeal.is_waiting) and not is_own and claim.decided_by_id != request.user.pk
    context = {
        "claim": claim,
        "parcel": parcel,
        "form": form,
        "is_own": is_own,
        "is_heard": is_heard,
        "can_decide": claim.is_open and is_heard and not is_own,
        "can_decide_appeal": can_decide_appeal,
        "record": queries.claim_record(parcel, timezone.now()),
    }
    return render(request, "payments/claim_decide.html", context, status=status)
