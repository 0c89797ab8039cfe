"""The books, for finance staff: where the money is, what needs a look, and the entries behind every figure."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from common.errors import DomainError
from marketplace.forms.fields import show_refusal
from marketplace.views.access import SignedInRequest
from payments import finance, payout_queries
from payments.forms import ReasonForm
from payments.models import Entry
from payments.services.booking import reverse_entry
from payments.views.access import finance_required

PAGE = 30
FILTERS = ("kind", "age", "ref")


@never_cache
@require_GET
@finance_required
def overview(request: SignedInRequest) -> HttpResponse:
    """All figures on one page; each opens to what it is made of."""
    now = timezone.now()
    waiting = payout_queries.waiting()
    context = {
        "balances": finance.balances(),
        "total": finance.total(),
        "ages": finance.held_by_age(now),
        "to_look_at": [figure.for_reader(request.user) for figure in finance.to_look_at(now)],
        "ready_fen": sum(each.fen for each in waiting if not each.hindrance),
        "blocked_fen": sum(each.fen for each in waiting if each.hindrance in ("STATUS", "PAYEE", "UNDER_WAY")),
        "below_fen": sum(each.fen for each in waiting if each.fen < 0),
    }
    return render(request, "payments/finance.html", context)


@never_cache
@require_GET
@finance_required
def entry_list(request: SignedInRequest) -> HttpResponse:
    """Journal entries, newest first, narrowed down as the figure that led here says."""
    wanted = {name: request.GET.get(name, "").strip()[:60] for name in FILTERS}
    found = finance.entries({name: value for name, value in wanted.items() if "\0" not in value}, timezone.now())
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) < 19:
        found = found.filter(pk__lt=int(after))
    page = list(found[: PAGE + 1])
    next_page = ""
    if len(page) > PAGE:
        kept = {name: value for name, value in wanted.items() if value} | {"after": str(page[PAGE - 1].pk)}
        next_page = f"?{urlencode(kept)}"
    context = {"entries": page[:PAGE], "next_page": next_page, **wanted}
    return render(request, "payments/entry_list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@finance_required
def entry_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One entry with its legs; an administrator can undo it, with a reason, by its mirror image."""
    entry = get_object_or_404(finance.entries({}, timezone.now()), pk=pk)
    form = ReasonForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            undoing = reverse_entry(
                entry_id=pk, actor=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except DomainError as error:
            show_refusal(form, error)
            status = 422 if error.field else 409
        else:
            messages.success(request, _("Undone. Both entries stay in the books."))
            return redirect("payments:entry_detail", pk=undoing.pk)
    context = {
        "entry": entry,
        "form": form,
        "reversed_by": Entry.objects.filter(reverses=entry).first(),
        "can_reverse": finance.may_reverse(request.user, entry),
    }
    return render(request, "payments/entry_detail.html", context, status=status)
