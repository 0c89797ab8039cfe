"""Payouts as finance staff see them: who waits, what is in a batch, what the bank says of each."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.views.access import SignedInRequest
from payments import payout_queries
from payments.forms import DropForm, ReturnForm
from payments.models import Payout, PayoutBatch
from payments.payout_files import bank_file
from payments.services import paying_out
from payments.views.access import finance_required

PAGE = 30


@never_cache
@require_GET
@finance_required
def payout_list(request: SignedInRequest) -> HttpResponse:
    """Who has money to be paid out, and the batches, newest first."""
    after = request.GET.get("after", "")
    batches = payout_queries.batches()
    if after.isascii() and after.isdecimal() and len(after) < 19:
        batches = batches.filter(pk__lt=int(after))
    found, waiting = list(batches[: PAGE + 1]), payout_queries.waiting()
    ready = [each for each in waiting if not each.hindrance]
    context = {
        "waiting": waiting[:PAGE],
        "more": max(len(waiting) - PAGE, 0),
        "ready": len(ready),
        "ready_fen": sum(each.fen for each in ready),
        "batches": found[:PAGE],
        "next_page": f"?after={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }
    return render(request, "payments/payout_list.html", context)


@require_POST
@finance_required
def payout_prepare(request: SignedInRequest) -> HttpResponse:
    try:
        batch = paying_out.prepare_batch(actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payments:payout_list")
    messages.success(request, _("Prepared. Now somebody else has to look at it and approve it."))
    return redirect("payments:payout_batch", pk=batch.pk)


@never_cache
@require_GET
@finance_required
def payout_batch(request: SignedInRequest, pk: int) -> HttpResponse:
    return _show(request, get_object_or_404(payout_queries.batches(), pk=pk), DropForm())


def _show(request: SignedInRequest, batch: PayoutBatch, form: DropForm, status: int = 200) -> HttpResponse:
    payouts, below = list(batch.payouts.select_related("farmer")), payout_queries.below_nothing(batch)
    context = {
        "batch": batch,
        "payouts": [(payout, below.get(payout.pk, 0)) for payout in payouts],
        "form": form,
        "is_own": batch.prepared_by_id == request.user.pk,
        "under_way": sum(payout.state == Payout.State.SENT for payout in payouts),
    }
    return render(request, "payments/payout_batch.html", context, status=status)


@require_POST
@finance_required
def payout_approve(request: SignedInRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        get_object_or_404(PayoutBatch, pk=pk),
        lambda: paying_out.approve_batch(batch_id=pk, actor=request.user, now=timezone.now()),
        _("Approved. It can go to the bank."),
    )


@never_cache
@require_POST
@finance_required
def payout_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    batch, form = get_object_or_404(payout_queries.batches(), pk=pk), DropForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        return _act(
            request,
            batch,
            lambda: paying_out.drop_batch(batch_id=pk, actor=request.user, reason=reason, now=timezone.now()),
            _("Given up. Its money is to be paid out again."),
        )
    return _show(request, batch, form, 422)


@never_cache
@require_POST
@finance_required
def payout_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """The bank's file; asking for it the first time is sending the batch."""
    batch = get_object_or_404(PayoutBatch, pk=pk)
    try:
        payouts = paying_out.send_batch(batch_id=pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("payments:payout_batch", pk=batch.pk)
    response = HttpResponse(bank_file(payouts), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="payouts-{batch.pk}.csv"'
    return response


@require_POST
@finance_required
def payout_confirm_rest(request: SignedInRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(PayoutBatch, pk=pk)
    try:
        count = paying_out.confirm_rest(batch_id=pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        said = ngettext("%(count)s payout is paid. The farmer has been told.",
                        "%(count)s payouts are paid. The farmers have been told.", count)  # fmt: skip
        messages.success(request, said % {"count": count})
    return redirect("payments:payout_batch", pk=batch.pk)


@require_POST
@finance_required
def payout_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    payout = get_object_or_404(Payout.objects.select_related("batch"), pk=pk)
    return _act(
        request,
        payout.batch,
        lambda: paying_out.confirm_payout(payout_id=pk, actor=request.user, now=timezone.now()),
        _("Paid. The farmer has been told."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@finance_required
def payout_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a payout is made of; the form says that it came back, and why."""
    payout = get_object_or_404(Payout.objects.select_related("farmer__county", "batch"), pk=pk)
    form = ReturnForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            paying_out.return_payout(payout_id=pk, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            show_refusal(form, error)
            status = 422 if error.field else 409
        else:
            messages.success(request, _("Noted. The farmer has been told; the money is to be paid out again."))
            return redirect("payments:payout_batch", pk=payout.batch_id)
    can_return = payout.state in (Payout.State.SENT, Payout.State.PAID)
    context = {"payout": payout, "lines": payout_queries.lines_of(payout), "form": form, "can_return": can_return}
    return render(request, "payments/payout_detail.html", context, status=status)


def _act(request: SignedInRequest, batch: PayoutBatch, act: Callable[[], object], done: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("payments:payout_batch", pk=batch.pk)
