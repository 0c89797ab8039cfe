"""The roll-ups are what a recount gives, to the fen: rebuilt, and kept up while others sell and refund.

20,000 lines over two years here; a whole country's with `ROLL_UP_LINES=1000000 pytest -n 0 -s` and this file: half an hour, 6 GB of
disk, and no more memory than PostgreSQL takes at other times.
"""

# ruff: noqa: E501, S608, T201  # rows of SQL

import os
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from config.verify import run
from insights.invariants import CHECKS
from insights.models import Change, Month, Sale
from insights.services.keeping_up import keep_up, start_over
from insights.services.rolling_up import absorb_all
from tests.concurrency.racing import at_once
from tests.insights import bulk

LINES = int(os.environ.get("ROLL_UP_LINES", "20000"))
MORE = 1600  # lines sold while others count
pytestmark = pytest.mark.django_db(transaction=True)

# Counted another way: from the frozen lines and what refunds took, by the names of accounts, and not by their kinds.
RECOUNT = """
WITH line AS (
    SELECT line.id, parcel.farmer_id, placed.buyer_id, line.total_fen, line.platform_fen + line.fund_fen AS shares, line.packs,
           line.pack_grams, listing.county_id, listing_revision.produce_id, parcel.order_id, parcel.id AS parcel_id,
           paid.day
    FROM orders_orderline line JOIN orders_parcel parcel ON parcel.id = line.parcel_id
    JOIN orders_order placed ON placed.id = parcel.order_id AND placed.status <> 'UNPAID'
    JOIN (SELECT leg.line_id, min((entry.booked_at AT TIME ZONE 'UTC' + interval '8 hours')::date) AS day FROM payments_leg leg
          JOIN payments_entry entry ON entry.id = leg.entry_id WHERE entry.ref LIKE '%%paid:%%' GROUP BY leg.line_id
    ) paid ON paid.line_id = line.id
    JOIN marketplace_listing listing ON listing.id = line.listing_id
    JOIN marketplace_listingrevision listing_revision ON listing_revision.id = line.revision_id
),
back AS (
    SELECT leg.line_id, sum(leg.fen) FILTER (WHERE account.name LIKE 'farmer:%%') AS farmers,
           -sum(leg.fen) FILTER (WHERE account.name LIKE 'refund\\_due%%') AS fen
    FROM payments_leg leg JOIN payments_entry entry ON entry.id = leg.entry_id AND entry.kind = 'REFUND'
    JOIN payments_account account ON account.id = leg.account_id GROUP BY leg.line_id
),
sent AS (
    SELECT leg.line_id, sum(leg.fen) AS fen FROM payments_payout payout
    JOIN payments_entry entry ON entry.payout_id = payout.id AND entry.kind = 'PAYOUT'
    JOIN payments_leg leg ON leg.entry_id = entry.id AND leg.fen > 0 WHERE payout.paid_at IS NOT NULL GROUP BY leg.line_id
)
SELECT line.day, line.county_id, line.produce_id, farmer.kind, farmer.women_led,
       sum(line.total_fen), sum(coalesce(back.fen, 0)), sum(line.total_fen - shares - coalesce(back.farmers, 0)),
       sum(coalesce(sent.fen, 0)), coalesce(sum(line.packs * line.pack_grams) FILTER (WHERE line.total_fen > coalesce(back.fen, 0)), 0),
       coalesce(sum(line.packs) FILTER (WHERE line.total_fen > coalesce(back.fen, 0)), 0),
       count(*) FILTER (WHERE line.id = first_of_parcel), count(*) FILTER (WHERE line.id = first_of_order)
FROM (SELECT line.*, min(id) OVER (PARTITION BY parcel_id) AS first_of_parcel, min(id) OVER (PARTITION BY order_id) AS first_of_order
      FROM line) line
JOIN accounts_farmer farmer ON farmer.id = line.farmer_id
LEFT JOIN back ON back.line_id = line.id LEFT JOIN sent ON sent.line_id = line.id
GROUP BY 1, 2, 3, 4, 5
"""
COLUMNS = """day, county_id, produce_id, kind, women_led, goods_fen, refund_fen, farmer_fen, paid_fen, grams, packs, parcels,
    orders"""
KEPT = f"SELECT {COLUMNS} FROM insights_dayfigure WHERE goods_fen <> 0"


def recount() -> None:
    """Count it that other way, once."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET work_mem = '64MB'; DROP TABLE IF EXISTS recounted")
        cursor.execute(f"CREATE TEMP TABLE recounted ({COLUMNS}) AS {RECOUNT}", {})


def differences() -> int:
    """How many cells only one of the two has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH recount AS (SELECT * FROM recounted), kept AS ({KEPT})
                SELECT (SELECT count(*) FROM (SELECT * FROM recount EXCEPT SELECT * FROM kept) one)
                     + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM recount) other)"""
        )
        return int(cursor.fetchone()[0])


class Watch:
    """Says how long each step took: a million lines take a while."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def say(self, step: str) -> None:
        now = time.monotonic()
        print(f"{step}: {now - self.began:.1f} s", flush=True)
        self.began = now


def test_roll_ups_are_a_recount_after_a_rebuild_and_while_more_is_sold() -> None:
    now, watch = timezone.now(), Watch()
    bulk.fill(lines=LINES, now=now)
    watch.say(f"{LINES} lines written")
    recount()
    watch.say("recounted")
    assert differences() > 1000, "nothing is rolled up yet"

    start_over(now)
    watch.say("rebuilt and put out")

    assert differences() == 0
    assert Sale.objects.count() == LINES
    assert Sale.objects.filter(refund_fen__gt=0, paid_fen=0).exists()
    assert Sale.objects.filter(paid_fen__gt=0).exists()

    sold = threading.Event()

    def sell(first: int) -> None:
        try:
            for at in range(first, first + MORE // 4 // 2, 100):
                bulk.fill(lines=400, now=now, first=at)
        finally:
            sold.set()

    def count() -> None:
        while not sold.is_set():
            absorb_all()

    with bulk.noting():
        first = LINES // 4 + 1
        results = at_once(lambda: sell(first), lambda: sell(first + MORE // 4 // 2), count, count)
        assert results == [None] * 4
    keep_up(now)
    watch.say(f"{MORE} more sold, counted meanwhile and put out")

    assert not Change.objects.exists()
    assert Sale.objects.count() == LINES + MORE
    recount()
    assert differences() == 0
    watch.say("recounted")
    assert [check.name for check in CHECKS if not run(check, now).is_clean] == []
    watch.say("verified")
    assert Month.objects.filter(is_shown=True).count() >= 24
