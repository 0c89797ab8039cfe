"""Every public figure, recomputed from raw rows: orders' lines and the ledger's legs, by another way than the product's."""

# ruff: noqa: E501  # rows of SQL

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import County
from insights import figures, tables
from insights.periods import Period, after, last_twelve
from insights.services.keeping_up import start_over
from marketplace.models import Produce
from tests.insights import bulk

pytestmark = pytest.mark.django_db

# One row for each sold line: month, county, produce, farm, buyer, women-led, day, sold, kept, reached, grams, packs.
RAW = """
WITH leg AS (
    SELECT leg.line_id, leg.fen, account.name, entry.kind, entry.booked_at, payout.paid_at FROM payments_leg leg
    JOIN payments_account account ON account.id = leg.account_id JOIN payments_entry entry ON entry.id = leg.entry_id
    LEFT JOIN payments_payout payout ON payout.id = entry.payout_id AND payout.state = 'PAID'
    WHERE leg.line_id IS NOT NULL AND leg.part = 'GOODS'
),
money AS (
    SELECT line_id, (min(booked_at) AT TIME ZONE 'UTC' + interval '8 hours')::date AS day,
           coalesce(sum(fen) FILTER (WHERE name LIKE 'refund\\_due%'), 0) AS back,  -- minus
           -coalesce(sum(fen) FILTER (WHERE name LIKE 'farmer:%'), 0) AS kept,
           -coalesce(sum(fen) FILTER (WHERE name LIKE 'farmer:%:payout' AND paid_at IS NOT NULL OR name LIKE 'farmer:%:direct'), 0) AS reached
    FROM leg GROUP BY line_id
)
SELECT date_trunc('month', day)::date, farmer.county_id, revision.produce_id, farmer.id, placed.buyer_id, farmer.women_led, day,
       line.total_fen + back, kept, least(reached, kept),
       CASE WHEN line.total_fen + back > 0 THEN line.packs * line.pack_grams ELSE 0 END,
       CASE WHEN line.total_fen + back > 0 THEN line.packs ELSE 0 END, placed.id
FROM money JOIN orders_orderline line ON line.id = money.line_id
JOIN marketplace_listingrevision revision ON revision.id = line.revision_id
JOIN orders_parcel parcel ON parcel.id = line.parcel_id JOIN orders_order placed ON placed.id = parcel.order_id
JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
"""
SUMS = slice(7, 12)


