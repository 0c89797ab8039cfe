"""For a county's planning: what was asked for, what is to be expected, what will be short or left over.

For the county's specialists and for staff, who know the farms anyway: nothing here is public. Weights in grams. The forecast
is plain enough to check with a pencil: what was sold in the same month last year, times how the last twelve months stand
to the twelve before (at least half, at most double). How wrong it was is tried on the past twelve months, each as it would
have been forecast with what was known at its beginning.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from accounts.models import County, Farmer
from insights.models import DayFigure
from insights.periods import after, month_of
from marketplace.models import Listing, Lot, Produce, SearchDay, Spelling

AHEAD = 3  # months, with the running one
LOWEST, HIGHEST = 0.5, 2.0
ASKED_OFTEN = 5  # a search that was made less often is not shown


@dataclass(frozen=True)
class Error:
    """How wrong the forecast was over the months it could be tried on."""

    months: int
    mean_grams: int  # off by so much in a month, on the average
    percent: float | None  # of what was sold; None when nothing was


@dataclass(frozen=True)
class Ahead:
    """One of the months ahead: what may be sold, what is there or expected."""

    month: date
    forecast: int
    supply: int

    @property
    def balance(self) -> int:
        """Above 0: likely to be left over; below: short."""
        return self.supply - self.forecast


@dataclass
class Plan:
    """A kind of produce in a county. `sold_out`: of `listings` on sale, so many have nothing left.

    `ahead_…`: packs of harvests to come, and those of them that are sold or held already. `missed`: searches of 90 days, from
    everywhere, that found nothing.
    """

    produce: Produce
    months: list[Ahead] = field(default_factory=list)
    error: Error | None = None
    listings: int = 0
    sold_out: int = 0
    ahead_packs: int = 0
    ahead_taken: int = 0
    missed: int = 0

    @property
    def ahead_percent(self) -> int | None:
        return self.ahead_taken * 100 // self.ahead_packs if self.ahead_packs else None


def forecast(sold: Mapping[date, int], month: date, known_until: date) -> int | None:
    """Grams that may be sold in `month`, from the whole months up to `known_until`; None without the month a year before."""
    year_before = after(month, -12)
    if year_before not in sold or year_before > known_until:
        return None
    last = sum(sold.get(after(known_until, -at), 0) for at in range(12))
    before = sum(sold.get(after(known_until, -at), 0) for at in range(12, 24))
    trend = min(HIGHEST, max(LOWEST, last / before)) if before else 1.0
    return round(sold[year_before] * trend)


def tried(sold: Mapping[date, int], last: date) -> Error | None:
    """The forecast tried on the twelve months up to `last`; None where there is no year before to go by."""
    misses = []
    actual = 0
    for month in (after(last, -at) for at in range(12)):
        told = forecast(sold, month, after(month, -1))
        if told is not None:
            misses.append(abs(told - sold.get(month, 0)))
            actual += sold.get(month, 0)
    if not misses:
        return None
    return Error(len(misses), sum(misses) // len(misses), round(sum(misses) * 100 / actual, 1) if actual else None)


def plans(county: County, today: date) -> list[Plan]:
    """Each kind that is sold, offered or missed in a county, what is most short first. 6 queries."""
    this = month_of(today)
    sold = _sold(county, this)
    found: dict[int, Plan] = {}
    supply: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    lots = Lot.objects.open().filter(listing__county=county, listing__status=Listing.Status.LIVE)
    left_now = F("harvested") - F("sold") - F("held")
    columns = ("listing__produce", "listing__pack_grams", "left_now", "harvested", "picked_on", "expected_from")
    for kind, grams, left, harvested, picked, expected in lots.annotate(left_now=left_now).values_list(*columns):
        plan = found.setdefault(kind, Plan(Produce(pk=kind)))
        month = this if picked else max(this, month_of(expected))
        supply[kind][month] += left * grams
        if not picked:
            plan.ahead_packs += harvested
            plan.ahead_taken += harvested - left
    for kind, listings, sold_out in _on_sale(county):
        plan = found.setdefault(kind, Plan(Produce(pk=kind)))
        plan.listings, plan.sold_out = listings, sold_out
    for kind in sold:
        found.setdefault(kind, Plan(Produce(pk=kind)))
    missed = missed_by_kind(today)
    kinds = Produce.objects.in_bulk(found)
    for kind, plan in found.items():
        plan.produce, plan.missed = kinds[kind], missed.get(kind, 0)
        plan.error = tried(sold.get(kind, {}), after(this, -1))
        for month in (after(this, at) for at in range(AHEAD)):
            told = forecast(sold.get(kind, {}), month, after(this, -1)) or 0
            plan.months.append(Ahead(month, told, supply[kind].get(month, 0)))
    return sorted(found.values(), key=lambda plan: (sum(each.balance for each in plan.months), plan.produce.position))


def _sold(county: County, before: date) -> dict[int, dict[date, int]]:
    """Grams by kind and whole month, from the first month that anything was sold in the county on; months without are 0."""
    rows = (
        DayFigure.objects.filter(county=county, day__lt=before)
        .annotate(month=TruncMonth("day"))
        .values_list("produce", "month")
        .annotate(grams=Sum("grams"))
        .order_by("month")
    )
    found: dict[int, dict[date, int]] = {}
    first = None
    for kind, month, grams in rows:
        first = first or month
        found.setdefault(kind, {})[month] = grams
    if first is not None:
        months = [after(first, at) for at in range((before.year - first.year) * 12 + before.month - first.month)]
        for by_month in found.values():
            for month in months:
                by_month.setdefault(month, 0)
    return found


def _on_sale(county: County) -> list[tuple[int, int, int]]:
    """By kind: listings on sale, and those with nothing left."""
    shown = Listing.objects.shown().filter(county=county).with_stock()
    rows: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for listing in shown.only("produce_id"):
        counts = rows[listing.produce_id or 0]
        counts[0] += 1
        counts[1] += not listing.left  # type: ignore[attr-defined]  # with_stock adds it
    return [(kind, listings, sold_out) for kind, (listings, sold_out) in rows.items()]


def missed_by_kind(today: date) -> dict[int, int]:
    """How often a kind was looked for in the last 90 days by a name of its own and not found. 2 queries."""
    asked = _missed(today)
    names = Spelling.objects.filter(kind=Spelling.Kind.PRODUCE, text__in=list(asked)).values_list("text", "produce")
    found: dict[int, int] = defaultdict(int)
    for text, kind in names:
        if kind:
            found[kind] += asked[text]
    return {kind: times for kind, times in found.items() if times >= ASKED_OFTEN}


def missed_words(today: date, limit: int = 20) -> list[tuple[str, int]]:
    """What was looked for most in the last 90 days and not found, in people's own words. 1 query."""
    often = [(text, times) for text, times in _missed(today).items() if times >= ASKED_OFTEN]
    return sorted(often, key=lambda each: (-each[1], each[0]))[:limit]


def _missed(today: date) -> dict[str, int]:
    since = after(month_of(today), -3)
    days = SearchDay.objects.filter(day__gte=since, hits=0).values_list("query").annotate(times=Sum("times"))
    return dict(days.order_by())


def farms_of(farmer: Farmer) -> list[Produce]:
    """The kinds that a farm has put up. 1 query."""
    kinds = Listing.objects.filter(farmer=farmer, produce__isnull=False).values("produce")
    return list(Produce.objects.filter(pk__in=kinds).order_by("position"))
