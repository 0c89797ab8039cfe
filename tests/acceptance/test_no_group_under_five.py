"""No difference of public figures tells of fewer than five farms or buyers: an attack over all filters, with a control.

The attacker knows every public sum of every period, county and kind of produce, and may add them and take them from one
another in any way. What can be found out so is a combination of rows of sales. By Gauss's elimination they get the sharpest
ones; and they try each pair of figures. With the guard removed the same attack must find a single farm.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import County
from insights import figures, grouping
from insights.counting import REBUILD
from insights.models import Month, Sale, YearPeople
from insights.periods import Period, after
from insights.services import publishing
from insights.services.publishing import count_people, put_out
from insights.services.rolling_up import rebuild
from marketplace.models import Produce
from tests.insights import bulk

Cell = tuple[date, int, int, bool]  # month, county, produce, women-led: what any filter sees of a sale
Row = dict[Cell, int]
PRIME = 2**61 - 1  # what is 0 of it is 0: a combination that is none by chance is one in 10**18


@pytest.fixture(scope="module")
def sold(django_db_setup: Any, django_db_blocker: Any) -> Any:
    """Two years of sales with counties and kinds of every size: many farms of some, one or two of others."""
    from django.test import TestCase

    with django_db_blocker.unblock():
        atomics = TestCase._enter_atomics()  # type: ignore[attr-defined]  # as pytest-django's own class-wide fixture does
        try:
            bulk.fill(lines=8000, now=timezone.now())
            rebuild()
            counties = list(County.objects.filter(slug__startswith="bulk").order_by("pk").values_list("pk", flat=True))
            Sale.objects.filter(county__in=counties[10:]).delete()
            for size, county in enumerate(counties[:8]):  # of these only so many farms have sold anything
                farms = list(
                    Sale.objects.filter(county=county).order_by("farmer_id").values_list("farmer_id", flat=True)
                )
                few = list(dict.fromkeys(farms))[: size + 1]
                Sale.objects.filter(county=county).exclude(farmer_id__in=few).delete()
            put_out_all()
            yield
        finally:
            TestCase._rollback_atomics(atomics)  # type: ignore[attr-defined]


@pytest.fixture
def uneven(sold: Any, db: Any) -> None:
    """Those sales, and a transaction of the test's own on top of them."""


def put_out_all(*, people: bool = True) -> None:
    """Cells and all that is public, anew from the rows as they are; without people where the database would refuse few."""
    with connection.cursor() as cursor:
        for statement in (REBUILD[1], *REBUILD[3:]):
            cursor.execute(statement)
    for month in Month.objects.values_list("month", flat=True):
        put_out(month, timezone.now())
    if people:
        for year in {month.year for month in Month.objects.values_list("month", flat=True)}:
            count_people(year)


def sold_cells() -> dict[Cell, tuple[int, set[int], set[int]]]:
    """What was sold in each cell, by whom and to whom."""
    cells: dict[Cell, Any] = defaultdict(lambda: [0, set(), set()])
    for sale in Sale.objects.exclude(packs=0, farmer_fen=0):
        cell = cells[sale.day.replace(day=1), sale.county_id, sale.produce_id, sale.women_led]
        cell[0] += sale.goods_fen - sale.refund_fen
        cell[1].add(sale.farmer_id)
        cell[2].add(sale.buyer_id)
    return {key: tuple(value) for key, value in cells.items()}


def public_rows(months: list[date], cells: dict[Cell, Any]) -> list[Row]:
    """Each public sum of money over these months as what it adds up; that it does is asserted for each."""
    rows: list[Row] = []

    def known(fen: int | None, **wanted: Any) -> None:
        """A figure, and the filters that were asked with; None says that it is withheld."""
        if fen is None:
            return
        seen = [cell for cell in cells if all(_fits(cell, name, value) for name, value in wanted.items())]
        assert fen == sum(cells[cell][0] for cell in seen), wanted
        rows.append(dict.fromkeys(seen, 1))

    for first, last in itertools.combinations_with_replacement(months, 2):
        found = figures.nation(Period(first, last))
        shown = {each.month for each in found.months if each.added}
        known(found.added.sold_fen, months=shown)
        known(found.women_fen, months=shown, women=True)
    for month in months:
        one = Period(month, month)
        for place in County.objects.filter(slug__startswith="bulk").order_by("pk")[:10]:
            county = figures.county(place, one)
            known(county.added.sold_fen if not county.withheld else None, months={month}, county=place.pk)
            for kind, by_month in county.produce:
                if kind:
                    known(by_month[month].sold_fen, months={month}, county=place.pk, produce=kind.pk)
        for kind in Produce.objects.filter(parent__isnull=False):
            sold = figures.produce(kind, one)
            places = {place.pk for place, _added in sold.counties}
            known(None if sold.withheld else sold.added.sold_fen, months={month}, counties=places, produce=kind.pk)
    return [row for row in rows if row]


