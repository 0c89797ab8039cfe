"""A calendar year on paper: the same figures as on the pages, each with its definition, for printing and sending on."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.paper import FONT, INK, SOFT, Paper
from common.weight import show_weight
from insights import charts, figures, map
from insights.definitions import BY_NAME
from insights.periods import Period
from insights.templatetags.figures import counted, percentage, signed, whole_yuan

MARGIN = 16  # mm
WIDE = 210 - 2 * MARGIN
LISTED = 20
RULE, LAND, INSET = 205, 232, 120  # greys, 0 to 255
PINE, GOLD, PERSIMMON = (29, 91, 67), (200, 160, 80), (185, 61, 18)


class _Report(Paper):
    """Headings and tables, as this report has them."""

    def title_of(self, text: str) -> None:
        """A heading that is not left alone at the foot of a page."""
        if self.will_page_break(40):
            self.add_page()
        self.ln(4)
        self.say(text, 14)
        self.ln(1)

    def rows(self, heading: list[str], rows: list[list[str]], widths: tuple[int, ...]) -> None:
        """A table; all but its first column to the right."""
        self.set_draw_color(RULE)
        for place, row in enumerate([heading, *rows]):
            if self.will_page_break(6):
                self.add_page()
            self.set_font(FONT, size=8.5)
            self.set_text_color(INK if place else SOFT)
            for at, (text, width) in enumerate(zip(row, widths, strict=True)):
                self.cell(width, 6, text, align="R" if at else "L", border="B")
            self.ln(6)
        self.set_text_color(INK)


def as_pdf(year: int, today: date) -> bytes:
    """The report of a calendar year, as far as it is over, in the language of who asks."""
    last = min(date(year, 12, 1), date(today.year, today.month, 1))
    period = Period(date(year, 1, 1), last)
    found = figures.nation(period)
    title = _("Chushan in %(year)s") % {"year": year}
    paper = _Report(title, margin=MARGIN, foot=title)
    paper.say(title, 22)
    made = formats.date_format(today, "DATE_FORMAT")
    upto = f"{period.first:%Y-%m} – {period.last:%Y-%m}"
    paper.say(
        _("%(months)s, as counted on %(day)s from orders and the ledger.") % {"months": upto, "day": made}, 9, SOFT
    )
    if settings.EMBEDDED:
        paper.ln(1)
        paper.say(_("This is a demo: the figures are counted the same way, from sales that were generated."), 10)
    paper.ln(3)
    _figures(paper, found)
    _months(paper, found)
    _map(paper, period)
    _produce(paper, period)
    _league(paper, year)
    return bytes(paper.output())


def _figures(paper: _Report, found: figures.Nation) -> None:
    """Each figure large, with its meaning and the version of that."""
    added = found.added
    told: list[tuple[str, str | None]] = [
        ("sold", whole_yuan(added.sold_fen)),
        ("kept", whole_yuan(added.farmer_fen)),
        ("paid", whole_yuan(added.paid_fen)),
        ("growth", signed(found.growth_percent)),
        ("weight", show_weight(added.grams)),
        ("orders", counted(found.orders)),
        ("households", counted(found.households)),
        ("counties", counted(found.counties)),
        ("women", percentage(found.women_percent)),
    ]
    for name, value in told:
        definition = BY_NAME[name]
        if paper.will_page_break(18):
            paper.add_page()
        top = paper.get_y()
        paper.set_font(FONT, size=15)
        paper.cell(52, 8, value or "–")
        paper.set_xy(MARGIN + 54, top)
        paper.set_font(FONT, size=10)
        paper.cell(0, 5, f"{definition.title}  ({definition.label})", new_x="LEFT", new_y="NEXT")
        paper.set_font(FONT, size=8)
        paper.set_text_color(SOFT)
        paper.multi_cell(WIDE - 54, 4, str(definition.says), new_x="LMARGIN", new_y="NEXT")
        paper.set_text_color(INK)
        paper.ln(2)


def _months(paper: _Report, found: figures.Nation) -> None:
    paper.title_of(_("Month by month"))
    chart = charts.months_chart(found.months)
    scale, top = WIDE / chart.width, paper.get_y()
    if paper.will_page_break(chart.height * scale + 6):
        paper.add_page()
        top = paper.get_y()
    paper.set_draw_color(RULE)
    paper.set_font(FONT, size=7)
    for tick in chart.ticks:
        y = top + float(tick.y) * scale
        paper.line(MARGIN + chart.left * scale, y, MARGIN + WIDE, y)
        paper.set_xy(MARGIN, y - 2)
        paper.cell(chart.left * scale - 1, 4, whole_yuan(tick.fen) or "", align="R")
    for slot in chart.slots:
        for bar, colour in ((slot.before, GOLD), (slot.now, PINE)):
            if bar:
                paper.set_fill_color(*colour)
                box = (float(bar.x), float(bar.y), float(bar.width), float(bar.height))
                paper.rect(MARGIN + box[0] * scale, top + box[1] * scale, box[2] * scale, box[3] * scale, style="F")
        paper.set_xy(MARGIN + float(slot.middle) * scale - 5, top + (chart.height - 24) * scale)
        paper.cell(10, 4, str(slot.month.month), align="C")
    paper.set_xy(MARGIN, top + chart.height * scale + 2)
    paper.say(_("Green: in these months. Yellow: a year before."), 8, SOFT)
    heading = [_("Month"), pgettext("figures", "Sold"), _("A year before"), _("Kept by farmers"), _("Weight")]
    rows = [
        [
            f"{each.month:%Y-%m}",
            _or_dash(whole_yuan(each.added.sold_fen if each.added else None)),
            _or_dash(whole_yuan(each.before.sold_fen if each.before else None)),
            _or_dash(whole_yuan(each.added.farmer_fen if each.added else None)),
            _or_dash(show_weight(each.added.grams) if each.added else None),
        ]
        for each in found.months
    ]
    paper.rows(heading, rows, (38, 35, 35, 35, 35))


def _map(paper: _Report, period: Period) -> None:
    dots = map.dots(figures.counties_sold(period))
    scale = WIDE / map.WIDTH
    if paper.will_page_break(map.HEIGHT * scale + 20):
        paper.add_page()
    paper.title_of(_("Where it was sold from"))
    top = paper.get_y()
    for outline in map.outlines():
        paper.set_fill_color(INSET if outline.is_inset else LAND)
        paper.set_draw_color(INSET if outline.is_inset else 255)
        for ring in outline.path.strip("MZ").split("ZM"):
            points = [_point(part) for part in ring.split("L")]
            paper.polygon([(MARGIN + x * scale, top + y * scale) for x, y in points], style="DF")
    paper.set_fill_color(*PERSIMMON)
    for dot in dots:
        radius = dot.r * scale
        paper.circle(MARGIN + float(dot.x) * scale, top + float(dot.y) * scale, radius, style="F")
    paper.set_xy(MARGIN, top + map.HEIGHT * scale)
    paper.say(_("Outlines: Apache ECharts 4.9.0, Apache License 2.0, simplified. For orientation only."), 7, SOFT)
    paper.say(str(BY_NAME["withheld"].says), 8, SOFT)


def _point(text: str) -> tuple[float, float]:
    x, y = text.split()
    return float(x), float(y)


def _produce(paper: _Report, period: Period) -> None:
    kinds = figures.kinds_sold(period)[:LISTED]
    if not kinds:
        return
    paper.title_of(_("Produce"))
    rows = [
        [
            _name(kind),
            _or_dash(whole_yuan(added.sold_fen)),
            show_weight(added.grams),
            _or_dash(_yuan_per_kg(added)),
        ]
        for kind, added in kinds
    ]
    paper.rows([_("Produce"), pgettext("figures", "Sold"), _("Weight"), _("Yuan per kilogram")], rows, (70, 36, 36, 36))


def _league(paper: _Report, year: int) -> None:
    ranked = figures.league(year)[:LISTED]
    if not ranked:
        return
    paper.title_of(_("Income per farm, by county"))
    rows = [
        [
            f"{rank}  {_name(each.county)}",
            _or_dash(whole_yuan(each.fen_per_household)),
            str(each.households),
            str(each.months),
        ]
        for rank, each in enumerate(ranked, 1)
    ]
    heading = [_("County"), _("Income per farm"), _("Farms that sold"), _("Public months")]
    paper.rows(heading, rows, (70, 36, 36, 36))
    paper.ln(1)
    paper.say(str(BY_NAME["income"].says), 8, SOFT)


def _yuan_per_kg(added: figures.Added) -> str | None:
    fen = added.fen_per_kg
    return None if fen is None else f"¥{fen / 100:.2f}"


def _name(thing: Any) -> str:
    return str(thing.local_name)


def _or_dash(text: str | None) -> str:
    return text or "–"
