"""Charts as plain geometry: where the bars of a year stand. Templates draw them as SVG; the table beside says the same."""

from dataclasses import dataclass
from datetime import date

from insights.figures import Added, CountyFigures, MonthFigures, total
from marketplace.models import Produce

WIDTH, HEIGHT = 720, 260
LEFT, BOTTOM, TOP = 64, 28, 12
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Bar:
    """One bar, as SVG has it; `x` and `y` are its upper left corner."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Slot:
    """A month of the chart: its name's place, its bar, and that of the year before; None where withheld or nothing."""

    month: date
    middle: str
    now: Bar | None
    before: Bar | None


@dataclass(frozen=True)
class Tick:
    """A line across, with what it stands for in fen."""

    y: str
    fen: int


@dataclass(frozen=True)
class Chart:
    """All of it, `width` by `height`."""

    slots: list[Slot]
    ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def months_chart(months: list[MonthFigures]) -> Chart:
    """Two bars for each month: what was sold, and a year before."""
    highest = max((added.sold_fen for each in months for added in (each.added, each.before) if added), default=0)
    step = step_for(highest)
    count = max(1, -(-highest // step))
    room = HEIGHT - BOTTOM - TOP
    scale = room / (count * step)
    wide = (WIDTH - LEFT) / max(1, len(months))

    def bar(fen: int | None, x: float, width: float) -> Bar | None:
        if not fen or fen < 0:
            return None
        return Bar(svg(x), svg(HEIGHT - BOTTOM - fen * scale), svg(width), svg(fen * scale))

    slots = []
    for place, each in enumerate(months):
        x = LEFT + place * wide
        now = bar(each.added.sold_fen if each.added else None, x + wide * 0.46, wide * 0.4)
        before = bar(each.before.sold_fen if each.before else None, x + wide * 0.1, wide * 0.3)
        slots.append(Slot(each.month, svg(x + wide / 2), now, before))
    ticks = [Tick(svg(HEIGHT - BOTTOM - at * step * scale), at * step) for at in range(count + 1)]
    return Chart(slots, ticks)


def svg(number: float) -> str:
    """A coordinate: a point in every language."""
    return f"{number:.1f}"


def step_for(highest: int) -> int:
    """A round step that makes at most five of it reach `highest`; whole yuan."""
    power = 100
    while True:
        for times in STEPS:
            if times * power * 5 >= highest:
                return times * power
        power *= 10


@dataclass(frozen=True)
class Season:
    """A kind's row of the season's table: a square for each month, the darker the more was sold; None: nothing is public."""

    produce: Produce | None
    squares: list[tuple[date, Added | None, int]]
    added: Added


def seasons(found: CountyFigures) -> list[Season]:
    """When what is sold from a county, by kind; shades from 0 to 4, beside the kind's own best month."""
    rows = []
    for kind, by_month in found.produce:
        best = max(added.sold_fen for added in by_month.values())
        squares = [
            (month, added, 1 + min(3, added.sold_fen * 4 // (best + 1)) if added and best else 0)
            for month in found.period.months
            for added in [by_month.get(month)]
        ]
        rows.append(Season(kind, squares, total([*by_month.values()])))
    return rows
