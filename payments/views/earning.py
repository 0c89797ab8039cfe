"""The farmer's money: what is theirs, what is held until when, parcel by parcel."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketplace.views.access import FarmerRequest, farmer_required
from payments import earnings, offline_queries, on_delivery_queries, statements
from payments.gateways import configured_names
from payments.gateways.offline import NAME as OFFLINE
from payments.models import Payout
from payments.services import offline

NEWEST = 12
FIRST_YEAR, LAST_YEAR = 2020, 2100


@never_cache
@require_GET
@farmer_required
def farm_money(request: FarmerRequest) -> HttpResponse:
    """Newest parcels first; the same number of queries however many there are."""
    after = request.GET.get("after", "")
    found = earnings.parcels_of(request.farmer, before=int(after) if after.isdecimal() and len(after) < 19 else None)
    page = found[: earnings.PAGE_SIZE]
    context = {
        "money": earnings.money_of(request.farmer),
        "parcels": page,
        "next_page": f"?after={page[-1].parcel.pk}" if len(found) > len(page) else "",
        "farmer": request.farmer,
        "said": offline_queries.waiting_for_word(request.farmer, timezone.now())[:NEWEST],
        "to_return": offline.to_return(request.user)[:NEWEST],
        "may_direct": OFFLINE in configured_names(),
        "may_on_delivery": on_delivery_queries.is_set_up(),
        "unpaid": on_delivery_queries.waiting_for_money(request.farmer)[:NEWEST],
        "long_ago": timezone.now() - settings.ON_DELIVERY_UNPAID_AFTER,
        "payouts": Payout.objects.filter(farmer=request.farmer)
        .exclude(state=Payout.State.DROPPED)
        .order_by("-pk")[:NEWEST],
        "today": timezone.localdate(),
        "last_month": timezone.localdate().replace(day=1) - timedelta(days=1),
    }
    return render(request, "payments/farm_money.html", context)


@never_cache
@require_GET
@farmer_required
def farm_statement(request: FarmerRequest, year: int, month: int) -> HttpResponse:
    """One's own statement of a month, as CSV."""
    _check_month(year, month)
    file = statements.as_csv(statements.statement_of(request.farmer, year, month))
    return _download(file, "text/csv; charset=utf-8", f"chushan-{year}-{month:02d}.csv")


@never_cache
@require_GET
@farmer_required
def farm_statement_pdf(request: FarmerRequest, year: int, month: int) -> HttpResponse:
    """The same, as PDF."""
    from payments import statement_pdf  # what draws is slow to load, and most processes never draw

    _check_month(year, month)
    statement = statements.statement_of(request.farmer, year, month)
    file = statement_pdf.as_pdf(statement, request.farmer, year, month)
    return _download(file, "application/pdf", f"chushan-{year}-{month:02d}.pdf")


def _check_month(year: int, month: int) -> None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise Http404


def _download(file: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(file, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
