"""What the city asked for last year in the months ahead: a farmer's reading of the public figures, under the same rule."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import Farmer
from insights import figures
from insights.figures import Added
from insights.periods import after, month_of
from insights.planning import farms_of, missed_by_kind
from marketplace.models import Produce

AHEAD = 4


@dataclass(frozen=True)
class Asked:
    """One kind: by month ahead, what was sold a year before from everywhere and from the farm's county; None: not public.

    `missed`: searches of the last 90 days that did not find it; 0 also for fewer than five.
    """

    produce: Produce
    months: list[tuple[date, Added | None, Added | None]]
    missed: int

    @property
    def best(self) -> date | None:
        """The month in which most was sold."""
        known = [(added.grams, month) for month, added, _own in self.months if added]
        return max(known)[1] if known else None


def last_year_ahead(farmer: Farmer, today: date) -> list[Asked]:
    """Of each kind that the farm has put up. 4 queries."""
    kinds = farms_of(farmer)
    months = [after(month_of(today), at) for at in range(AHEAD)]
    before = [after(month, -12) for month in months]
    found = figures.sums_by(Q(produce__in=kinds, month__in=before), "produce", "month", "county")
    missed = missed_by_kind(today)
    everywhere: dict[tuple[int, date], Added] = {}
    own: dict[tuple[int, date], Added] = {}
    for (kind, month, county), added in found.items():
        everywhere[kind, month] = everywhere.get((kind, month), Added()) + added
        if county == farmer.county_id:
            own[kind, month] = added
    return [
        Asked(
            kind,
            [
                (month, everywhere.get((kind.pk, was)), own.get((kind.pk, was)))
                for month, was in zip(months, before, strict=True)
            ],
            missed.get(kind.pk, 0),
        )
        for kind in kinds
    ]
