"""Putting out what may be said of a month: its groups, the part of women-led farms, and the people of its year."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Farmer
from common.transactions import needs_transaction, use_case
from insights.grouping import ENOUGH, Crowd, Cut, cut, large_enough, may_be_parted, together
from insights.models import DayFigure, Group, Month, Progress, Sale, YearPeople
from insights.services.rolling_up import take_turn

Cell = tuple[int, int]
Place = tuple[int | None, int | None]
OF_WOMEN = ("women_sold_fen", "women_farmer_fen")
PUBLIC = ("sold_fen", "farmer_fen", "paid_fen", "grams", "packs")


def to_put_out(now: datetime) -> list[date]:
    """The months to be put out anew, newest first: something moved in them, or they are over and not yet split."""
    running = _month_of(timezone.localdate(now))
    due = Month.objects.filter(Q(is_stale=True) | Q(is_split=False, month__lt=running))
    return list(due.order_by("-month").values_list("month", flat=True))


@use_case
def put_out(month: date, now: datetime) -> None:
    """Cut a month into groups that are large enough, and add each up. Twice: the same."""
    _begin()
    is_split = month < _month_of(timezone.localdate(now))
    women, others = (_crowds(_that_count(month).filter(women_led=women_led)) for women_led in (True, False))
    crowds = {cell: together([women[cell], others[cell]]) for cell in women.keys() | others.keys()}
    how = cut(crowds, split=is_split)
    shown: dict[str, int | None] = dict.fromkeys([*PUBLIC, "orders", "counties"], 0) | dict.fromkeys(OF_WOMEN)
    Group.objects.filter(month=month).delete()
    if how.is_shown:
        of_all, of_women = _put_out_groups(month, how)
        orders = _in_month(DayFigure.objects, month).aggregate(orders=Sum("orders"))["orders"]
        shown |= {**of_all, "orders": orders, "counties": len({county for county, _produce in crowds})}
        if may_be_parted(_sides(women, others, how)):
            shown |= of_women
    Month.objects.filter(month=month).update(is_stale=False, is_split=is_split, is_shown=how.is_shown, **shown)
    _move_on()


@needs_transaction
def _begin() -> None:
    """Hold the turn, for as long as it takes; large tables are read whole, month by month, and not row by row."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL enable_nestloop = off")
    take_turn(wait=True)


def _move_on() -> None:
    """Pages made before are not shown any more."""
    Progress.objects.filter(pk=1).update(version=F("version") + 1)


def _in_month(rows: Any, month: date) -> Any:
    return rows.filter(day__gte=month, day__lt=_after(month))


def _that_count(month: date) -> QuerySet[Sale]:
    """A month's lines that come to something: not what went back whole, unless somebody else bears it."""
    return _in_month(Sale.objects.filter(Q(packs__gt=0) | Q(farmer_fen__gt=0)), month)


def _crowds(sold: QuerySet[Sale]) -> dict[Cell, Crowd]:
    """By (county, produce): who sold, who bought."""
    found: dict[Cell, Crowd] = defaultdict(Crowd)
    for county, produce, farmer in sold.values_list("county_id", "produce_id", "farmer_id").distinct():
        found[county, produce].households.add(farmer)
    for county, produce, buyer in sold.values_list("county_id", "produce_id", "buyer_id").distinct():
        found[county, produce].buyers.add(buyer)
    return found


def _sides(women: dict[Cell, Crowd], others: dict[Cell, Crowd], how: Cut) -> dict[Place, tuple[Crowd, Crowd]]:
    """Of each group: the women-led farms in it, and the others."""
    parts: dict[Place, list[Cell]] = defaultdict(list)
    for cell in women.keys() | others.keys():
        parts[how.place(*cell)].append(cell)
    return {
        place: (together(women[cell] for cell in cells), together(others[cell] for cell in cells))
        for place, cells in parts.items()
    }


