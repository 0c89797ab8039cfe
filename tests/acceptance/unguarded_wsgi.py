"""The shop with a guard taken away, for the controls: a test that cannot fail proves nothing.

WITHOUT=guard   stock is read, then written, with no lock and no guard in the UPDATE (what many shops do)
WITHOUT=order   lots are locked one by one in the order of the cart, not by their keys
"""

import os
import random
import time

from config.wsgi import application
from marketplace.models import Lot
from marketplace.services import stock

__all__ = ["application"]


def lock_nothing(listing_ids):
    return list(Lot.objects.open().filter(listing_id__in=list(listing_ids)).order_by("pk"))


def hold_what_was_read(lot_id, packs):
    lot = Lot.objects.get(pk=lot_id)
    time.sleep(0.01)
    Lot.objects.filter(pk=lot_id).update(held=lot.held + packs)


def lock_in_cart_order(listing_ids):
    shuffled = list(listing_ids)
    random.shuffle(shuffled)
    lots: list[Lot] = []
    for listing_id in shuffled:
        lots += Lot.objects.open().filter(listing_id=listing_id).select_for_update(no_key=True)
        time.sleep(0.01)
    return lots


if os.environ["WITHOUT"] == "guard":
    stock.lock_open_lots = lock_nothing
    stock._hold_in_lot = hold_what_was_read
elif os.environ["WITHOUT"] == "order":
    stock.lock_open_lots = lock_in_cart_order
