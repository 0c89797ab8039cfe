"""Stock: holding packs for an order, selling what was held, letting it go, taking it back. All are steps.

Every counter moves by one guarded UPDATE on the lot's own columns (a join would move the guard into a subquery that
PostgreSQL does not evaluate again after waiting for the row), and always together with its Hold row, so that
`lot.held` and `lot.sold` can be recounted from the holds. Lots are locked in pk order, so two carts cannot
wait for each other; then they are changed in the order of their listings, because a lot that sells out or comes back
takes its listing's place on the shelf along (models/shelf.py), and those rows too must be taken in one order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from common.errors import DomainError
from common.transactions import needs_transaction
from marketplace.models import Hold, Listing, Lot, Offer
from notifications.webhooks import publish


class OutOfStock(DomainError):
    """Fewer packs are left than were wanted. `listing_id` says of what, `left` how many there are."""

    code = "out_of_stock"

    def __init__(self, listing_id: int, left: int) -> None:
        self.listing_id = listing_id
        self.left = left
        words = ngettext_lazy("Only %(left)s box is left.", "Only %(left)s boxes are left.", left)
        super().__init__(words if left else _("Sold out."), listing_id=listing_id, left=left)


class StockBroken(RuntimeError):
    """A lot's counters disagree with its holds. Cannot happen; if it does, nothing may be written on top of it."""


@needs_transaction
def hold_stock(
    *,
    order_number: str,
    wanted: Mapping[int, int],
    now: datetime,
    expires_at: datetime,
    offers: Mapping[int, Offer] | None = None,
) -> list[Hold]:
    """Set packs aside for an order: all of them, or OutOfStock and none.

    `wanted` maps listing ids to packs (above 0). What was picked first goes first, presale after that, so one
    listing may draw on several lots; one named in `offers` draws on that offer's slice and on nothing else.
    Returns the holds by lot pk, each with its lot.
    """
    if not wanted or min(wanted.values()) <= 0:
        raise ValueError("hold_stock needs packs above 0")
    offers = offers or {}
    lots = {lot.pk: lot for lot in lock_open_lots(wanted.keys())}
    shares = _allocate({pk: packs for pk, packs in wanted.items() if pk not in offers}, lots.values())
    for lot_id, packs in sorted(shares.items(), key=lambda share: (lots[share[0]].listing_id, share[0])):
        _hold_in_lot(lot_id, packs)
    _publish_sold_out(lots.values(), shares, now)
    drawn = {}
    for listing_id, offer in sorted(offers.items(), key=lambda pair: pair[1].pk):
        _draw(offer, wanted[listing_id], lots.keys(), now)
        shares[offer.lot_id] = wanted[listing_id]
        drawn[offer.lot_id] = offer
    return Hold.objects.bulk_create(
        Hold(
            lot=lots[lot_id],
            order_number=order_number,
            packs=packs,
            expires_at=expires_at,
            created_at=now,
            offer=drawn.get(lot_id),
        )
        for lot_id, packs in sorted(shares.items())
    )


@needs_transaction
def sell_holds(order_number: str, now: datetime) -> list[Hold]:
    """Turn what is held for an order into sold. Doing it twice changes nothing; returns the holds sold by this call."""
    holds = _lock_holds(Hold.objects.filter(order_number=order_number), Hold.Status.HELD)
    for hold in holds:
        moved = Lot.objects.filter(pk=hold.lot_id, held__gte=hold.packs)
        _exactly_one(moved.update(held=F("held") - hold.packs, sold=F("sold") + hold.packs), hold)
    return _set_status(holds, Hold.Status.SOLD)


@needs_transaction
def keep_until(order_number: str, expires_at: datetime) -> None:
    """Keep what is held for an order until then; the caller holds the order."""
    Hold.objects.held().filter(order_number=order_number).update(expires_at=expires_at)


@needs_transaction
def release_holds(order_number: str, now: datetime) -> list[Hold]:
    """Give back what is held for an order that was not paid. Doing it twice changes nothing."""
    holds = _lock_holds(Hold.objects.filter(order_number=order_number), Hold.Status.HELD)
    for hold in holds:
        if hold.offer_id and _give_back_to_offer(hold.offer_id, hold.packs):
            continue  # still set aside, for the next who watches
        freed = Lot.objects.filter(pk=hold.lot_id, held__gte=hold.packs)
        _exactly_one(freed.update(held=F("held") - hold.packs), hold)
    return _set_status(holds, Hold.Status.RELEASED)


