"""The fund's desk: what waits for whom, programmes, payees, and where the sales' share goes."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from fund import queries
from fund.access import fund_required
from fund.forms import AllotmentForm, PayeeForm, ProgrammeChangeForm, ProgrammeForm, ReasonForm
from fund.models import Allotment, GiftReturn, Payee, Programme
from fund.services import giving, grants, programmes
from marketplace.forms.fields import show_refusal
from marketplace.views.access import SignedInRequest
from payments.models import Gift


@never_cache
@require_safe
@fund_required
def desk(request: SignedInRequest) -> HttpResponse:
    """What waits: for a second person, to be paid, to be reported on; and what there is to decide about."""
    return render(request, "fund/desk.html", queries.desk(request.user))


def try_it(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether it went through; a refusal stands beside the field that it is about."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as error:
        show_refusal(form, error)
        return False
    return True


def form_page(request: SignedInRequest, form: forms.Form, title: str, button: str, **context: Any) -> HttpResponse:
    """A page of one form, 422 where something in it is wrong."""
    context |= {"form": form, "title": title, "button": button}
    return render(request, "fund/form.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def programme_open(request: SignedInRequest) -> HttpResponse:
    form = ProgrammeForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and try_it(form, lambda: _open(request, dict(form.cleaned_data))):
        messages.success(request, _("The programme is open."))
        return redirect("fund:programme", slug=form.cleaned_data["slug"])
    return form_page(request, form, _("A new programme"), _("Open it"))


def _open(request: SignedInRequest, said: dict[str, Any]) -> Programme:
    county, target = said.pop("county"), said.pop("target")
    county_id = county.pk if county else None
    return programmes.open_programme(
        actor=request.user, county_id=county_id, target_fen=target or None, now=timezone.now(), **said
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def programme_change(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Programme, pk=pk)
    target = f"{found.target_fen / 100:.2f}" if found.target_fen else ""
    form = ProgrammeChangeForm(
        request.POST or None,
        initial={"owner": found.owner_id, "is_open": found.is_open, "target": target, "ends_on": found.ends_on},
    )
    if request.method == "POST" and try_it(
        form,
        lambda: programmes.change_programme(
            programme_id=found.pk,
            actor=request.user,
            owner_id=form.cleaned_data["owner"].pk,
            is_open=form.cleaned_data["is_open"],
            target_fen=form.cleaned_data["target"] or None,
            ends_on=form.cleaned_data["ends_on"],
            now=timezone.now(),
        ),
    ):
        messages.success(request, _("Saved."))
        return redirect("fund:programme", slug=found.slug)
    return form_page(request, form, found.local_name, _("Save"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def payee_add(request: SignedInRequest) -> HttpResponse:
    form = PayeeForm(request.POST or None)
    if request.method == "POST" and try_it(
        form, lambda: grants.add_payee(actor=request.user, now=timezone.now(), **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return redirect("fund:desk")
    return form_page(request, form, _("A new payee"), _("Save"))


@require_POST
@fund_required
def payee_close(request: SignedInRequest, pk: int) -> HttpResponse:
    payee = get_object_or_404(Payee, pk=pk)
    grants.close_payee(payee_id=payee.pk, actor=request.user, now=timezone.now())
    messages.success(request, _("Closed: no new grants go there."))
    return redirect("fund:desk")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def allotment_prepare(request: SignedInRequest) -> HttpResponse:
    form = AllotmentForm(request.POST or None)
    if request.method == "POST" and try_it(form, lambda: _allot(request, form.cleaned_data)):
        messages.success(request, _("Prepared. Now somebody else has to look at it and approve it."))
        return redirect("fund:desk")
    return form_page(request, form, _("Give money a purpose"), _("Prepare it"), pool_fen=queries.pool_fen())


def _allot(request: SignedInRequest, said: dict[str, Any]) -> Allotment:
    return programmes.prepare_allotment(
        actor=request.user,
        from_area=said["source"] == AllotmentForm.AREA,
        area=said["area"],
        amount_fen=said["amount"],
        reason=said["reason"],
        programme_id=said["programme"].pk if said["programme"] else None,
        now=timezone.now(),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def allotment(request: SignedInRequest, pk: int) -> HttpResponse:
    """One that waits: a second person approves it, or anybody gives it up."""
    found = get_object_or_404(Allotment.objects.select_related("to_programme", "prepared_by", "approved_by"), pk=pk)
    return _decide(
        request,
        found,
        "fund/allotment.html",
        approve=lambda: programmes.approve_allotment(allotment_id=pk, actor=request.user, now=timezone.now()),
        drop=lambda reason: programmes.drop_allotment(
            allotment_id=pk, actor=request.user, reason=reason, now=timezone.now()
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def gift_desk(request: SignedInRequest, pk: int) -> HttpResponse:
    """A gift, as the desk sees it: what is left of it may be given back, by two people."""
    found = get_object_or_404(Gift.objects.select_related("account__programme", "donation"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and try_it(
        form,
        lambda: giving.prepare_return(gift_id=pk, actor=request.user, now=timezone.now(), **form.cleaned_data),
    ):
        messages.success(request, _("Prepared. Now somebody else has to look at it and approve it."))
        return redirect("fund:gift_desk", pk=pk)
    context = {"gift": found, "given": queries.given_as(found), "returns": found.returns.all(), "form": form}
    return render(request, "fund/gift_desk.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@fund_required
def gift_return(request: SignedInRequest, pk: int) -> HttpResponse:
    """One that waits: a second person approves it, or anybody gives it up."""
    found = get_object_or_404(GiftReturn.objects.select_related("gift__account__programme", "prepared_by"), pk=pk)
    return _decide(
        request,
        found,
        "fund/gift_return.html",
        approve=lambda: giving.approve_return(return_id=pk, actor=request.user, now=timezone.now()),
        drop=lambda reason: giving.drop_return(return_id=pk, actor=request.user, reason=reason, now=timezone.now()),
    )


def _decide(
    request: SignedInRequest,
    found: Allotment | GiftReturn,
    template: str,
    *,
    approve: Callable[[], object],
    drop: Callable[[str], object],
) -> HttpResponse:
    form = ReasonForm(request.POST if request.POST.get("act") == "drop" else None)
    if request.method == "POST":
        if form.is_bound:
            if try_it(form, lambda: drop(form.cleaned_data["reason"])):
                messages.success(request, _("Given up."))
                return redirect("fund:desk")
        else:
            try:
                approve()
            except DomainError as error:
                messages.error(request, error.message)
                return redirect(request.path)
            messages.success(request, _("Approved."))
            return redirect("fund:desk")
    context = {"found": found, "form": form, "is_own": found.prepared_by_id == request.user.pk}
    return render(request, template, context, status=422 if form.errors else 200)
