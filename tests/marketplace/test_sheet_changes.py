"""Changing what is there by a sheet: prices, words, drafts and harvests, within what the pages allow."""

from datetime import date
from typing import Any

import pytest

from marketplace.models import ListingRevision, Lot
from marketplace.queries.sheets import export_rows
from marketplace.services import drafts, lots
from marketplace.services.imports.knowing import photo_code
from marketplace.sheets.writing import as_csv as write_csv
from tests.make import NOON, make_farmer, make_listing, make_lot, make_photo, make_produce
from tests.marketplace.selling import make_draft, submit
from tests.marketplace.sheeting import agree, exported, said, saved, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer() -> Any:
    make_produce()
    return make_farmer()


# --- Changes ----------------------------------------------------------------------------------------------------------


def test_a_small_step_in_price_holds_at_once_and_a_big_one_waits(farmer):
    listing = make_listing(farmer)

    saved(farmer, exported(farmer, price="52"))
    listing.refresh_from_db()
    assert (listing.price_fen, listing.revisions.count()) == (5200, 1)

    saved(farmer, exported(farmer, price="99"))
    listing.refresh_from_db()
    assert (listing.price_fen, listing.revisions.get(number=2).status) == (5200, "WAITING")
    assert send(farmer, write_csv([exported(farmer, price="99")])).changed_count == 0, "it waits already"


def test_new_words_wait_for_a_moderator_while_buyers_see_the_old(farmer):
    listing = make_listing(farmer)

    saved(farmer, exported(farmer, words="今年特别甜。", origin="澄江镇"))

    listing.refresh_from_db()
    waiting = listing.revisions.get(status="WAITING")
    assert (listing.words, waiting.words, waiting.origin) == ("皮薄汁多，早上摘下午发。", "今年特别甜。", "澄江镇")
    assert drafts.photo_ids(waiting) == drafts.photo_ids(listing.approved_revision)
    again = send(farmer, write_csv([exported(farmer, words="今年特别甜。", origin="澄江镇")]))
    assert again.changed_count == 0, "it waits already"


def test_words_and_a_big_step_in_price_wait_together(farmer):
    listing = make_listing(farmer)

    saved(farmer, exported(farmer, words="今年特别甜。", price="99"))

    waiting = listing.revisions.get(status="WAITING")
    assert (waiting.words, waiting.price_fen) == ("今年特别甜。", 9900)


def test_a_change_begun_on_the_page_is_joined_and_not_sent(farmer):
    listing = make_listing(farmer)
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    saved(farmer, exported(farmer, words="今年特别甜。"))

    assert listing.revisions.get(number=2).status == "DRAFT"


def test_the_pack_of_what_buyers_see_stays(farmer):
    make_listing(farmer)

    sheet = send(farmer, write_csv([exported(farmer, weight="3 kg")]))

    assert said(sheet) == [
        ("C2", "The weight of a box stays once buyers can see it. For another box, make a new listing.")
    ]


def test_a_draft_may_change_altogether_and_is_sent_once_it_is_whole(farmer):
    make_draft(farmer, photos=[])
    photo = make_photo(farmer.user)

    saved(
        farmer,
        exported(farmer, weight="3 kg", price="30", left="9", picked_on="2026-11-20", photos=photo_code(photo.key)),
    )

    revision, lot = ListingRevision.objects.get(), Lot.objects.get()
    assert (revision.status, revision.pack_grams, revision.price_fen, revision.packs) == ("WAITING", 3000, 3000, 9)
    assert (lot.harvested, lot.picked_on) == (9, date(2026, 11, 20))


def test_what_waits_is_withdrawn_and_sent_anew(farmer):
    submit(farmer)

    saved(farmer, exported(farmer, words="换一句话。"))

    assert [(r.number, r.status) for r in ListingRevision.objects.order_by("number")] == [
        (1, "WITHDRAWN"),
        (2, "WAITING"),
    ]


# --- Harvests ---------------------------------------------------------------------------------------------------------


def test_what_was_sold_since_the_export_is_not_put_back(farmer):
    """The oldest mistake of stock on lists: 20 at export, 5 sold, the untouched list says 20 again."""
    lot = make_listing(farmer, packs=20).lots.get()
    untouched, ten_more, fewer = (exported(farmer, **changes) for changes in ({}, {"left": 30}, {"left": 2}))
    Lot.objects.filter(pk=lot.pk).update(sold=5)

    assert send(farmer, write_csv([untouched])).changed_count == 0
    saved(farmer, ten_more)
    lot.refresh_from_db()
    assert (lot.left, lot.harvested) == (25, 30)
    saved(farmer, fewer | {"left_then": 40})
    lot.refresh_from_db()
    assert lot.left == 0, "never below what is promised"


def test_none_left_means_none_left(farmer):
    lot = make_listing(farmer, packs=20).lots.get()
    row = exported(farmer, left=0)
    Lot.objects.filter(pk=lot.pk).update(sold=5, held=2)

    saved(farmer, row)

    lot.refresh_from_db()
    assert (lot.left, lot.harvested) == (0, 7)


def test_a_sale_between_looking_and_agreeing_does_not_stop_the_sheet(farmer):
    lot = make_listing(farmer, packs=20).lots.get()
    sheet = send(farmer, write_csv([exported(farmer, left=30)]))
    Lot.objects.filter(pk=lot.pk).update(held=4)

    assert agree(sheet).status == "DONE"
    lot.refresh_from_db()
    assert lot.left == 26


def test_another_harvest_is_on_sale_at_once_and_once(farmer):
    listing = make_listing(farmer)
    row = {"listing": listing.pk, "left": 50, "picked_on": "2026-11-23"}

    saved(farmer, row)
    again = send(farmer, write_csv([row]))

    assert sorted(lot.left for lot in listing.lots.all()) == [20, 50]
    assert again.changed_count == 0


def test_a_presale_is_marked_as_picked(farmer):
    listing = make_listing(farmer, packs=None)
    make_lot(listing, 7, expected_from=date(2026, 11, 1), expected_until=date(2026, 12, 9))

    saved(farmer, exported(farmer, picked_on="2026-11-23"))

    assert listing.lots.get().picked_on == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"picked_on": "2026-11-20"}, "F2"),
        ({"grade": "特级"}, "I2"),
        ({"lot": "NOSUCH22"}, "N2"),
        ({"lot": None}, "N2"),
        ({"left": "-1"}, "E2"),
    ],
)
def test_what_stays_of_a_harvest_on_sale(farmer, changes, cell):
    make_listing(farmer)

    assert [where for where, _words in said(send(farmer, write_csv([exported(farmer, **changes)])))] == [cell]


def test_a_closed_harvest_and_one_named_twice_are_refused(farmer):
    lot = make_listing(farmer).lots.get()
    row = exported(farmer, left=5)
    twice = send(farmer, write_csv([row, row | {"left": 6}]))
    lots.close_lot(lot_id=lot.pk, farmer=farmer, now=NOON)

    assert [where for where, _words in said(twice)] == ["N3"]
    assert said(send(farmer, write_csv([row]))) == [("N2", "This harvest is closed.")]


def test_rows_of_one_listing_that_contradict_each_other_are_refused(farmer):
    listing = make_listing(farmer)
    make_lot(listing, 7)
    first, second = export_rows(farmer)

    sheet = send(farmer, write_csv([first, second | {"price": "55"}]))

    assert [where for where, _words in said(sheet)] == ["D3"]
