"""Plans of the list pages on thousands of listings: found by an index and stopped after a page, never by reading a table."""

import random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import County
from accounts.services.places import load_places
from config.demo.many.fill import save
from config.demo.many.households import Countryside
from config.demo.many.lending import Pictures
from config.demo.many.rows import Names, Rows
from marketplace.models import Listing, Produce
from marketplace.services.images import Cleaned
from marketplace.services.produce import load_produce
from tests.make import NOON, make_moderator
from tests.planning import analyze

LISTINGS = 2000
WIDE = {"marketplace_listing", "marketplace_lot", "marketplace_listingrevision"}
NARROW = {"marketplace_shelfplace"}
LISTS = [
    "/produce/",
    "/produce/?sort=price",
    "/produce/?sort=fresh",
    "/produce/walnut/",
    "/counties/jiangxi-xunwu/",
    "/search/?q=核桃",
]


class NoFiles(Pictures):
    """Plans look at rows; drawing pictures takes long."""

    def copies(self, produce: Produce, variant: int) -> Cleaned:
        return Cleaned(960, 720, {320: b"", 640: b""})

    def lend(self, *args: object) -> None:
        pass


@pytest.fixture
def large_shop(db: Any) -> None:
    load_places()
    load_produce()
    kinds = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    counties = list(County.objects.select_related("province").order_by("list_no"))
    rows = Rows(Names(), NoFiles())
    for household in Countryside(counties, kinds, [make_moderator()], NOON, random.Random(4)).households(LISTINGS):
        rows.add(household)
    save(rows)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT gin_clean_pending_list('listing_search')")  # what autovacuum would do
    analyze()


def tables_read_whole(plan: dict[str, Any]) -> set[str]:
    """The large tables that some step of a plan reads from one end to the other."""
    found = {plan["Relation Name"]} & (WIDE | NARROW) if plan["Node Type"] == "Seq Scan" else set()
    for step in plan.get("Plans", []):
        found |= tables_read_whole(step)
    return found


def plans(address: str) -> list[dict[str, Any]]:
    with CaptureQueriesContext(connection) as seen:
        assert Client().get(address).status_code == 200
    found = []
    for query in seen.captured_queries:
        if query["sql"].startswith("SELECT") and "LIMIT 25" in query["sql"] and "marketplace_listing" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")  # our own, just run
                found.append(cursor.fetchone()[0][0]["Plan"])
    return found


def test_no_list_reads_a_large_table_whole(large_shop: None) -> None:
    assert Listing.objects.count() == LISTINGS
    for address in LISTS:
        found = plans(address)
        assert found, address
        for plan in found:
            read = tables_read_whole(plan)
            assert not read & WIDE, address
            assert not read or address.startswith("/search/"), address  # words found first, then their narrow rows
    with connection.cursor() as cursor:  # the control: an order without an index
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT * FROM marketplace_listing ORDER BY words LIMIT 25")
        assert tables_read_whole(cursor.fetchone()[0][0]["Plan"])
