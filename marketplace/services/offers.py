"""Offers: setting a slice of a lot aside, announcing its price, giving back what is left. All are steps.

Lots are locked by pk, then offers by pk; lots are changed in the order of their listings, as in services.stock.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput, WrongState
from common.transactions import needs_transaction
from marketplace.models import Listing, Lot, Offer
from marketplace.services.lots import check_packs
from marketplace.services.stock import OutOfStock, selling_key

MIN_PERCENT = 50  # of the usual price: below that it is a slip of the finger sooner than a bargain


@needs_transaction
def set_aside(*, listing: Listing, price_fen: int, packs: int, now: datetime) -> Offer:
    """Take packs out of what everybody can buy, from the first lot that has so many. Its price holds only once opened.

    Raises InvalidInput (fields "price", "packs"), and OutOfStock naming the most that one lot has.
    """
    check_price(price_fen, listing.price_fen or 0)
    check_packs(packs)
    lots = list(Lot.objects.open().filter(listing=listing).select_for_update(no_key=True).order_by("pk"))
    lot = next((lot for lot in sorted(lots, key=selling_key) if lot.left >= packs), None)
    if lot is None:
        raise OutOfStock(listing.pk, max((lot.left for lot in lots), default=0))
    enough = Lot.objects.filter(pk=lot.pk, closed_at=None, harvested__gte=F("sold") + F("held") + packs)
    if not enough.update(held=F("held") + packs):
        raise OutOfStock(listing.pk, 0)
    return Offer.objects.create(lot=lot, listing=listing, price_fen=price_fen, packs=packs, left=packs, created_at=now)


def check_price(price_fen: int, usual_fen: int) -> None:
    """Raises InvalidInput (field "price") unless it is below the usual price, but not below half of it."""
    if price_fen >= usual_fen:
        raise InvalidInput(_("The live price has to be below the usual one."), field="price")
    if price_fen * 100 < usual_fen * MIN_PERCENT:
        raise InvalidInput(_("That is less than half of the usual price. Is it right?"), field="price")


@needs_transaction
def open_offers(offer_ids: Collection[int], *, now: datetime, closes_at: datetime) -> None:
    """Let the prices hold from now until before `closes_at`. Raises WrongState when one was opened or closed before."""
    fresh = Offer.objects.filter(pk__in=offer_ids, opens_at=None, closed_at=None)
    if fresh.update(opens_at=now, closes_at=closes_at) != len(offer_ids):
        raise WrongState


@needs_transaction
def close_offers(offer_ids: Iterable[int], now: datetime) -> None:
    """End the prices and give back to the lots what is left of their slices. Doing it twice changes nothing."""
    ids = list(offer_ids)
    lot_ids = Offer.objects.filter(pk__in=ids, closed_at=None).values_list("lot_id", flat=True)
    list(Lot.objects.filter(pk__in=list(lot_ids)).select_for_update(no_key=True).order_by("pk"))
    offers = Offer.objects.filter(pk__in=ids, closed_at=None).select_for_update(no_key=True).order_by("pk")
    for offer in sorted(offers, key=lambda offer: (offer.listing_id, offer.lot_id, offer.pk)):
        Offer.objects.filter(pk=offer.pk, closed_at=None).update(closed_at=now)
        if offer.left:
            Lot.objects.filter(pk=offer.lot_id, held__gte=offer.left).update(held=F("held") - offer.left)
