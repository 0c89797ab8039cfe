"""Lots: what the farmer says about a harvest never takes back what is promised."""

import re
from datetime import date, timedelta

import pytest

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import Lot
from marketplace.services import lots
from tests.make import NOON, make_farmer, make_listing, make_lot, make_user
from tests.marketplace.selling import PICKED, PRESALE, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


def counts(lot: Lot) -> tuple[int, int, int, int]:
    lot.refresh_from_db()
    return lot.harvested, lot.sold, lot.held, lot.left


def test_a_new_harvest_is_on_sale_at_once_under_a_code_one_can_read_aloud(farmer):
    listing = make_listing(farmer, packs=None)

    lot = lots.open_lot(listing_id=listing.pk, farmer=farmer, packs=80, harvest=PICKED, now=NOON)

    assert (lot.harvested, lot.left, lot.picked_on) == (80, 80, PICKED.picked_on)
    assert re.fullmatch("[2-9A-HJ-NP-Z]{8}", lot.trace_code)


def test_a_trace_code_that_is_taken_is_drawn_again(farmer, monkeypatch):
    listing = make_listing(farmer, packs=None)
    drawn = iter(["AAAAAAAA", "AAAAAAAA", "BBBBBBBB"])
    monkeypatch.setattr(lots, "new_code", lambda length: next(drawn))

    made = [
        lots.open_lot(listing_id=listing.pk, farmer=farmer, packs=1, harvest=PICKED, now=NOON).trace_code
        for _ in range(2)
    ]

    assert made == ["AAAAAAAA", "BBBBBBBB"]


@pytest.mark.parametrize("left", [0, 1, 500])
def test_what_is_left_is_added_to_what_is_promised(farmer, left):
    lot = make_lot(make_listing(farmer, packs=None), 100, sold=30, held=5)

    lots.set_packs_left(lot_id=lot.pk, farmer=farmer, left=left, now=NOON)

    assert counts(lot) == (35 + left, 30, 5, left)


@pytest.mark.parametrize("left", [-1, 100_001])
def test_a_number_that_cannot_be_is_refused(farmer, left):
    lot = make_lot(make_listing(farmer, packs=None), 100, sold=30)
    with pytest.raises(InvalidInput) as refused:
        lots.set_packs_left(lot_id=lot.pk, farmer=farmer, left=left, now=NOON)

    assert refused.value.field == "left"
    assert counts(lot) == (100, 30, 0, 70)


def test_a_closed_lot_stays_closed(farmer):
    lot = make_lot(make_listing(farmer, packs=None), 100, held=5)
    mine = {"lot_id": lot.pk, "farmer": farmer, "now": NOON}

    lots.close_lot(**mine)

    assert not Lot.objects.open().exists()
    for call in (lambda: lots.close_lot(**mine), lambda: lots.set_packs_left(left=3, **mine)):
        with pytest.raises(WrongState):
            call()
    assert counts(lot) == (100, 0, 5, 95)


def test_a_presale_gets_its_day_once_picked(farmer):
    listing = make_listing(farmer, packs=None)
    lot = lots.open_lot(listing_id=listing.pk, farmer=farmer, packs=80, harvest=PRESALE, now=NOON)
    assert lot.is_presale
    mine = {"lot_id": lot.pk, "farmer": farmer, "now": NOON}

    with pytest.raises(InvalidInput):
        lots.mark_picked(picked_on=date(2026, 12, 3), **mine)
    lots.mark_picked(picked_on=date(2026, 11, 24), **mine)

    lot.refresh_from_db()
    assert (lot.picked_on, lot.expected_from) == (date(2026, 11, 24), PRESALE.expected_from)
    with pytest.raises(WrongState):
        lots.mark_picked(picked_on=date(2026, 11, 23), **mine)


def test_nothing_older_than_it_keeps_is_put_on_sale(farmer):
    listing = make_listing(farmer, packs=None, keeps_days=10)
    old = lots.Harvest("FIRST", picked_on=NOON.date() - timedelta(days=11))

    with pytest.raises(InvalidInput):
        lots.open_lot(listing_id=listing.pk, farmer=farmer, packs=5, harvest=old, now=NOON)


def test_a_listing_nobody_approved_gets_no_second_lot(farmer):
    draft = make_draft(farmer)

    with pytest.raises(WrongState):
        lots.open_lot(listing_id=draft.listing_id, farmer=farmer, packs=5, harvest=PICKED, now=NOON)


def test_a_stranger_can_do_nothing_to_a_lot(farmer):
    stranger = make_farmer("Another household", user=make_user("stranger"))
    listing = make_listing(farmer, packs=None)
    lot = make_lot(listing, 100, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))
    before = Lot.objects.values().get()
    theirs = {"lot_id": lot.pk, "farmer": stranger, "now": NOON}

    for call in (
        lambda: lots.set_packs_left(left=0, **theirs),
        lambda: lots.close_lot(**theirs),
        lambda: lots.mark_picked(picked_on=NOON.date(), **theirs),
        lambda: lots.open_lot(listing_id=listing.pk, farmer=stranger, packs=1, harvest=PICKED, now=NOON),
    ):
        with pytest.raises(NotAllowed):
            call()

    assert Lot.objects.values().get() == before
