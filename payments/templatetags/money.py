"""What the farmer keeps of paid parcels, from the ledger: one query for a page, then one line for each parcel."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Farmer
from orders.models import Order, Parcel
from payments import earnings, on_delivery_queries
from payments.gateways import configured_names
from payments.gateways.direct import DIRECT, OFFLINE, ON_DELIVERY
from payments.gateways.offline.desk import in_force
from payments.models import Refund

register = template.Library()


@register.simple_tag
def kept_of(*parcels: Parcel) -> dict[int, int]:
    """What farmers keep of each line of these parcels (lines prefetched), by line, in fen."""
    return earnings.take_home([line.pk for parcel in parcels for line in parcel.lines.all()])


@register.simple_tag
def kept_of_all(views: Iterable[Any]) -> dict[int, int]:
    """The same for a list of orders.timeline.BuyersParcel."""
    return kept_of(*(view.parcel for view in views))


@register.simple_tag
def given_back_by_hand(order: Order) -> list[Refund]:
    """What a farmer gives or gave back of an order that was paid to them directly; nothing of other orders. 1 query."""
    by_hand = Refund.objects.filter(payment__order=order, payment__gateway__in=DIRECT)
    return list(by_hand.select_related("payment").order_by("pk"))


@register.simple_tag
def paid_directly(farmer_id: int) -> str:
    """Whether buyers of this farmer pay them with nobody in between: "only" so, "too" if they choose, else "".

    At most 1 query. Whoever can't be paid at all gets "" as well.
    """
    names, ways = configured_names(), Q()
    if OFFLINE in names:
        ways |= Q(Exists(in_force(timezone.now()).filter(farmer=OuterRef("pk"))))
    if ON_DELIVERY in names:
        ways |= Q(Exists(on_delivery_queries.in_force().filter(farmer=OuterRef("pk"))))
    if not ways or not Farmer.objects.filter(ways, pk=farmer_id).exists():
        return ""
    return "too" if set(names) - set(DIRECT) else "only"


@register.inclusion_tag("payments/_take_home.html")
def take_home(parcel: Parcel, kept: dict[int, int], own: bool = False) -> dict[str, Any]:
    """For the buyer or, with `own`, for the farmer; nothing while the parcel is unpaid."""
    lines = [(line, kept[line.pk]) for line in parcel.lines.all() if line.pk in kept]
    return {"own": own, "lines": lines, "kept_fen": sum(fen for _line, fen in lines) if lines else None}
