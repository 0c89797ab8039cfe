"""Holding, selling, releasing and returning packs."""

from datetime import date, timedelta

import pytest

from marketplace.models import Hold
from marketplace.services import stock
from tests.make import NOON, make_listing, make_lot

pytestmark = pytest.mark.django_db


def hold(listing, packs, number="A1"):
    return stock.hold_stock(
        order_number=number, wanted={listing.pk: packs}, now=NOON, expires_at=NOON + timedelta(minutes=15)
    )


def test_what_was_picked_first_goes_first_and_presale_last():
    listing = make_listing(packs=None)
    presale = make_lot(listing, 5, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 5))
    late = make_lot(listing, 5, picked_on=date(2026, 11, 23))
    early = make_lot(listing, 5, picked_on=date(2026, 11, 20))

    holds = hold(listing, 12)

    assert {one.lot_id: one.packs for one in holds} == {early.pk: 5, late.pk: 5, presale.pk: 2}


def test_refuses_more_than_there_is_says_how_many_are_left_and_holds_none():
    listing = make_listing(packs=3)
    make_lot(listing, 2)

    with pytest.raises(stock.OutOfStock) as caught:
        hold(listing, 6)

    assert (caught.value.listing_id, caught.value.left) == (listing.pk, 5)
    assert "5" in caught.value.message
    assert not Hold.objects.exists()
    assert sum(lot.held for lot in listing.lots.all()) == 0


def test_a_closed_lot_gives_nothing():
    listing = make_listing(
        packs=3,
    )
    listing.lots.update(closed_at=NOON)

    with pytest.raises(stock.OutOfStock) as caught:
        hold(listing, 1)

    assert caught.value.left == 0


@pytest.mark.parametrize("packs", [0, -1])
def test_no_packs_cannot_be_held(packs):
    with pytest.raises(ValueError, match="above 0"):
        hold(make_listing(), packs)


def test_selling_twice_sells_once():
    listing = make_listing(packs=10)
    hold(listing, 4)

    assert len(stock.sell_holds("A1", NOON)) == 1
    assert stock.sell_holds("A1", NOON) == []

    lot = listing.lots.get()
    assert (lot.held, lot.sold, lot.left) == (0, 4, 6)


def test_what_was_sold_is_not_released():
    listing = make_listing(packs=10)
    hold(listing, 4)
    stock.sell_holds("A1", NOON)

    assert stock.release_holds("A1", NOON) == []

    lot = listing.lots.get()
    assert (lot.held, lot.sold) == (0, 4)


def test_what_was_released_can_be_bought_by_another():
    listing = make_listing(packs=4)
    hold(listing, 4)
    stock.release_holds("A1", NOON)
    stock.release_holds("A1", NOON)

    hold(listing, 4, "B1")

    assert stock.sell_holds("A1", NOON) == []
    assert listing.lots.get().held == 4


def test_returned_packs_are_on_sale_again_and_return_once():
    listing = make_listing(packs=10)
    holds = hold(listing, 4)
    stock.sell_holds("A1", NOON)

    stock.return_packs([one.pk for one in holds], NOON)
    stock.return_packs([one.pk for one in holds], NOON)

    lot = listing.lots.get()
    assert (lot.held, lot.sold, lot.left) == (0, 0, 10)
    assert lot.holds.get().status == Hold.Status.RETURNED


def test_it_refuses_to_write_on_top_of_counters_that_disagree():
    listing = make_listing(packs=10)
    hold(listing, 4)
    listing.lots.update(held=0)

    with pytest.raises(stock.StockBroken):
        stock.sell_holds("A1", NOON)


@pytest.mark.django_db(transaction=True)
def test_a_step_refuses_to_run_outside_a_transaction():
    with pytest.raises(RuntimeError, match="is a step"):
        stock.sell_holds("A1", NOON)
