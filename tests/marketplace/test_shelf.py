"""The narrow row that lists look at follows every change of a listing, its lots and its farmer, whoever makes it."""

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Farmer
from marketplace.models import Listing, Lot, ShelfPlace
from marketplace.queries.shelves import SORTS, Wanted, cards, page_of
from marketplace.queries.upkeep import places_out_of_step
from tests.make import NOON, make_farmer, make_listing, make_lot, make_produce

pytestmark = pytest.mark.django_db
Stock = ShelfPlace.Stock


def place_of(listing: Listing) -> ShelfPlace:
    return ShelfPlace.objects.get(pk=listing.pk)


def test_a_draft_has_a_place_that_is_not_shown():
    farmer = make_farmer()
    draft = Listing.objects.create(
        farmer=farmer, county=farmer.county, province=farmer.county.province, created_at=NOON
    )

    assert not place_of(draft).shown
    draft.delete()
    assert not ShelfPlace.objects.exists()


def test_a_place_says_what_lists_are_sorted_and_filtered_by():
    listing = make_listing(make_farmer(women_led=True), rating_sum=5, rating_count=1)

    place = place_of(listing)

    assert place.shown
    assert (place.produce_id, place.county_id, place.province_id) == (
        listing.produce_id, listing.county_id, listing.province_id,
    )  # fmt: skip
    assert place.women_led
    assert (place.fen_per_kg, place.standing, place.live_since) == (996, 4250, NOON)
    assert (place.stock, place.picked_on, place.freshness) == (Stock.NOW, date(2026, 11, 22), date(2026, 11, 22))


def test_stock_follows_the_lots():
    listing = make_listing(packs=None)
    assert place_of(listing).stock == Stock.NOTHING

    presale = make_lot(listing, 5, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))
    assert (place_of(listing).stock, place_of(listing).expected_from) == (Stock.PRESALE, date(2026, 12, 1))

    lot = make_lot(listing, 2)
    assert place_of(listing).stock == Stock.NOW
    Lot.objects.filter(pk=lot.pk).update(held=2)
    assert (place_of(listing).stock, place_of(listing).freshness) == (Stock.PRESALE, date(1, 1, 1))
    Lot.objects.filter(pk=lot.pk).update(held=1)
    assert place_of(listing).stock == Stock.NOW
    Lot.objects.filter(pk=lot.pk).update(closed_at=timezone.now())
    assert place_of(listing).stock == Stock.PRESALE
    Lot.objects.filter(pk=presale.pk).update(picked_on=date(2026, 11, 23))
    assert (place_of(listing).stock, place_of(listing).picked_on) == (Stock.NOW, date(2026, 11, 23))
    presale.delete()
    assert place_of(listing).stock == Stock.NOTHING


def test_a_sale_that_leaves_some_does_not_touch_it():
    listing = make_listing(packs=5)
    before = _version(listing)

    Lot.objects.filter(listing=listing).update(held=2, sold=2)

    assert _version(listing) == before


def _version(listing: Listing) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid FROM marketplace_shelfplace WHERE listing_id = %s", [listing.pk])
        return str(cursor.fetchone())


@pytest.mark.parametrize("status", [Listing.Status.PAUSED, Listing.Status.TAKEN_DOWN])
def test_what_was_stopped_is_not_shown_and_comes_back(status):
    listing = make_listing()

    Listing.objects.filter(pk=listing.pk).update(status=status)
    assert not place_of(listing).shown
    Listing.objects.filter(pk=listing.pk).update(status=Listing.Status.LIVE)
    assert place_of(listing).shown


def test_a_farmer_takes_all_their_listings_along():
    farmer = make_farmer()
    listings = [make_listing(farmer) for _ in range(3)]
    other = make_listing()

    Farmer.objects.filter(pk=farmer.pk).update(status=Farmer.Status.SUSPENDED)

    assert [place_of(listing).shown for listing in [*listings, other]] == [False, False, False, True]
    Farmer.objects.filter(pk=farmer.pk).update(status=Farmer.Status.VERIFIED, women_led=True)
    assert all(place_of(listing).shown and place_of(listing).women_led for listing in listings)


def test_price_pack_stars_and_produce_follow():
    listing = make_listing()
    mango = make_produce("mango", name_zh="芒果", name_en="Mango")

    Listing.objects.filter(pk=listing.pk).update(
        price_fen=6000, pack_grams=3000, rating_sum=8, rating_count=2, produce=mango
    )

    place = place_of(listing)
    assert (place.fen_per_kg, place.standing, place.produce_id) == (2000, 4000, mango.pk)


def test_the_check_finds_a_place_that_was_written_by_hand():
    listings = [make_listing() for _ in range(3)]
    assert places_out_of_step() == []

    ShelfPlace.objects.filter(pk=listings[0].pk).update(stock=Stock.NOTHING)
    ShelfPlace.objects.filter(pk=listings[2].pk).delete()

    assert places_out_of_step() == [listings[0].pk, listings[2].pk]


@pytest.mark.parametrize(
    ("sort", "index"),
    [("new", "place_newest"), ("fresh", "place_freshest"), ("price", "place_cheapest"), ("rating", "place_best_rated")],
)
def test_every_sort_reads_its_page_off_an_index(sort, index):
    assert sort in SORTS
    make_listing()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    seen: list[str] = []

    def explain(execute, sql, params, many, context):
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            seen.extend(row[0] for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        page_of(cards(), Wanted(sort=sort))

    plan = "\n".join(seen)
    assert f"Scan using {index} on marketplace_shelfplace" in plan, plan
    assert "Sort Key" not in plan, plan
