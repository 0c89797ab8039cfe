"""Public figures, each a sum of whole groups (see grouping.py): what pages, downloads, the API and the yearly report show.

Fen, grams and boxes over a period of whole months. What is withheld is left out of sums and said to be; growth is against
the same months of the year before, and None where a month of either is withheld or in one of those nothing was sold.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import reduce

from django.db.models import Q, Sum

from accounts.models import County
from insights.models import Group, Month, Progress, YearPeople
from insights.periods import Period, after
from marketplace.models import Produce

SUMS = ("sold_fen", "farmer_fen", "paid_fen", "grams", "packs")


@dataclass(frozen=True)
class Added:
    """What was sold (after what went back), what farmers keep of it, what of that has reached them; weight and boxes."""

    sold_fen: int = 0
    farmer_fen: int = 0
    paid_fen: int = 0
    grams: int = 0
    packs: int = 0

    def __add__(self, other: "Added") -> "Added":
        return Added(*(getattr(self, name) + getattr(other, name) for name in SUMS))

    @property
    def kept_percent(self) -> float | None:
        """What farmers keep of a hundred yuan."""
        return percent(self.farmer_fen, self.sold_fen)

    @property
    def paid_percent(self) -> float | None:
        """Of a hundred yuan that are theirs, how many have reached them."""
        return percent(self.paid_fen, self.farmer_fen)

    @property
    def fen_per_kg(self) -> int | None:
        """What a kilogram cost on the average, in fen."""
        return round(self.sold_fen * 1000 / self.grams) if self.grams else None


def percent(part: int, whole: int) -> float | None:
    """To one place; None of nothing."""
    return round(part * 100 / whole, 1) if whole else None


def growth(now_fen: int, before_fen: int | None) -> float | None:
    """In percent, to one place."""
    return round((now_fen - before_fen) * 100 / before_fen, 1) if before_fen else None


def total(parts: "list[Added]") -> Added:
    return reduce(Added.__add__, parts, Added())


@dataclass(frozen=True)
class MonthFigures:
    """One month; `before` is the same month a year earlier. None: withheld, as fewer than five sold or bought."""

    month: date
    added: Added | None
    before: Added | None

    @property
    def is_withheld(self) -> bool:
        return self.added is None


@dataclass(frozen=True)
class Figures:
    """A period of the country, a county or a kind of produce."""

    period: Period
    months: list[MonthFigures]
    version: int

    @property
    def added(self) -> Added:
        return total([each.added for each in self.months if each.added])

    @property
    def withheld(self) -> int:
        """How many of the months are withheld."""
        return sum(each.is_withheld for each in self.months)

    @property
    def growth_percent(self) -> float | None:
        if any(each.added is None or each.before is None or not each.before.sold_fen for each in self.months):
            return None
        return growth(self.added.sold_fen, sum(each.before.sold_fen for each in self.months if each.before))


@dataclass(frozen=True)
class Nation(Figures):
    """The whole country. `households` sold something in `people_year`, of all `verified_farms` (None: not counted yet)."""

    orders: int = 0
    counties: int = 0
    women_percent: float | None = None
    women_fen: int | None = None
    households: int | None = None
    people_year: int = 0
    verified_farms: int | None = None


@dataclass(frozen=True)
class CountyFigures(Figures):
    """One county. `produce` says of each kind what is public by month; `returning_percent` of buyers came back."""

    households: int | None = None
    returning_percent: int | None = None
    people_year: int = 0
    produce: list[tuple[Produce | None, dict[date, Added]]] = field(default_factory=list)


def version() -> int:
    """Moves whenever anything public has moved. 1 query."""
    return Progress.objects.values_list("version", flat=True).first() or 0


def nation(period: Period) -> Nation:
    """The country over a period. 3 queries."""
    rows = {row.month: row for row in Month.objects.filter(month__in=[*period.months, *period.before.months])}
    months = [
        MonthFigures(month, _of_month(rows.get(month)), _of_month(rows.get(before)))
        for month, before in zip(period.months, period.before.months, strict=True)
    ]
    progress = Progress.objects.first() or Progress()
    inside = [row for month in period.months if (row := rows.get(month)) and row.is_shown]
    women = [row.women_sold_fen for row in inside]
    women_fen = None if None in women else sum(fen for fen in women if fen is not None)
    return Nation(
        period=period,
        months=months,
        version=progress.version,
        orders=sum(row.orders for row in inside),
        counties=max((row.counties for row in inside), default=0),
        women_fen=women_fen,
        women_percent=None if women_fen is None else percent(women_fen, sum(row.sold_fen for row in inside)),
        households=_households(period.last.year),
        people_year=period.last.year,
        verified_farms=progress.verified_farms,
    )


def _households(year: int) -> int | None:
    return YearPeople.objects.filter(year=year, county=None).values_list("households", flat=True).first()


def _of_month(row: Month | None) -> Added | None:
    """Nothing was sold: that is no secret. Too little: it is."""
    if row is None:
        return Added()
    return Added(*(getattr(row, name) for name in SUMS)) if row.is_shown else None


def sums_by(groups: Q, *keys: str) -> dict[tuple, Added]:
    """The groups' sums by some of their columns. 1 query."""
    rows = Group.objects.filter(groups).order_by().values_list(*keys)
    found = rows.annotate(**{f"sum_{name}": Sum(name) for name in SUMS})
    return {tuple(row[: len(keys)]): Added(*row[len(keys) :]) for row in found}


