"""Reads for rooms that are on: what was bought, and whether a table looks otherwise than before."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Max
from django.template.loader import render_to_string

from live.models import Pin, TableItem
from marketplace.models import Listing, Produce
from orders.models import OrderLine, Parcel

NOT_PAID = [Parcel.State.PLACED, Parcel.State.RELEASED, Parcel.State.CANCELLED]


@dataclass(frozen=True)
class Bought:
    """Boxes that somebody has paid for at the live price. Of the name nothing but its first character."""

    pk: int
    broadcast_id: int
    initial: str
    packs: int
    produce: Produce | None


def bought_in(broadcast_ids: Iterable[int], known: Collection[int]) -> list[Bought]:
    """What was paid for in these broadcasts, without the order lines that are `known`, in the order of placing."""
    lines = OrderLine.objects.filter(
        offer__table_item__broadcast__in=list(broadcast_ids), parcel__order__paid_at__isnull=False
    ).exclude(parcel__state__in=NOT_PAID)
    wanted = set(lines.values_list("pk", flat=True)) - set(known)
    if not wanted:
        return []
    found = OrderLine.objects.filter(pk__in=wanted).select_related("listing__produce", "parcel__order__buyer")
    return [
        Bought(line.pk, line.room, line.parcel.order.buyer.name[:1], line.packs, line.listing.produce)
        for line in found.annotate(room=F("offer__table_item__broadcast_id")).order_by("pk")
    ]


def looks_of_tables(broadcast_ids: Iterable[int], now: datetime) -> dict[int, Any]:
    """What decides how each table looks; 3 queries. Compare it with what it was."""
    ids = list(broadcast_ids)
    items = TableItem.objects.filter(broadcast__in=ids).select_related("offer__lot", "listing").order_by("pk")
    needed = [f"offer__{name}" for name in ("left", "opens_at", "closes_at", "closed_at", "lot__closed_at")]
    found = list(items.only("broadcast_id", "listing__status", "listing__price_fen", *needed))
    stocked = Listing.objects.with_stock().filter(pk__in=[item.listing_id for item in found]).only("pk")
    left: dict[int, int] = {listing.pk: listing.left for listing in stocked}  # type: ignore[attr-defined]
    pins = dict(Pin.objects.filter(broadcast__in=ids).values_list("broadcast").annotate(Max("pk")).order_by())
    looks: dict[int, list[Any]] = {pk: [pins.get(pk)] for pk in ids}
    for item in found:
        offer, listing = item.offer, item.listing
        stands = offer.stands(now) and offer.lot.closed_at is None
        looks[item.broadcast_id] += [
            (item.pk, stands, offer.left, listing.status, listing.price_fen, left.get(listing.pk))
        ]
    return looks


def bought_line(bought: Bought) -> str:
    """That somebody has bought, as HTML."""
    return render_to_string("live/_just_bought.html", {"line": bought})
