"""Figures as plain data: what downloads, the API and the yearly report give, each figure with its definition's label."""

import csv
import io
from datetime import date
from typing import Any

from insights import figures
from insights.definitions import BY_NAME
from insights.periods import Period
from insights.programmes import there
from marketplace.sheets.cells import defused

SUMS = figures.SUMS
#: By column: which definition it is of.
DEFINED = {
    "sold_fen": "sold",
    "farmer_fen": "kept",
    "paid_fen": "paid",
    "grams": "weight",
    "packs": "boxes",
    "growth_percent": "growth",
    "orders": "orders",
    "households": "households",
    "counties": "counties",
    "women_fen": "women",
    "women_percent": "women",
    "returning_percent": "returning",
    "fen_per_kg": "price",
    "fen_per_household": "income",
    "came_fen": "came",
    "granted_fen": "granted",
    "people": "reached",
}


def summed(added: figures.Added | None) -> dict[str, int | None]:
    """The sums of one thing; None throughout where it is withheld."""
    return {name: getattr(added, name) if added else None for name in SUMS}


def of_period(period: Period) -> dict[str, str]:
    return {"from": f"{period.first:%Y-%m}", "to": f"{period.last:%Y-%m}"}


def definitions(*names: str) -> dict[str, str]:
    """The label of each column's definition."""
    return {name: BY_NAME[DEFINED[name]].label for name in names if name in DEFINED}


def months(found: figures.Figures) -> list[dict[str, Any]]:
    """A row for each month."""
    return [
        {
            "month": f"{each.month:%Y-%m}",
            **summed(each.added),
            "sold_fen_year_before": each.before and each.before.sold_fen,
        }
        for each in found.months
    ]


def nation(period: Period) -> dict[str, Any]:
    """The country: `totals`, `months`."""
    found = figures.nation(period)
    more = {
        "orders": found.orders,
        "counties": found.counties,
        "women_fen": found.women_fen,
        "women_percent": found.women_percent,
        "households": found.households,
        "verified_farms": found.verified_farms,
        "people_year": found.people_year,
    }
    return _whole(found, more)


def counties(period: Period) -> dict[str, Any]:
    """`counties`: all of which something is public, most sold first."""
    rows = [
        {"county": place.slug, "name": place.local_name, **priced(added)}
        for place, added in figures.counties_sold(period)
    ]
    return _listed(period, "counties", rows)


def kinds(period: Period) -> dict[str, Any]:
    """`kinds`: all kinds of produce of which something is public, most sold first."""
    rows = [
        {"produce": kind.slug, "name": kind.local_name, **priced(added)} for kind, added in figures.kinds_sold(period)
    ]
    return _listed(period, "kinds", rows)


def priced(added: figures.Added) -> dict[str, int | None]:
    """Sums, and what a kilogram cost on the average."""
    return {**summed(added), "fen_per_kg": added.fen_per_kg}


def _listed(period: Period, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "period": of_period(period),
        "version": figures.version(),
        "definitions": definitions(*SUMS, "fen_per_kg"),
        name: rows,
    }


def county(place: Any, period: Period) -> dict[str, Any]:
    """A county: `totals`, `months`, `produce` by month, and the fund's `programmes` there."""
    found = figures.county(place, period)
    people = ("households", "returning_percent", "people_year")
    data = _whole(found, {name: getattr(found, name) for name in people})
    data["produce"] = [
        {"produce": kind.slug if kind else None, "month": f"{month:%Y-%m}", **summed(added)}
        for kind, by_month in found.produce
        for month, added in sorted(by_month.items())
    ]
    data["programmes"] = [
        {
            "programme": each.programme.slug,
            "target_fen": each.programme.target_fen,
            "came_fen": each.came_fen,
            "granted_fen": each.figures.granted,
            "people": each.people,
        }
        for each in there(place)
    ]
    data["definitions"] |= definitions("came_fen", "granted_fen", "people")
    return data | {"county": place.slug}


def produce(kind: Any, period: Period) -> dict[str, Any]:
    """A kind of produce: `totals`, `months`, and `counties`."""
    found = figures.produce(kind, period)
    data = _whole(found, {"fen_per_kg": found.added.fen_per_kg})
    data["counties"] = [
        {"county": place.slug, "name": place.local_name, **priced(added)} for place, added in found.counties
    ]
    return data | {"produce": kind.slug}


def league(year: int) -> dict[str, Any]:
    """The counties of a year, by income per farm."""
    rows = [
        {
            "rank": rank,
            "county": each.county.slug,
            "name": each.county.local_name,
            "households": each.households,
            "months": each.months,
            "farmer_fen": each.added.farmer_fen,
            "fen_per_household": each.fen_per_household,
        }
        for rank, each in enumerate(figures.league(year), 1)
    ]
    return {
        "year": year,
        "version": figures.version(),
        "definitions": definitions("households", "farmer_fen", "fen_per_household"),
        "counties": rows,
    }


def _whole(found: figures.Figures, more: dict[str, Any]) -> dict[str, Any]:
    totals = {**summed(found.added), "growth_percent": found.growth_percent, **more}
    return {
        "period": of_period(found.period),
        "version": found.version,
        "definitions": definitions(*totals),
        "withheld_months": found.withheld,
        "totals": totals,
        "months": months(found),
    }


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    """Rows for a spreadsheet, in UTF-8 with a mark; what is withheld is empty. The header names each definition."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = list(rows[0]) if rows else []
    writer.writerow([f"{name} ({BY_NAME[DEFINED[name]].label})" if name in DEFINED else name for name in names])
    for row in rows:
        writer.writerow(
            [
                "" if value is None else value if isinstance(value, int | float) else defused(value)
                for value in row.values()
            ]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def file_name(what: str, when: Period | int, ending: str) -> str:
    """ "chushan-nation-2026-01_2026-10.csv"."""
    return f"chushan-{what}-{when.slug if isinstance(when, Period) else when}.{ending}"


def year_of(text: str, today: date) -> int | None:
    """A calendar year such as "2025", up to today's; None for anything else."""
    return (
        int(text) if len(text) == 4 and text.isascii() and text.isdigit() and 2020 <= int(text) <= today.year else None
    )
