"""Claims as the two sides see them: the buyer says what is wrong, the farmer answers, both follow how it stands."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import AuthedRequest
from common.errors import DomainError
from common.money import show_yuan
from marketplace.forms.fields import show_refusal
from marketplace.views.kept_photos import keep_for_next_try, sent_before
from orders import clock
from orders.clock import Event
from orders.models import Parcel
from payments import queries
from payments.errors import ClaimHasEnded, ClaimIsOpen, PaidAtOnceAlready
from payments.forms import AppealForm, ClaimForm, DisputeForm
from payments.models import Claim
from payments.services import claiming
from payments.services.appealing import appeal_claim, may_appeal


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def claim_create(request: AuthedRequest, number: str) -> HttpResponse:
    """The buyer's form. Too late, or told already: said so on the order's or the claim's page."""
    mine = Parcel.objects.filter(order__buyer=request.user).select_related("order", "farmer").prefetch_related("lines")
    parcel = get_object_or_404(mine, number=number)
    if request.method == "GET" and parcel.state == Parcel.State.CLAIMED:
        return redirect("payments:claim_detail", number=number)
    remaining_fen = parcel.total_fen - parcel.refunded_fen
    form = ClaimForm(
        request.POST or None, request.FILES or None, lines=list(parcel.lines.all()), all_of_it=show_yuan(remaining_fen)
    )
    if request.method == "POST" and form.is_valid():
        try:
            claim = _open(request, parcel, form)
        except (ClaimIsOpen, PaidAtOnceAlready) as error:
            messages.warning(request, error.message)
            return redirect("payments:claim_detail", number=number)
        except DomainError as error:
            show_refusal(form, error)
            return _show_form(request, parcel, form, 422 if error.field else 409)
        is_paid = claim.state == Claim.State.PAID
        said = _("That is small, so your money goes back at once.") if is_paid else _("We have told the farmer.")
        messages.success(request, said)
        return redirect("payments:claim_detail", number=number)
    return _show_form(request, parcel, form, 422 if form.errors else 200)


def _open(request: AuthedRequest, parcel: Parcel, form: ClaimForm) -> Claim:
    said = form.cleaned_data
    return claiming.open_claim(
        parcel_id=parcel.pk,
        buyer=request.user,
        kind=said["kind"],
        words=said["words"],
        asked_fen=said["amount"],
        counts=said["counts"],
        uploads=[*sent_before(request), *(said["photos"] or [])],
        now=timezone.now(),
    )


def _show_form(request: AuthedRequest, parcel: Parcel, form: ClaimForm, status: int) -> HttpResponse:
    kept = keep_for_next_try(request, sent_before(request), claiming.MAX_PHOTOS) if status != 200 else []
    is_possible = clock.possible(parcel, Event.CLAIM, clock.roles(parcel, request.user), timezone.now())
    context = {
        "parcel": parcel,
        "form": form,
        "is_possible": is_possible,
        "kept_photos": kept,
        "remaining_fen": parcel.total_fen - parcel.refunded_fen,
        "at_once_fen": settings.CLAIMS_AT_ONCE_FEN,
    }
    return render(request, "payments/claim_form.html", context, status=status)


@never_cache
@login_required
@require_GET
def claim_detail(request: AuthedRequest, number: str) -> HttpResponse:
    """A parcel's newest claim, for its buyer and its farmer; moderators are led to their own page of it."""
    claim = queries.claims_with_all().visible_to(request.user).filter(parcel__number=number).first()
    if claim is None:
        raise Http404
    if request.user.pk not in (claim.parcel.order.buyer_id, claim.parcel.farmer.user_id):
        return redirect("payments:claim_decide", pk=claim.pk)
    return _show(request, claim, DisputeForm())


