"""Two hundred thumbs on the slice of a broadcast: as many boxes at the live price as were announced. With a control."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F, Sum

from common.transactions import use_case
from live.models import Broadcast
from live.services import airing
from marketplace.models import Hold, Listing, Lot, Offer
from marketplace.services import stock
from tests.concurrency.racing import at_once, names
from tests.live.scene import live
from tests.make import NOON, make_listing

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@use_case
def draw(number: str, listing: Listing, offer: Offer) -> list[Hold]:
    return stock.hold_stock(
        order_number=number,
        wanted={listing.pk: 1},
        now=NOON,
        expires_at=NOON + timedelta(minutes=15),
        offers={listing.pk: offer},
    )


@use_case
def take(number: str, listing: Listing) -> list[Hold]:
    return stock.hold_stock(
        order_number=number, wanted={listing.pk: 1}, now=NOON, expires_at=NOON + timedelta(minutes=15)
    )


def scene(packs: int = 12) -> tuple[Broadcast, Listing, Offer]:
    listing = make_listing(packs=packs)
    broadcast = live(listing, now=NOON, packs=8)
    return broadcast, listing, Offer.objects.get()


def drawn() -> int:
    return Hold.objects.exclude(offer=None).aggregate(n=Sum("packs"))["n"] or 0


def test_watchers_and_others_at_once_get_each_what_is_theirs():
    _broadcast, listing, offer = scene()

    results = names(
        at_once(
            *[partial(draw, f"W{n}", listing, offer) for n in range(14)],
            *[partial(take, f"O{n}", listing) for n in range(8)],
        )
    )

    assert (results.count("list"), results.count("OutOfStock")) == (12, 10)
    lot = Lot.objects.get()
    assert (drawn(), lot.held, lot.left, Offer.objects.get().left) == (8, 12, 0, 0)


def test_ending_while_they_buy_loses_no_box():
    broadcast, listing, offer = scene()
    end = partial(airing.end_broadcast, broadcast_id=broadcast.pk, farmer=broadcast.farmer, now=NOON)

    at_once(*[partial(draw, f"W{n}", listing, offer) for n in range(10)], end)

    lot, offer = Lot.objects.get(), Offer.objects.get()
    assert offer.closed_at is not None
    assert lot.held == drawn() == offer.packs - offer.left
    assert lot.left == 12 - drawn()


def test_control_without_the_guard_more_is_sold_at_the_live_price_than_was_announced(monkeypatch):
    _broadcast, listing, offer = scene(packs=30)

    def draw_unguarded(offer: Offer, packs: int, open_lots: object, now: object) -> None:
        Offer.objects.filter(pk=offer.pk, left__gte=packs).update(left=F("left") - packs)

    monkeypatch.setattr(stock, "_draw", draw_unguarded)
    at_once(*[partial(draw, f"W{n}", listing, offer) for n in range(14)])

    assert drawn() == 14 > offer.packs
