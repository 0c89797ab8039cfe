"""The farmer's money: what is theirs, what is held until when, parcel by parcel."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketplace.views.access import FarmerRequest, farmer_required
from payments import earnings


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
    }
    return render(request, "payments/farm_money.html", context)
