"""How many listings each filter would leave: one statement, bounded, right under the other filters in force."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from marketplace.models import ShelfPlace
from marketplace.models.listings import ListingQuerySet
from marketplace.queries.matching import Matches
from marketplace.queries.shelves import Stock, Wanted, within_price

MOST_COUNTED = (
    5_000  # beyond, "5,000 and more": nobody looks through so many, and counting them takes longer than finding
)


@dataclass
class Facets:
    """What each choice would leave, the other filters kept. With `at_least`, more was there than is counted."""

    total: int = 0
    at_least: bool = False
    produce: dict[int, int] = field(default_factory=dict)  # by id
    provinces: dict[str, int] = field(default_factory=dict)  # by code
    counties: dict[int, int] = field(default_factory=dict)  # by id, within the chosen province
    women_led: int = 0
    stock: dict[str, int] = field(default_factory=dict)  # by the names of shelves.Stock


_COUNT = """
WITH found AS (
    SELECT * FROM (
        SELECT *, (%(produce)s::bigint[] IS NULL OR produce_id = ANY(%(produce)s::bigint[])) AS p,
               (%(province)s = '' OR province_id = %(province)s) AS v,
               (%(county)s = '' OR county_id = (SELECT id FROM accounts_county WHERE slug = %(county)s)) AS c,
               (NOT %(women)s OR women_led) AS w, stock = ANY(%(stock)s::int[]) AS s
        FROM ({listings}) AS shelf(produce_id, province_id, county_id, women_led, stock)
    ) AS judged
    WHERE p::int + (v AND c)::int + w::int + s::int > 2
    LIMIT %(limit)s
)
SELECT grouping(produce_id, province_id, county_id, women_led, stock), produce_id, province_id, county_id, women_led,
    stock, count(*) FILTER (WHERE v AND c AND w AND s), count(*) FILTER (WHERE p AND w AND s),
    count(*) FILTER (WHERE p AND v AND w AND s), count(*) FILTER (WHERE p AND v AND c AND s),
    count(*) FILTER (WHERE p AND v AND c AND w), count(*) FILTER (WHERE p AND v AND c AND w AND s), count(*)
FROM found GROUP BY GROUPING SETS ((produce_id), (province_id), (county_id), (women_led), (stock), ())
"""
_PRODUCE, _PROVINCE, _COUNTY, _WOMEN, _STOCK, _ALL = 0b01111, 0b10111, 0b11011, 0b11101, 0b11110, 0b11111
_LEVELS = {
    Stock.NOW: [ShelfPlace.Stock.NOW],
    Stock.PRESALE: [ShelfPlace.Stock.PRESALE],
    Stock.SOLD_OUT_TOO: [ShelfPlace.Stock.NOTHING, ShelfPlace.Stock.PRESALE, ShelfPlace.Stock.NOW],
}
_BUYABLE = [ShelfPlace.Stock.PRESALE, ShelfPlace.Stock.NOW]


def facets(listings: ListingQuerySet, wanted: Wanted) -> Facets:
    """Counts for every filter over `listings` (made by `shelves.cards`). One query over at most MOST_COUNTED listings."""
    matching = within_price(listings, wanted)
    if wanted.query:
        matching = matching.filter(Matches(wanted.query))
    narrow = matching.order_by().values(*[f"place__{name}" for name in _COLUMNS])
    if narrow.query.is_empty():
        return Facets()
    sql, params = _with_names(*narrow.query.sql_with_params())
    levels = [int(level) for level in _LEVELS.get(wanted.stock, _BUYABLE)]
    values = params | {
        "produce": list(wanted.produce) or None, "province": wanted.province, "county": wanted.county,
        "women": wanted.women_led, "stock": levels, "limit": MOST_COUNTED + 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(listings=sql), values)
        return _read(cursor.fetchall())


_COLUMNS = ["produce_id", "province_id", "county_id", "women_led", "stock"]


def _with_names(sql: str, params: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """The statement with its places named, so that it can stand inside another."""
    names = {f"inner_{at}": value for at, value in enumerate(params)}
    return sql % tuple(f"%({name})s" for name in names), names


def _read(rows: list[tuple[int, ...]]) -> Facets:
    found = Facets()
    by_stock: dict[int, int] = {}
    for group, produce, province, county, women, stock, *counts in rows:
        by_produce, by_province, by_county, by_women, by_level, total, looked_at = counts
        if group == _ALL:
            found.total, found.at_least = total, looked_at > MOST_COUNTED
        elif group == _PRODUCE and by_produce:
            found.produce[produce] = by_produce
        elif group == _PROVINCE and by_province:
            found.provinces[str(province)] = by_province
        elif group == _COUNTY and by_county:
            found.counties[county] = by_county
        elif group == _WOMEN and women:
            found.women_led = by_women
        elif group == _STOCK:
            by_stock[stock] = by_level
    now, presale, none = (by_stock.get(level, 0) for level in (2, 1, 0))
    found.stock = {"": now + presale, Stock.NOW: now, Stock.PRESALE: presale, Stock.SOLD_OUT_TOO: now + presale + none}
    return found
