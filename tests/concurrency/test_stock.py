"""Many hands on the same lots at once. Beside each promise stands a control: the guard taken away, which breaks it."""

import random
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F, Sum

from common.transactions import use_case
from marketplace.models import Hold, Listing, Lot
from marketplace.services import stock
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_listing, make_lot

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@use_case
def hold(number: str, wanted: dict[int, int]) -> list[Hold]:
    return stock.hold_stock(order_number=number, wanted=wanted, now=NOON, expires_at=NOON + timedelta(minutes=15))


def promised(listing: Listing) -> int:
    return Hold.objects.filter(lot__listing=listing, status=Hold.Status.HELD).aggregate(n=Sum("packs"))["n"] or 0


def assert_counters_match_holds() -> None:
    for lot in Lot.objects.all():
        held = lot.holds.filter(status=Hold.Status.HELD).aggregate(n=Sum("packs"))["n"] or 0
        sold = lot.holds.filter(status=Hold.Status.SOLD).aggregate(n=Sum("packs"))["n"] or 0
        assert (lot.held, lot.sold) == (held, sold)
        assert lot.harvested - lot.sold - lot.held == lot.left >= 0


def rush(listing: Listing, buyers: int) -> list[Any]:
    return at_once(*[partial(hold, f"N{n}", {listing.pk: 1}) for n in range(buyers)])


def test_twenty_four_buyers_for_ten_boxes_get_exactly_ten():
    listing = make_listing(packs=6)
    make_lot(listing, 4)

    results = rush(listing, 24)

    assert names(results).count("list") == 10
    assert names(results).count("OutOfStock") == 14
    assert promised(listing) == 10
    assert_counters_match_holds()


def read_slowly(listing_ids: Any) -> list[Lot]:
    """The control's way to read lots: no lock, and time for the others to read the same."""
    lots = list(Lot.objects.open().filter(listing_id__in=list(listing_ids)).order_by("pk"))
    time.sleep(0.2)
    return lots


def test_control_without_the_lock_the_guard_alone_holds(monkeypatch):
    listing = make_listing(packs=10)
    monkeypatch.setattr(stock, "lock_open_lots", read_slowly)

    results = rush(listing, 24)

    assert names(results).count("list") == 10
    assert names(results).count("OutOfStock") == 14
    assert_counters_match_holds()


def test_control_without_lock_and_guard_it_hits_the_check_constraint(monkeypatch):
    listing = make_listing(packs=10)
    monkeypatch.setattr(stock, "lock_open_lots", read_slowly)
    monkeypatch.setattr(
        stock, "_hold_in_lot", lambda pk, packs: Lot.objects.filter(pk=pk).update(held=F("held") + packs)
    )

    results = rush(listing, 24)

    assert "IntegrityError" in names(results)


def test_control_reading_and_writing_back_oversells(monkeypatch):
    listing = make_listing(packs=10)

    def write_back(pk: int, packs: int) -> None:
        lot = Lot.objects.get(pk=pk)
        time.sleep(0.05)
        Lot.objects.filter(pk=pk).update(held=min(lot.held + packs, lot.harvested))

    monkeypatch.setattr(stock, "lock_open_lots", read_slowly)
    monkeypatch.setattr(stock, "_hold_in_lot", write_back)

    rush(listing, 24)

    assert promised(listing) > 10  # and no constraint saw it: only counting the holds does


def many_carts(rounds: int, carts: int) -> list[Any]:
    """Carts of three listings of two lots each, asked for in random order."""
    farmer = make_farmer()
    listings = [make_listing(farmer, packs=1000) for _ in range(4)]
    for listing in listings:
        make_lot(listing, 1000)
    order = random.Random(5)
    results = []
    for round_number in range(rounds):
        wanted = [{listing.pk: 1 for listing in order.sample(listings, 3)} for _ in range(carts)]
        results += at_once(*[partial(hold, f"R{round_number}-{n}", cart) for n, cart in enumerate(wanted)])
    return results


def test_carts_of_many_lots_in_random_order_do_not_deadlock():
    results = many_carts(rounds=5, carts=12)

    assert names(results) == ["list"] * 60
    assert_counters_match_holds()


def test_control_lots_taken_in_the_carts_order_deadlock(monkeypatch):
    def lock_in_cart_order(listing_ids: Any) -> list[Lot]:
        lots = []
        for listing_id in listing_ids:
            lots += list(
                Lot.objects.open().filter(listing_id=listing_id).select_for_update(no_key=True).order_by("-pk")
            )
            time.sleep(0.05)
        return lots

    monkeypatch.setattr(stock, "lock_open_lots", lock_in_cart_order)

    results = many_carts(rounds=1, carts=12)

    assert any("deadlock" in str(result) for result in results)


def test_selling_releasing_and_returning_at_once_keep_the_count():
    listing = make_listing(packs=30)
    for n in range(12):
        hold(f"N{n}", {listing.pk: 2})
    calls = []
    for n in range(12):
        step = stock.sell_holds if n % 2 else stock.release_holds
        calls += [partial(use_case(step), f"N{n}", NOON)] * 2  # each twice: the second changes nothing

    results = at_once(*calls)

    assert set(names(results)) == {"list"}
    lot = listing.lots.get()
    assert (lot.harvested, lot.sold, lot.held, lot.left) == (30, 12, 0, 18)
    assert_counters_match_holds()


def test_paying_and_releasing_one_order_at_once_gives_one_outcome():
    listing = make_listing(packs=20)
    for n in range(8):
        hold(f"N{n}", {listing.pk: 1})

    at_once(
        *[partial(use_case(step), f"N{n}", NOON) for n in range(8) for step in (stock.sell_holds, stock.release_holds)]
    )

    lot = listing.lots.get()
    assert lot.held == 0
    assert lot.sold + Hold.objects.filter(status=Hold.Status.RELEASED).count() == 8
    assert_counters_match_holds()
