"""Periods of whole months: what figures can be asked for. Nothing shorter is public."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from common.errors import InvalidInput

FIRST = date(2020, 1, 1)  # nothing was sold before
LONGEST = 60
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def after(month: date, months: int = 1) -> date:
    """The first day of the month so many months later, or earlier below 0."""
    year, number = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(year, number + 1, 1)


@dataclass(frozen=True)
class Period:
    """From the month that begins on `first` to the one that begins on `last`, both in it."""

    first: date
    last: date

    @property
    def months(self) -> list[date]:
        """The first days of its months, in order."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [after(self.first, at) for at in range(count)]

    @property
    def before(self) -> "Period":
        """The same months of the year before."""
        return Period(after(self.first, -12), after(self.last, -12))

    @property
    def is_a_year(self) -> bool:
        return self.first.month == 1 and self.last == date(self.first.year, 12, 1)

    @property
    def slug(self) -> str:
        """As it stands in the name of a file: 2026-01_2026-10."""
        return f"{self.first:%Y-%m}_{self.last:%Y-%m}"

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return f"from={self.first:%Y-%m}&to={self.last:%Y-%m}"


def month_of(day: date) -> date:
    return day.replace(day=1)


def last_twelve(today: date) -> Period:
    """The twelve months that ended last."""
    last = after(month_of(today), -1)
    return Period(after(last, -11), last)


def parse(first: str, last: str, today: date) -> Period:
    """The period of two months such as "2026-03"; one that is missing is as the other, both: the last twelve months.

    Raises InvalidInput for what is no month, a beginning after the end, more than five years, or a month to come.
    """
    if not first and not last:
        return last_twelve(today)
    begin, end = _month(first or last, "from"), _month(last or first, "to")
    if begin > end:
        raise InvalidInput(_("The first month comes after the last one."), field="from")
    if end > month_of(today):
        raise InvalidInput(_("That month has not begun yet."), field="to")
    period = Period(begin, end)
    if len(period.months) > LONGEST:
        raise InvalidInput(_("Please choose five years at most."), field="from")
    return period


def _month(text: str, field: str) -> date:
    found = _MONTH.fullmatch(text.strip())
    month = date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 and int(found[1]) else None
    if month is None or month < FIRST:
        raise InvalidInput(_("Please choose a month, such as 2026-03."), field=field)
    return month


def offered(today: date) -> list[tuple[str, Period]]:
    """What the picker offers beside any months: last month, the last whole quarter, this year and the one before."""
    this = month_of(today)
    month = after(this, -1)
    quarter_end = after(this, -((this.month - 1) % 3) - 1)
    year = month.year
    return [
        (_("Last month"), Period(month, month)),
        (_("Last quarter"), Period(after(quarter_end, -2), quarter_end)),
        (_("12 months"), last_twelve(today)),
        (str(year), Period(date(year, 1, 1), month)),
        (str(year - 1), Period(date(year - 1, 1, 1), date(year - 1, 12, 1))),
    ]