@pytest.fixture(scope="module")
def raw(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Two years of sales, rolled up and put out; their raw rows."""
    from django.test import TestCase

    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]  # as pytest-django's own class-wide fixture does
        try:
            bulk.fill(lines=6000, now=timezone.now())
            start_over(timezone.now())
            with connection.cursor() as cursor:
                cursor.execute(RAW)
                yield cursor.fetchall()
        finally:
            TestCase._rollback_atomics(atomics)  # type: ignore[attr-defined]


def sums(rows: list[Any]) -> dict[str, int]:
    return {name: int(sum(row[SUMS][at] for row in rows)) for at, name in enumerate(figures.SUMS)}


def enough(rows: list[Any]) -> bool:
    """Five farms and five buyers, of what came to something."""
    some = [row for row in rows if row[11] or row[8]]
    return min(len({row[3] for row in some}), len({row[4] for row in some})) >= 5


def growth(now: int, before: int) -> float | None:
    return round((now - before) * 100 / before, 1) if before else None


@pytest.fixture
def period(raw: Any, db: Any) -> Period:
    return last_twelve(timezone.localdate())


def test_the_countrys_figures(raw: Any, period: Period) -> None:
    data = tables.nation(period)
    inside = [row for row in raw if row[0] in period.months]
    before = [row for row in raw if row[0] in period.before.months]

    assert {name: data["totals"][name] for name in figures.SUMS} == sums(inside)
    assert {row[0] for row in before} == set(period.before.months), "or growth is not said"
    assert data["totals"]["growth_percent"] == growth(sums(inside)["sold_fen"], sums(before)["sold_fen"])
    assert data["totals"]["orders"] == len({row[12] for row in inside})
    year = [row for row in raw if row[0].year == period.last.year and (row[11] or row[8])]
    assert data["totals"]["households"] == len({row[3] for row in year})
    assert data["totals"]["counties"] == max(
        len({row[1] for row in inside if row[0] == month}) for month in period.months
    )
    women = sums([row for row in inside if row[5]])["sold_fen"]
    assert data["totals"]["women_percent"] == round(women * 100 / sums(inside)["sold_fen"], 1)
    for each in data["months"]:
        assert {name: each[name] for name in figures.SUMS} == sums(
            [row for row in inside if f"{row[0]:%Y-%m}" == each["month"]]
        )


def test_each_countys_figures(raw: Any, period: Period) -> None:
    shown = 0
    for place in County.objects.filter(slug__startswith="bulk"):
        own = [row for row in raw if row[1] == place.pk]
        data = tables.county(place, period)
        for each in data["months"]:
            rows = [row for row in own if f"{row[0]:%Y-%m}" == each["month"]]
            assert each["sold_fen"] is None or enough(rows)
            if each["sold_fen"] is not None:
                shown += 1
                assert {name: each[name] for name in figures.SUMS} == sums(rows)
        shown_months = {month for month in {row[0] for row in own} if _is_shown(place, month)}
        public = [row for row in own if row[0].year == period.last.year and row[0] in shown_months]
        buyers: dict[int, set[date]] = defaultdict(set)
        for row in public:
            if row[11] or row[8]:
                buyers[row[4]].add(row[6])
        again = sum(len(days) > 1 for days in buyers.values())
        if data["totals"]["households"] is not None:
            assert data["totals"]["households"] == len({row[3] for row in public if row[11] or row[8]})
            told = round(again * 100 / len(buyers)) if min(again, len(buyers) - again) >= 5 else None
            assert data["totals"]["returning_percent"] == told
        for each in data["produce"]:
            kind = Produce.objects.get(slug=each["produce"]).pk if each["produce"] else None
            rows = [row for row in own if f"{row[0]:%Y-%m}" == each["month"]]
            if kind:
                rows = [row for row in rows if row[2] == kind]
                assert enough(rows)
                assert {name: each[name] for name in figures.SUMS} == sums(rows)
    assert shown > 100


def _is_shown(place: County, month: date) -> bool:
    return not figures.county(place, Period(month, month)).withheld


def test_each_kinds_figures(raw: Any, period: Period) -> None:
    alone = {  # where a kind is told apart
        (month, place.pk, kind.pk)
        for place in County.objects.filter(slug__startswith="bulk")
        for kind, by_month in figures.county(place, period).produce
        for month in by_month
        if kind
    }
    for kind in Produce.objects.filter(parent__isnull=False):
        rows = [row for row in raw if row[2] == kind.pk and tuple(row[:3]) in alone]
        data = tables.produce(kind, period)

        assert {name: data["totals"][name] for name in figures.SUMS} == sums(rows)
        totals = sums(rows)
        assert data["totals"]["fen_per_kg"] == (round(totals["sold_fen"] * 1000 / totals["grams"]) if rows else None)
        averages = []
        for each in data["counties"]:
            there = sums([row for row in rows if row[1] == County.objects.get(slug=each["county"]).pk])
            assert {name: each[name] for name in figures.SUMS} == there
            if there["grams"]:
                averages.append(round(there["sold_fen"] * 1000 / there["grams"]))
        told = figures.produce(kind, period).prices
        assert told == ((min(averages), max(averages)) if averages else None)
    assert len(alone) > 50


def test_the_league(raw: Any, period: Period) -> None:
    data = tables.league(period.last.year)

    assert len(data["counties"]) > 10
    assert [each["fen_per_household"] for each in data["counties"]] == sorted(
        (each["fen_per_household"] for each in data["counties"]), reverse=True
    )
    for each in data["counties"]:
        place = County.objects.get(slug=each["county"])
        own = [row for row in raw if row[1] == place.pk and row[0].year == data["year"]]
        months = {month for month in {row[0] for row in own} if _is_shown(place, month)}
        rows = [row for row in own if row[0] in months]
        farms = len({row[3] for row in rows if row[11] or row[8]})
        assert (each["households"], each["fen_per_household"]) == (farms, sums(rows)["farmer_fen"] // farms)


def test_pages_and_downloads_say_the_same(raw: Any, period: Period) -> None:
    client = Client(headers={"Accept-Language": "en"})
    place = County.objects.filter(slug__startswith="bulk").order_by("pk")[0]
    data = tables.county(place, period)

    page = client.get(reverse("insights:county", args=[place.slug])).content.decode()
    table = client.get(reverse("insights:county_data", args=[place.slug, "csv"])).content.decode("utf-8-sig")
    told = client.get(reverse("insights:county_data", args=[place.slug, "json"])).json()

    assert told == data
    assert len(table.splitlines()) == 13
    assert "sold_fen (sold.1)" in table.splitlines()[0]
    for each in data["months"]:
        if each["sold_fen"] is not None:
            assert f"{each['month']},{each['sold_fen']}," in table
            assert f"¥{round(each['sold_fen'] / 100):,}<" in page
    assert after(period.first, 11) == period.last
