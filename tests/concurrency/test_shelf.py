"""Two lots of one listing end at the same moment: its place on the shelf must know of both. Beside it, the control."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from common.transactions import use_case
from marketplace.models import Listing, Lot, ShelfPlace
from marketplace.queries.upkeep import places_out_of_step
from marketplace.services import stock
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_listing, make_lot

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@use_case
def sell_out(lot_id: int) -> None:
    Lot.objects.filter(pk=lot_id).update(held=1)
    time.sleep(0.3)  # long enough for the other to be in the middle of it


def listing_with_two_lots() -> Listing:
    listing = make_listing(packs=1)
    make_lot(listing, 1)
    return listing


@pytest.fixture
def without_the_lock() -> Iterator[None]:
    """The control: the function as it stands, but it reads without having locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('marketplace_shelve'::regproc)")
        (as_it_is,) = cursor.fetchone()
        cursor.execute(re.sub(r"PERFORM 1 FROM[^;]+;", "", as_it_is))
    yield
    with connection.cursor() as cursor:
        cursor.execute(as_it_is)


def test_both_ends_are_seen():
    listing = listing_with_two_lots()

    at_once(*[partial(sell_out, lot.pk) for lot in listing.lots.all()])

    assert ShelfPlace.objects.get(pk=listing.pk).stock == ShelfPlace.Stock.NOTHING


def test_the_control_without_the_lock_one_is_missed(without_the_lock):
    listing = listing_with_two_lots()

    at_once(*[partial(sell_out, lot.pk) for lot in listing.lots.all()])

    assert ShelfPlace.objects.get(pk=listing.pk).stock != ShelfPlace.Stock.NOTHING
    assert places_out_of_step() == [listing.pk]


@use_case
def hold(number: str, wanted: dict[int, int]) -> None:
    stock.hold_stock(order_number=number, wanted=wanted, now=NOON, expires_at=NOON + timedelta(minutes=15))


@use_case
def release(number: str) -> None:
    stock.release_holds(number, NOON)


def test_orders_over_the_same_two_listings_come_back_without_waiting_for_each_other():
    """Four orders, each with the last box of its own lot of both; the lots lie crosswise. No deadlock, nothing behind."""
    first, second = make_listing(packs=None), make_listing(packs=None)
    for turn in range(4):
        for listing in (first, second) if turn % 2 else (second, first):
            make_lot(listing, 1)
        hold(f"N{turn}", {first.pk: 1, second.pk: 1})

    results = at_once(*[partial(release, f"N{turn}") for turn in range(4)])

    assert set(names(results)) == {"NoneType"}
    assert places_out_of_step() == []
