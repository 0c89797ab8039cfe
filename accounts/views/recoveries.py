"""Lost numbers: asking for another one, the moderators' list, the second person's page, and stopping one's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms.recoveries import DropForm, FindAndRecoverForm, RecoveryForm
from accounts.http import AuthedRequest
from accounts.models import Farmer, NumberRecovery, User
from accounts.services import recoveries
from common.errors import DomainError
from common.signing import State

ENDED_SHOWN = 30


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_queue(request: AuthedRequest) -> HttpResponse:
    """What waits for a second person, what ended lately, and the form to ask for anybody."""
    if not recoveries.may_approve(request.user):
        raise Http404
    form = FindAndRecoverForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.person and (asked := _ask(request, form, form.person)):
        return redirect("accounts:recovery_detail", pk=asked.pk)
    found = NumberRecovery.objects.select_related("user__farmer__county", "prepared_by")
    context = {
        "form": form,
        "waiting": found.filter(state=State.PREPARED).order_by("prepared_at"),
        "ended": found.exclude(state=State.PREPARED)[:ENDED_SHOWN],
        "now": timezone.now(),
    }
    return render(request, "accounts/recovery_queue.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_ask(request: AuthedRequest, pk: int) -> HttpResponse:
    """For a farmer, by those who decide about them; where one waits, its page."""
    theirs = Farmer.objects.decidable_by(request.user, timezone.localdate()).select_related("user", "county")
    farmer = get_object_or_404(theirs, pk=pk)
    waiting = farmer.user.recoveries.filter(state=State.PREPARED).first()
    if waiting and request.method != "POST":
        return redirect("accounts:recovery_detail", pk=waiting.pk)
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (asked := _ask(request, form, farmer.user)):
        return redirect("accounts:recovery_detail", pk=asked.pk)
    context = {"form": form, "farmer": farmer}
    return render(request, "accounts/recovery_ask.html", context, status=422 if form.errors else 200)


def _ask(request: AuthedRequest, form: RecoveryForm, person: User) -> NumberRecovery | None:
    said = {name: form.cleaned_data[name] for name in ("phone", "reason", "proof")}
    try:
        asked = recoveries.ask_recovery(user_id=person.pk, by=request.user, now=timezone.now(), **said)
    except DomainError as error:
        form.add_error(error.field, error.message)
        return None
    messages.success(request, _("Asked for, and the old number was told. Now somebody else has to approve it."))
    return asked


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """What is asked, by whom and on what ground; a second person approves it, either gives it up."""
    recovery = get_object_or_404(_visible_to(request.user), pk=pk)
    act, form = request.POST.get("act"), DropForm()
    if request.method == "POST":
        form = DropForm(request.POST)
        if act == "approve" and _approve(request, recovery):
            return redirect("accounts:recovery_queue")
        if act == "drop" and form.is_valid() and _drop(request, recovery, form):
            return redirect("accounts:recovery_detail", pk=pk)
    context: dict[str, Any] = {
        "found": recovery,
        "farmer": Farmer.objects.filter(user=recovery.user).select_related("county__province").first(),
        "form": form if act == "drop" else DropForm(),
        "is_own": recovery.prepared_by_id == request.user.pk,
        "may_approve": recoveries.may_approve(request.user),
        "is_early": timezone.now() < recovery.not_before,
    }
    return render(request, "accounts/recovery_detail.html", context, status=422 if request.method == "POST" else 200)


def _visible_to(user: User) -> QuerySet[NumberRecovery]:
    """Those of others: all for who may approve, one's own wishes for a specialist."""
    found = NumberRecovery.objects.select_related("user", "prepared_by", "approved_by", "dropped_by").exclude(user=user)
    theirs = Farmer.objects.decidable_by(user, timezone.localdate())
    return found if recoveries.may_approve(user) else found.filter(prepared_by=user, user__farmer__in=theirs)


def _approve(request: AuthedRequest, recovery: NumberRecovery) -> bool:
    try:
        recoveries.approve_recovery(recovery_id=recovery.pk, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return False
    messages.success(request, _("Done. From now on they sign in with a code to the new number."))
    return True


def _drop(request: AuthedRequest, recovery: NumberRecovery, form: DropForm) -> bool:
    reason = form.cleaned_data["reason"]
    try:
        recoveries.drop_recovery(recovery_id=recovery.pk, actor=request.user, reason=reason, now=timezone.now())
    except DomainError as error:
        form.add_error(error.field, error.message)
        return False
    messages.success(request, _("Given up. Nothing has changed for them."))
    return True


@login_required
@require_POST
def recovery_stop(request: AuthedRequest) -> HttpResponse:
    """The person has their number still: nothing changes."""
    for waiting in request.user.recoveries.filter(state=State.PREPARED):
        try:
            recoveries.drop_recovery(recovery_id=waiting.pk, actor=request.user, now=timezone.now())
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Stopped. You sign in with your number as before."))
    return redirect("accounts:me")