def _put_out_groups(month: date, how: Cut) -> tuple[dict[str, int], dict[str, int]]:
    """Write the groups with their sums; the sums of all, and what women-led farms have of them."""
    groups: dict[Place, Counter[str]] = defaultdict(Counter)
    of_all: Counter[str] = Counter(dict.fromkeys(PUBLIC, 0))
    of_women: Counter[str] = Counter()
    cells = _in_month(DayFigure.objects, month).values_list("county_id", "produce_id", "women_led").order_by()
    summed = {f"sum_{name}": Sum(name) for name in PUBLIC[1:]}
    for county, produce, women_led, *sums in cells.annotate(sum_sold=Sum(F("goods_fen") - F("refund_fen")), **summed):
        fen = Counter(dict(zip(PUBLIC, sums, strict=True)))
        groups[how.place(county, produce)].update(fen)
        of_all.update(fen)
        if women_led:
            of_women.update(fen)
    Group.objects.bulk_create(
        Group(month_id=month, county_id=county, produce_id=produce, **{name: sums[name] for name in PUBLIC})
        for (county, produce), sums in groups.items()
        if any(sums.values())
    )
    return dict(of_all), {name: of_women[name.removeprefix("women_")] for name in OF_WOMEN}


@use_case
def count_people(year: int) -> None:
    """The households of each county over those of its months that are public, and of all over all public months. Twice: the
    same.
    """
    _begin()
    YearPeople.objects.filter(year=year).delete()
    shown = Month.objects.filter(month__year=year, is_shown=True)
    pairs = Group.objects.filter(month__in=shown, county__isnull=False).values_list("month_id", "county_id").distinct()
    wishes: dict[str, Any] = {
        "begin": date(year, 1, 1),
        "end": date(year + 1, 1, 1),
        "shown": list(shown.values_list("month", flat=True)),
        "months": [month for month, _county in pairs],
        "counties": [county for _month, county in pairs],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, wishes)
        rows = cursor.fetchall()
    _move_on()
    crowds = {county: Crowd(set(households), set(households)) for county, households, *_buyers in rows}
    named = together(crowd for county, crowd in crowds.items() if county is not None)
    if None in crowds:  # those of them who are in no county's figure: what a difference would tell of
        others = crowds[None].households - named.households
        crowds[None] = Crowd(others, others)
    everybody = together(crowds.values())
    if not everybody.is_enough:
        return
    alone = large_enough(crowds) - {None}
    YearPeople.objects.create(year=year, county=None, households=len(everybody.households))
    YearPeople.objects.bulk_create(
        YearPeople(
            year=year, county_id=county, households=len(households), returning_percent=_percent(returning, buyers)
        )
        for county, households, buyers, returning in rows
        if county in alone
    )


@use_case
def count_farms() -> None:
    """How many verified farms there are. Twice: the same."""
    _begin()
    count = Farmer.objects.verified().count()
    if Progress.objects.exclude(verified_farms=count).update(verified_farms=count):
        _move_on()


def _percent(part: int, whole: int) -> int | None:
    """A share in whole percent, None where it would tell of fewer than five, on either side."""
    return round(part * 100 / whole) if min(part, whole - part) >= ENOUGH else None


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


# By county whose figures of that month are public (null: in a month's rest): households, buyers, and those of them who
# bought there on more than one day.
_PEOPLE = """
WITH sold AS (
    SELECT named.county, sale.farmer_id, sale.buyer_id, sale.day
    FROM insights_sale sale
    LEFT JOIN unnest(%(months)s::date[], %(counties)s::bigint[]) AS named (month, county)
        ON named.month = date_trunc('month', sale.day)::date AND named.county = sale.county_id
    WHERE sale.day >= %(begin)s AND sale.day < %(end)s AND (sale.packs > 0 OR sale.farmer_fen > 0)
      AND date_trunc('month', sale.day)::date = ANY(%(shown)s::date[])
),
bought AS (
    SELECT county, count(*) AS buyers, count(*) FILTER (WHERE days > 1) AS returning
    FROM (SELECT county, buyer_id, count(DISTINCT day) AS days FROM sold GROUP BY county, buyer_id) each
    GROUP BY county
)
SELECT sellers.county, sellers.households, bought.buyers, bought.returning
FROM (SELECT county, array_agg(DISTINCT farmer_id) AS households FROM sold GROUP BY county) sellers
JOIN bought ON coalesce(bought.county, 0) = coalesce(sellers.county, 0)
"""
