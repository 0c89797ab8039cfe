"""A farmer changes the stock while buyers check out, and two workers meet at one photo."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Farmer
from common.transactions import use_case
from marketplace.models import Hold, Listing, Lot, Photo
from marketplace.services import images, lots, photos, stock
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_listing, make_user
from tests.marketplace.pictures import encoded, picture, upload

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@use_case
def hold(number: str, listing: Listing) -> list[Hold]:
    held = stock.hold_stock(
        order_number=number, wanted={listing.pk: 1}, now=NOON, expires_at=NOON + timedelta(minutes=15)
    )
    time.sleep(0.02)  # a checkout does more than this before it commits
    return held


def rush_and_cut(listing: Listing, farmer: Farmer, left: int, cut: Any, buyers: int = 12) -> list[Any]:
    lot = listing.lots.get()
    calls: list[Any] = [partial(hold, f"N{n}", listing) for n in range(buyers)]
    return at_once(*calls[:6], partial(cut, lot_id=lot.pk, farmer=farmer, left=left, now=NOON), *calls[6:])


@pytest.mark.parametrize("run", range(3))
def test_stock_cut_to_nothing_during_a_checkout_keeps_every_promise_and_makes_no_new_one(run):
    farmer = make_farmer()
    listing = make_listing(farmer, packs=20)

    results = rush_and_cut(listing, farmer, 0, lots.set_packs_left)

    lot = listing.lots.get()
    promised = names(results).count("list")
    assert names(results).count("Lot") == 1
    assert promised + names(results).count("OutOfStock") == 12
    assert (lot.left, lot.held, lot.harvested) == (0, promised, promised)
    assert (lot.holds.aggregate(packs=Sum("packs"))["packs"] or 0) == promised


def write_what_was_read(*, lot_id: int, farmer: Farmer, left: int, now: Any) -> None:
    """The control's way: add up in Python what was read a moment ago."""
    lot = Lot.objects.get(pk=lot_id)
    time.sleep(0.4)
    Lot.objects.filter(pk=lot_id).update(harvested=lot.sold + lot.held + left)


def test_control_adding_up_what_was_read_breaks_a_promise_or_hits_the_constraint():
    farmer = make_farmer()
    listing = make_listing(farmer, packs=20)

    results = rush_and_cut(listing, farmer, 0, write_what_was_read)

    assert names(results).count("list") == 12
    assert "IntegrityError" in names(results)


def test_control_the_same_with_some_left_gives_away_what_is_not_there():
    farmer = make_farmer()
    listing = make_listing(farmer, packs=20)

    rush_and_cut(listing, farmer, 15, write_what_was_read)

    assert listing.lots.get().left < 15


def test_the_farmer_says_fifteen_are_left_and_no_more_than_fifteen_are():
    farmer = make_farmer()
    listing = make_listing(farmer, packs=20)

    results = rush_and_cut(listing, farmer, 15, lots.set_packs_left)

    lot = listing.lots.get()
    held = names(results).count("list")
    assert held == 12
    assert lot.held == 12
    assert 15 - held <= lot.left <= 15
    assert lot.harvested == lot.sold + lot.held + lot.left


def prepare_twice(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], int]:
    """Two workers at one photo; returns what each said and how often the picture was decoded."""
    photo = photos.upload_photo(user=make_user("farmer"), upload=upload(encoded(picture())), now=timezone.now())
    decoded: list[int] = []
    really_clean = images.clean

    def clean(data: bytes) -> images.Cleaned:
        decoded.append(1)
        time.sleep(0.2)
        return really_clean(data)

    monkeypatch.setattr(images, "clean", clean)
    results = at_once(*[partial(photos.process_photo, photo_id=photo.pk, now=timezone.now())] * 4)
    photo.refresh_from_db()
    assert photo.status == Photo.Status.READY
    return results, len(decoded)


def test_four_workers_prepare_a_photo_once(monkeypatch):
    results, decoded = prepare_twice(monkeypatch)

    assert sorted(map(str, results)) == ["False", "False", "False", "True"]
    assert decoded == 1


def test_control_without_the_claim_each_does_the_work(monkeypatch):
    monkeypatch.setattr(photos, "_claim", lambda photo_id, now: True)

    _results, decoded = prepare_twice(monkeypatch)

    assert decoded == 4
