"""Reads of broadcasts that are more than a get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch, QuerySet, Sum

from accounts.models import Farmer, User
from live.models import Broadcast, Pin, TableItem
from marketplace.models import Listing, Lot
from orders.models import Order, OrderLine, Parcel

STOPPED = Broadcast.Status.STOPPED


@dataclass(frozen=True)
class Place:
    """One thing on the table, as it is now. `price_fen` holds now; `left` is how many there are at that price."""

    item: TableItem
    is_pinned: bool
    is_live_price: bool
    price_fen: int
    left: int

    @property
    def listing(self) -> Listing:
        return self.item.listing

    @property
    def usual_fen(self) -> int:
        return self.item.listing.price_fen or 0


def items_shown() -> QuerySet[TableItem]:
    """Things on tables with what a row of them shows."""
    return TableItem.objects.select_related("listing__produce", "listing__cover", "listing__county", "offer__lot")


def items_on_sale() -> QuerySet[TableItem]:
    """The same without listings that a moderator took down or the farmer took off in the meantime."""
    return items_shown().filter(listing__status=Listing.Status.LIVE)


def with_farmer() -> QuerySet[Broadcast]:
    return Broadcast.objects.select_related("farmer__county__province", "farmer__storefront", "farmer__user")


def listed(broadcasts: QuerySet[Broadcast], most: int) -> list[Broadcast]:
    """The first of these with their farmers and what buyers may see of their tables; two queries."""
    found = broadcasts.select_related("farmer__county__province", "farmer__storefront")
    return list(found.prefetch_related(Prefetch("items", items_on_sale()))[:most])


def table_of(broadcast: Broadcast, now: datetime) -> list[Place]:
    """What lies on the table, the pinned thing first; 3 queries. Nothing that buyers may not see (any more)."""
    items = list(items_on_sale().filter(broadcast=broadcast))
    stocked = Listing.objects.with_stock().filter(pk__in=[item.listing_id for item in items]).only("pk")
    left: dict[int, int] = {listing.pk: listing.left for listing in stocked}  # type: ignore[attr-defined]
    pinned = Pin.objects.filter(broadcast=broadcast).order_by("-pinned_at", "-pk").values_list("item_id", flat=True)[:1]
    pinned_id = next(iter(pinned), None) if broadcast.status == Broadcast.Status.LIVE else None
    places = [_place(item, pinned_id, left.get(item.listing_id, 0), now) for item in items]
    return sorted(places, key=lambda place: not place.is_pinned)


def _place(item: TableItem, pinned_id: int | None, left: int, now: datetime) -> Place:
    offer, usual = item.offer, item.listing.price_fen or 0
    stands = offer.stands(now) and offer.left > 0 and offer.lot.closed_at is None
    return Place(
        item=item,
        is_pinned=item.pk == pinned_id,
        is_live_price=stands,
        price_fen=min(offer.price_fen, usual) if stands else usual,
        left=offer.left if stands else left,
    )


def chapters(broadcast: Broadcast) -> list[Pin]:
    """Where in the recording each thing was spoken of, in order. 1 query."""
    pins = broadcast.pins.filter(at_ms__isnull=False).select_related("item__listing__produce")
    return list(pins.order_by("at_ms", "pk"))


def to_pay(broadcast: Broadcast, user: User, now: datetime) -> Order | None:
    """The newest order that this person placed at this broadcast's prices and can still pay. 1 query."""
    unpaid = Order.objects.filter(buyer=user, status=Order.Status.UNPAID, pay_by__gt=now)
    return unpaid.filter(parcels__lines__offer__table_item__broadcast=broadcast).order_by("-pk").first()


def sold_in(broadcast: Broadcast) -> dict[str, int]:
    """Boxes paid for at the live price and what they came to in fen, without what was cancelled; and those unpaid yet."""
    lines = OrderLine.objects.filter(offer__table_item__broadcast=broadcast)
    gone = [Parcel.State.PLACED, Parcel.State.RELEASED, Parcel.State.CANCELLED]
    kept = lines.filter(parcel__order__paid_at__isnull=False).exclude(parcel__state__in=gone)
    paid = kept.aggregate(packs=Sum("packs"), fen=Sum("total_fen"))
    waiting = lines.filter(parcel__state=Parcel.State.PLACED).aggregate(packs=Sum("packs"))
    return {"packs": paid["packs"] or 0, "fen": paid["fen"] or 0, "waiting": waiting["packs"] or 0}


def could_lie_on_table(farmer: Farmer, most: int = 30) -> Sequence[Listing]:
    """The farmer's listings on sale with stock in one lot, each with `best`: the most that one lot has. 2 queries."""
    lots = Prefetch("lots", Lot.objects.open().with_some_left(), to_attr="lots_left")
    listings = Listing.objects.shown().filter(farmer=farmer).select_related("produce", "cover")
    found = []
    for listing in listings.prefetch_related(lots).order_by("-live_since", "-pk")[:most]:
        best = max((lot.left for lot in listing.lots_left), default=0)
        if best:
            listing.best = best  # type: ignore[attr-defined]
            found.append(listing)
    return found


def kept_too_long(now: datetime) -> list[int]:
    """Ids of broadcasts whose video has been kept for LIVE_KEEP, oldest first. 1 query."""
    old = Broadcast.objects.with_video().filter(ended_at__lte=now - settings.LIVE_KEEP)
    return list(old.order_by("ended_at", "pk").values_list("pk", flat=True))


def kept_too_much() -> list[int]:
    """Ids of the oldest replays that have to go so that what is stored fits into LIVE_MAX_STORED_BYTES. 1 query.

    What a moderator stopped counts, and stays its full time: somebody may have to look at it again.
    """
    newest_first = Broadcast.objects.with_video().order_by("-ended_at", "-pk")
    stored = list(newest_first.values_list("pk", "status", "recorded_bytes"))
    room = settings.LIVE_MAX_STORED_BYTES - sum(size for _pk, status, size in stored if status == STOPPED)
    too_much = []
    for pk, status, size in stored:
        if status != STOPPED:
            room -= size
            if room < 0:
                too_much.append(pk)
    return too_much[::-1]