@needs_transaction
def return_packs(hold_ids: Collection[int], now: datetime) -> list[Hold]:
    """Put sold packs back on their lots, e.g. of a parcel cancelled before posting. Doing it twice changes nothing."""
    holds = _lock_holds(Hold.objects.filter(pk__in=hold_ids), Hold.Status.SOLD)
    for hold in holds:
        back = Lot.objects.filter(pk=hold.lot_id, sold__gte=hold.packs)
        _exactly_one(back.update(sold=F("sold") - hold.packs), hold)
    return _set_status(holds, Hold.Status.RETURNED)


def lock_open_lots(listing_ids: Iterable[int]) -> list[Lot]:
    """The listings' open lots, locked in pk order. The list() is the lock: an unread queryset locks nothing."""
    return list(
        Lot.objects.open().filter(listing_id__in=list(listing_ids)).select_for_update(no_key=True).order_by("pk")
    )


def _allocate(wanted: Mapping[int, int], lots: Iterable[Lot]) -> dict[int, int]:
    """Which lot gives how many packs (lot id → packs), in selling order. Raises OutOfStock for the first that lacks."""
    shares: dict[int, int] = {}
    by_listing: dict[int, list[Lot]] = {listing_id: [] for listing_id in wanted}
    for lot in sorted(lots, key=selling_key):
        if lot.listing_id in wanted:  # else an offer is drawn on
            by_listing[lot.listing_id].append(lot)
    for listing_id, packs in wanted.items():
        missing = packs
        for lot in by_listing[listing_id]:
            if taken := min(missing, lot.left):
                shares[lot.pk] = taken
                missing -= taken
        if missing:
            raise OutOfStock(listing_id, packs - missing)
    return shares


def _publish_sold_out(lots: Iterable[Lot], shares: Mapping[int, int], now: datetime) -> None:
    """Tell the farmers' programs of listings whose last pack this order took. Nothing is asked unless there is one."""
    left: dict[int, int] = defaultdict(int)
    for lot in lots:
        left[lot.listing_id] += lot.left - shares.get(lot.pk, 0)
    gone = [listing_id for listing_id, packs in left.items() if packs == 0]
    if gone:
        owners = Listing.objects.filter(pk__in=gone).order_by("pk").values_list("pk", "farmer__user_id")
        for listing_id, owner_id in owners:
            publish("listing.sold_out", to=[owner_id], now=now, listing=listing_id)


def selling_key(lot: Lot) -> tuple[date, date, int]:
    """LotQuerySet.in_selling_order() for lots in hand: they were locked, and so read, in pk order."""
    return lot.picked_on or date.max, lot.expected_from or date.min, lot.pk


def _draw(offer: Offer, packs: int, open_lots: Collection[int], now: datetime) -> None:
    """Take packs from an offer's slice, which the lot holds already: the guard asks for the time and the rest at once."""
    enough = Offer.objects.standing(now).filter(pk=offer.pk, left__gte=packs)
    if offer.lot_id not in open_lots or not enough.update(left=F("left") - packs):
        left = Offer.objects.standing(now).filter(pk=offer.pk).values_list("left", flat=True).first()
        raise OutOfStock(offer.listing_id, left or 0)


def _give_back_to_offer(offer_id: int, packs: int) -> bool:
    """Whether the packs could go back to the slice they were drawn from: not once that has closed."""
    offer = Offer.objects.filter(pk=offer_id, closed_at=None, packs__gte=F("left") + packs)
    return bool(offer.update(left=F("left") + packs))


def _hold_in_lot(lot_id: int, packs: int) -> None:
    """The guard: true even for someone who forgot the lock."""
    enough = Lot.objects.filter(pk=lot_id, closed_at__isnull=True, harvested__gte=F("sold") + F("held") + packs)
    if not enough.update(held=F("held") + packs):
        lot = Lot.objects.get(pk=lot_id)
        raise OutOfStock(lot.listing_id, 0 if lot.closed_at else lot.left)


def _lock_holds(holds: QuerySet[Hold], status: Hold.Status) -> list[Hold]:
    """Those in `status` and their lots, locked by lot pk; given in the order of the listings, to be changed in."""
    found = list(holds.filter(status=status).select_for_update(no_key=True).order_by("lot_id", "pk"))
    lots = Lot.objects.filter(pk__in={hold.lot_id for hold in found}).select_for_update(no_key=True).order_by("pk")
    listing_of = dict(lots.values_list("pk", "listing_id"))
    return sorted(found, key=lambda hold: (listing_of[hold.lot_id], hold.lot_id, hold.pk))


def _exactly_one(rows: int, hold: Hold) -> None:
    if rows != 1:
        raise StockBroken(f"lot {hold.lot_id} does not hold the {hold.packs} packs of hold {hold.pk}")


def _set_status(holds: list[Hold], status: Hold.Status) -> list[Hold]:
    for hold in holds:
        hold.status = status
    Hold.objects.filter(pk__in=[hold.pk for hold in holds]).update(status=status)
    return holds
