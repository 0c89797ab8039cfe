"""Sheets agreed to twice, saved by two workers, and saved while buyers order. Real threads, real PostgreSQL."""

from typing import Any

import pytest
from django.utils import timezone

from marketplace.models import ImportedRow, Listing, Lot, SheetImport
from marketplace.queries.sheets import export_rows
from marketplace.services import imports
from marketplace.services.imports import running
from marketplace.sheets import reading
from marketplace.sheets.writing import as_csv
from tests.concurrency.racing import at_once
from tests.make import make_farmer, make_listing, make_produce, make_user
from tests.marketplace.sheeting import A_ROW, agree, send, work
from tests.orders.making import make_order

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [A_ROW | {"left": str(number)} for number in range(1, 21)]


@pytest.fixture
def farmer() -> Any:
    make_produce()
    return make_farmer()


def test_a_double_click_and_two_workers_save_once(farmer):
    sheet = send(farmer, as_csv(ROWS))
    table = reading.read(as_csv(ROWS))
    at_once(*[lambda: imports.confirm_sheet(sheet_id=sheet.pk, farmer=farmer, now=timezone.now())] * 3)

    at_once(*[lambda: running.save(sheet_id=sheet.pk, table=table, now=timezone.now())] * 3)

    assert (SheetImport.objects.get().status, Listing.objects.count()) == ("DONE", 20)


def test_without_the_sheets_own_state_two_workers_would_save_twice(farmer):
    """The control: nothing but the state and the rows' digests stands between a second run and a second harvest."""
    sheet = agree(send(farmer, as_csv(ROWS)))
    table = reading.read(as_csv(ROWS))
    ImportedRow.objects.all().delete()
    SheetImport.objects.update(status="SAVING")

    running.save(sheet_id=sheet.pk, table=table, now=timezone.now())

    assert Listing.objects.count() == 40


def test_two_sheets_that_say_the_same_make_it_once(farmer):
    first, second = send(farmer, as_csv(ROWS)), send(farmer, as_csv(ROWS))
    for sheet in (first, second):
        imports.confirm_sheet(sheet_id=sheet.pk, farmer=farmer, now=timezone.now())
    table = reading.read(as_csv(ROWS))

    at_once(
        *[lambda pk=sheet.pk: running.save(sheet_id=pk, table=table, now=timezone.now()) for sheet in (first, second)]
    )

    assert Listing.objects.count() == 20
    assert sorted(SheetImport.objects.values_list("status", "has_moved_on")) == [("DONE", False), ("READY", True)]


def test_stock_from_a_sheet_and_orders_at_the_same_moment_lose_no_box(farmer):
    listing = make_listing(farmer, packs=50)
    buyers = [make_user(f"buyer {number}") for number in range(4)]
    rows = [row | {"left": 60} for row in export_rows(farmer)]
    sheet = send(farmer, as_csv(rows))
    imports.confirm_sheet(sheet_id=sheet.pk, farmer=farmer, now=timezone.now())

    at_once(
        *[lambda buyer=buyer: make_order(buyer, {listing: 3}, now=timezone.now()) for buyer in buyers],
        lambda: work(sheet),
    )

    lot = Lot.objects.get(listing=listing)
    assert (lot.harvested, lot.held, lot.left) == (60, 12, 48)