def _fits(cell: Cell, name: str, value: Any) -> bool:
    month, county, produce, women = cell
    return {
        "months": lambda: month in value,
        "county": lambda: county == value,
        "counties": lambda: county in value,
        "produce": lambda: produce == value,
        "women": lambda: women == value,
    }[name]()


def reduced(rows: list[Row]) -> Iterator[Row]:
    """The rows brought to echelon form, each cleared of the leading cells of all others."""
    pivots: dict[Cell, Row] = {}
    for row in rows:
        rest = dict(row)
        for cell in [cell for cell in pivots if cell in rest]:
            rest = _less(rest, pivots[cell], rest[cell])
        if not rest:
            continue
        lead = min(rest)
        inverse = pow(rest[lead], -1, PRIME)
        rest = {cell: value * inverse % PRIME for cell, value in rest.items()}
        for cell, other in pivots.items():
            if lead in other:
                pivots[cell] = _less(other, rest, other[lead])
        pivots[lead] = rest
    return iter(pivots.values())


def _less(row: Row, other: Row, times: int) -> Row:
    found = dict(row)
    for cell, value in other.items():
        if left := (found.pop(cell, 0) - times * value) % PRIME:
            found[cell] = left
    return found


def told_of_few(months: list[date]) -> list[tuple[int, int]]:
    """The combinations behind which fewer than five farms or buyers stand, as (farms, buyers)."""
    cells = {cell: sold for cell, sold in sold_cells().items() if cell[0] in months}
    rows = public_rows(months, cells)
    assert len(rows) > 5, "or there is nothing to attack"
    few = []
    for row in itertools.chain(reduced(rows), rows, differences(rows)):
        farms = set().union(*(cells[cell][1] for cell in row))
        buyers = set().union(*(cells[cell][2] for cell in row))
        if min(len(farms), len(buyers)) < 5:
            few.append((len(farms), len(buyers)))
    return few


def differences(rows: list[Row]) -> Iterator[Row]:
    """What is left of each figure when another, all of which is in it, is taken from it."""
    for whole, part in itertools.permutations(rows, 2):
        if part.keys() < whole.keys():
            yield {cell: value for cell, value in whole.items() if cell not in part}


def some_months() -> list[date]:
    """The last whole months: the busiest."""
    this = timezone.localdate().replace(day=1)
    return [after(this, -at) for at in (2, 1)]


def test_no_combination_of_public_figures_tells_of_fewer_than_five(uneven: None) -> None:
    assert told_of_few(some_months()) == []


def test_control_without_the_guard_the_same_attack_finds_a_single_farm(
    uneven: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "ENOUGH", 1)
    monkeypatch.setattr(publishing, "ENOUGH", 1)
    put_out_all(people=False)

    assert any(farms == 1 for farms, _buyers in told_of_few(some_months()))


def test_control_leaving_out_only_what_is_small_itself_is_not_enough(
    uneven: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One small county beside two large ones: unless one of those joins it, the country less both tells of it."""
    counties = list(County.objects.filter(slug__startswith="bulk").order_by("pk").values_list("pk", flat=True))
    Sale.objects.filter(county__in=counties[1:8]).delete()
    put_out_all()
    assert told_of_few(some_months()) == []

    monkeypatch.setattr(grouping, "large_enough", lambda crowds: {key for key in crowds if crowds[key].is_enough})
    put_out_all()

    assert (1, 1) <= min(told_of_few(some_months())) < (5, 5)


def test_in_each_month_the_groups_are_a_cut_into_groups_of_five(uneven: None) -> None:
    """What the proof stands on, for all months: whole, without overlap, and each large enough."""
    cells: dict[tuple[date, int, int], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for (month, county, produce, _women), (_fen, farms, buyers) in sold_cells().items():
        cells[month, county, produce][0].update(farms)
        cells[month, county, produce][1].update(buyers)
    for each in Month.objects.filter(is_shown=True, is_split=True):
        groups = {(group.county_id, group.produce_id) for group in each.groups.all()}
        people: dict[Any, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        for (when, county, produce), (farms, buyers) in cells.items():
            if when == each.month:
                place = next(p for p in [(county, produce), (county, None), (None, None)] if p in groups)
                people[place][0].update(farms)
                people[place][1].update(buyers)
        assert people.keys() == groups
        assert all(min(len(farms), len(buyers)) >= 5 for farms, buyers in people.values())


def test_people_of_a_year_are_five_or_more_also_those_in_no_countys_figure(uneven: None) -> None:
    assert YearPeople.objects.filter(county__isnull=False).exists()
    for whole in YearPeople.objects.filter(county=None):
        counties = YearPeople.objects.filter(year=whole.year, county__isnull=False)
        rest = whole.households - sum(each.households for each in counties)
        assert rest == 0 or rest >= 5
