"""The farmer's home: what to do today, what is on sale, what waits, what was sold."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from marketplace.models import Storefront
from marketplace.queries import selling
from marketplace.views.access import FarmerRequest, farmer_required
from orders import queries, sales
from orders.services import picking

PARCELS_SHOWN = 3


@require_GET
@farmer_required
def farmer_home(request: FarmerRequest) -> HttpResponse:
    """One page, the same number of queries however much there is."""
    now = timezone.now()
    farmer = request.farmer
    own = selling.own_listings(farmer)
    week, month = sales.sold_this_week_and_month(farmer, now)
    context = {
        "farmer": farmer,
        "now": now,
        "unseen": picking.unseen_list(farmer, now),
        "to_pack_count": queries.to_pack(farmer).count(),
        "to_pack": queries.to_pack(farmer)[:PARCELS_SHOWN],
        "claimed": queries.claimed(farmer),
        "week": week,
        "month": month,
        "own": own,
        "came_back": [each for each in own if each.came_back or each.is_taken_down],
        "unfinished": [each for each in own if each.is_unfinished],
        "waiting": [each for each in own if each.waits],
        "on_sale": [each for each in own if each.is_approved and not each.is_taken_down],
        "has_more": len(own) == selling.PAGE_SIZE,
        "last": selling.last_listing(farmer),
        "shop": Storefront.objects.filter(farmer=farmer).first(),
    }
    return render(request, "orders/farmer_home.html", context)