def county(place: County, period: Period) -> CountyFigures:
    """A county over a period, by month and kind. 4 queries."""
    months = {*period.months, *period.before.months}
    found = sums_by(Q(county=place, month__in=months), "month", "produce")
    by_month: dict[date, Added] = {}
    by_kind: dict[int | None, dict[date, Added]] = {}
    for (month, kind), added in found.items():
        by_month[month] = by_month.get(month, Added()) + added
        if month >= period.first:
            by_kind.setdefault(kind, {})[month] = added
    kinds = Produce.objects.in_bulk([kind for kind in by_kind if kind])
    produce = [(kinds[kind] if kind else None, months) for kind, months in by_kind.items()]
    people = YearPeople.objects.filter(year=period.last.year, county=place).first()
    return CountyFigures(
        period=period,
        months=[MonthFigures(month, by_month.get(month), by_month.get(after(month, -12))) for month in period.months],
        version=version(),
        households=people.households if people else None,
        returning_percent=people.returning_percent if people else None,
        people_year=period.last.year,
        produce=sorted(produce, key=lambda each: (each[0] is None, -total([*each[1].values()]).sold_fen)),
    )


@dataclass(frozen=True)
class ProduceFigures(Figures):
    """A kind of produce. `counties`: where it was sold, from the counties of which that is public."""

    counties: list[tuple[County, Added]] = field(default_factory=list)

    @property
    def prices(self) -> tuple[int, int] | None:
        """The lowest and the highest of its counties' average prices, in fen for a kilogram."""
        each = [fen for _county, added in self.counties if (fen := added.fen_per_kg)]
        return (min(each), max(each)) if each else None


def produce(kind: Produce, period: Period) -> ProduceFigures:
    """A kind over a period: from counties where at least five households sold it in a month. 3 queries."""
    found = sums_by(Q(produce=kind, month__in=[*period.months, *period.before.months]), "month", "county")
    by_month: dict[date, Added] = {}
    by_county: dict[int, Added] = {}
    for (month, place), added in found.items():
        by_month[month] = by_month.get(month, Added()) + added
        if month >= period.first:
            by_county[place] = by_county.get(place, Added()) + added
    counties = County.objects.select_related("province").in_bulk(by_county)
    return ProduceFigures(
        period=period,
        months=[MonthFigures(month, by_month.get(month), by_month.get(after(month, -12))) for month in period.months],
        version=version(),
        counties=sorted(
            ((counties[place], added) for place, added in by_county.items()), key=lambda each: -each[1].sold_fen
        ),
    )


@dataclass(frozen=True)
class Ranked:
    """A county in the league: what its households kept, on the average, of what is public of a calendar year."""

    county: County
    added: Added
    households: int
    months: int

    @property
    def fen_per_household(self) -> int:
        return self.added.farmer_fen // self.households


def league(year: int) -> list[Ranked]:
    """The counties of a calendar year, by income per household, the highest first. 2 queries."""
    people = YearPeople.objects.filter(year=year, county__isnull=False).select_related("county__province")
    by_county: dict[int, list[Added]] = {}
    for (place, _month), added in sums_by(
        Q(month__gte=date(year, 1, 1), month__lt=date(year + 1, 1, 1), county__isnull=False), "county", "month"
    ).items():
        by_county.setdefault(place, []).append(added)
    ranked = [
        Ranked(each.county, total(months), each.households, len(months))
        for each in people
        if each.county and (months := by_county.get(each.county_id or 0))
    ]
    return sorted(ranked, key=lambda each: (-each.fen_per_household, each.county.list_no))


def kinds_sold(period: Period) -> list[tuple[Produce, Added]]:
    """The kinds of which something is public, most sold first. 2 queries."""
    found = sums_by(Q(produce__isnull=False, month__in=period.months), "produce")
    kinds = Produce.objects.select_related("parent").in_bulk([kind for (kind,) in found])
    return sorted(((kinds[kind], added) for (kind,), added in found.items()), key=lambda each: -each[1].sold_fen)


def counties_sold(period: Period) -> list[tuple[County, Added]]:
    """The counties of which something is public, most sold first. 2 queries."""
    found = sums_by(Q(county__isnull=False, month__in=period.months), "county")
    counties = County.objects.select_related("province").in_bulk([place for (place,) in found])
    return sorted(((counties[place], added) for (place,), added in found.items()), key=lambda each: -each[1].sold_fen)


def years() -> list[int]:
    """The calendar years of which people may be spoken of, newest first. 1 query."""
    return list(YearPeople.objects.filter(county=None).order_by("-year").values_list("year", flat=True))
