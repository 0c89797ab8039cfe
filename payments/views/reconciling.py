"""Where a provider's statement and our books differ, as finance staff see it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.views.access import SignedInRequest
from payments.forms import CloseForm
from payments.models import Difference, Statement
from payments.services import reconciling
from payments.views.access import finance_required

PAGE = 30
DAYS = 14


@never_cache
@require_http_methods(["GET", "POST"])
@finance_required
def difference_list(request: SignedInRequest) -> HttpResponse:
    """Open ones first seen first, the last that were closed, and which days were compared; POST closes one."""
    form = CloseForm(request.POST or None)
    status, wrong = 200, 0
    if request.method == "POST":
        status = 422
        if form.is_valid():
            difference = get_object_or_404(Difference, pk=form.cleaned_data["difference"])
            try:
                reconciling.close_difference(
                    difference_id=difference.pk,
                    actor=request.user,
                    reason=form.cleaned_data["reason"],
                    now=timezone.now(),
                )
            except DomainError as error:
                show_refusal(form, error)
                status = 422 if error.field else 409
            else:
                messages.success(request, _("Closed. Your reason stays on record."))
                return redirect("payments:difference_list")
        wrong = form.data.get("difference", "")
    found = list(Difference.objects.filter(closed_at=None)[: PAGE + 1])
    context = {
        "differences": found[:PAGE],
        "has_more": len(found) > PAGE,
        "closed": Difference.objects.exclude(closed_at=None).select_related("closed_by").order_by("-closed_at")[:PAGE],
        "unread": reconciling.unread_days(timezone.now()),
        "statements": Statement.objects.all()[:DAYS],
        "form": form,
        "wrong": wrong,
    }
    return render(request, "payments/difference_list.html", context, status=status)