def _show(
    request: AuthedRequest,
    claim: Claim,
    form: DisputeForm,
    status: int = 200,
    appeal_form: AppealForm | None = None,
) -> HttpResponse:
    now, parcel = timezone.now(), claim.parcel
    roles = clock.roles(parcel, request.user)
    may = {event for event in Event if clock.possible(parcel, event, roles, now)} if claim.is_open else set()
    context = {
        "claim": claim,
        "parcel": parcel,
        "form": form,
        "is_buyer": parcel.order.buyer_id == request.user.pk,
        "is_heard": claim.is_heard(now),
        "can_agree": Event.AGREE in may,
        "can_dispute": Event.DISPUTE in may and claim.answered_at is None,
        "can_accept": Event.ACCEPT in may and claim.offered_fen is not None,
        "can_withdraw": Event.WITHDRAW in may,
        "can_appeal": not claim.is_open and may_appeal(claim, request.user, now),
        "appeal_form": appeal_form or AppealForm(),
    }
    return render(request, "payments/claim_detail.html", context, status=status)


@require_POST
@login_required
def claim_agree(request: AuthedRequest, pk: int) -> HttpResponse:
    claim = get_object_or_404(Claim, pk=pk, parcel__farmer__user=request.user)
    return _act(
        request,
        claim,
        lambda: claiming.agree_to_claim(claim_id=pk, farmer=request.user, now=timezone.now()),
        _("Agreed. The buyer gets the money back and has been told."),
    )


@require_POST
@login_required
def claim_accept(request: AuthedRequest, pk: int) -> HttpResponse:
    claim = get_object_or_404(Claim, pk=pk, parcel__order__buyer=request.user)
    return _act(
        request,
        claim,
        lambda: claiming.accept_offer(claim_id=pk, buyer=request.user, now=timezone.now()),
        _("Agreed. The money goes back to where you paid from."),
    )


@require_POST
@login_required
def claim_withdraw(request: AuthedRequest, pk: int) -> HttpResponse:
    claim = get_object_or_404(Claim, pk=pk, parcel__order__buyer=request.user)
    return _act(
        request,
        claim,
        lambda: claiming.withdraw_claim(claim_id=pk, buyer=request.user, now=timezone.now()),
        _("Taken back. The farmer has been told."),
    )


def _act(request: AuthedRequest, claim: Claim, act: Callable[[], Claim], done: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("payments:claim_detail", number=claim.parcel.number)


@never_cache
@require_POST
@login_required
def claim_dispute(request: AuthedRequest, pk: int) -> HttpResponse:
    """The farmer's words; with an error the page again, what was typed kept."""
    claim = get_object_or_404(queries.claims_with_all().filter(parcel__farmer__user=request.user), pk=pk)
    form = DisputeForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            claiming.dispute_claim(
                claim_id=pk,
                farmer=request.user,
                words=said["answer"],
                offered_fen=said["offer"],
                now=timezone.now(),
            )
        except ClaimHasEnded as error:
            messages.error(request, error.message)
            return redirect("payments:claim_detail", number=claim.parcel.number)
        except DomainError as error:
            show_refusal(form, error)
            return _show(request, claim, form, 422 if error.field else 409)
        messages.success(request, _("Sent. The buyer has been told."))
        return redirect("payments:claim_detail", number=claim.parcel.number)
    return _show(request, claim, form, 422)


@never_cache
@require_POST
@login_required
def claim_appeal(request: AuthedRequest, pk: int) -> HttpResponse:
    """Either side's appeal; with an error the page again, what was typed kept."""
    mine = Q(parcel__order__buyer=request.user) | Q(parcel__farmer__user=request.user)
    claim = get_object_or_404(queries.claims_with_all().filter(mine), pk=pk)
    form = AppealForm(request.POST)
    if not form.is_valid():
        return _show(request, claim, DisputeForm(), 422, form)
    try:
        appeal_claim(claim_id=pk, person=request.user, words=form.cleaned_data["words"], now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Sent. Another moderator looks at it."))
    return redirect("payments:claim_detail", number=claim.parcel.number)


@login_required
@require_GET
def claim_photo(request: AuthedRequest, pk: int, width: int) -> FileResponse:
    """One clean copy, at least `width` px wide if there is one. For the two sides and moderators; never cached by others."""
    photo = get_object_or_404(queries.claim_photos(request.user), pk=pk).photo
    path = photo.path(photo.size_for(width))
    if not photo.storage.exists(path):
        raise Http404
    response = FileResponse(photo.storage.open(path), content_type="image/webp")
    response["Cache-Control"] = "private, max-age=3600"
    return response
