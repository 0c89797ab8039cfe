"""{% postage_to listing %}: what it costs to have a listing sent, how long it takes, whether it arrives good."""

from typing import Any

from django import template
from django.db.models import Subquery
from django.utils import timezone

from marketplace.models import Listing, Lot
from orders import postage
from orders.models import PostageZone
from orders.provinces import chosen_province, set_chosen_province

register = template.Library()


@register.inclusion_tag("orders/_postage_to.html", takes_context=True)
def postage_to(context: template.Context, listing: Listing) -> dict[str, Any]:
    """Postage of one pack to the visitor's province, which they choose in a GET form; one query."""
    request = context["request"]
    zones = list(
        PostageZone.objects.filter(origin_id=listing.province_id)
        .select_related("rate", "destination")
        .annotate(picked_on=_first_picked_on(listing))
        .order_by("destination_id")
    )
    province = chosen_province(request)
    zone = next((zone for zone in zones if zone.destination_id == province), None)
    if zone and request.GET.get("province"):
        set_chosen_province(request, province)
    found: dict[str, Any] = {"listing": listing, "request": request, "zones": zones, "zone": zone, "province": province}
    if zone and listing.produce:
        cold = postage.needs_cold(listing.produce)
        found["journey"] = postage.quote(zone.rate, listing.pack_grams or 0, cold=cold)
        found["cold"] = cold
        found["verdict"] = postage.survival(
            keeps_days=listing.keeps_days or 0,
            picked_on=zone.picked_on,
            on=timezone.localdate(),
            journey=found["journey"],
        )
    return found


def _first_picked_on(listing: Listing) -> Any:
    """When what would be sent first was picked; None for presale."""
    lots = Lot.objects.open().with_some_left().filter(listing=listing).in_selling_order()
    return Subquery(lots.values("picked_on")[:1])
