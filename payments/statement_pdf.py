"""A farmer's statement of a month on paper: what the spreadsheet says, row by row, from the same figures."""

from datetime import date
from typing import cast

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from fpdf.enums import MethodReturnValue

from accounts.models import Farmer
from common.paper import FONT, SOFT, Paper
from payments.statements import Statement, heading, lines_of

WIDTHS = (24, 43, 43, 48, 24)  # of the columns, in mm; together what is between the margins
MARGIN, LINE, PADDING = 14, 5, 1  # mm
SHADE, RULE = 240, 170  # greys, 0 to 255


class _Statement(Paper):
    """Rows are drawn here and not by FPDF's own table, which takes twice as long: a cooperative may have thousands."""

    def row(self, cells: list[str], *, is_shaded: bool) -> None:
        """One row of the table, as high as its longest cell; on a page that is full it begins the next, under the heading."""
        wrapped = [self._wrapped(text, width) for text, width in zip(cells, WIDTHS, strict=True)]
        height = LINE * max(map(len, wrapped)) + 2 * PADDING
        if self.will_page_break(height):
            self.add_page()
            self.row(heading(), is_shaded=True)
        top = self.get_y()
        if is_shaded:
            self.rect(MARGIN, top, sum(WIDTHS), height, style="F")
        left = float(MARGIN)
        for place, (lines, width) in enumerate(zip(wrapped, WIDTHS, strict=True)):
            for number, text in enumerate(lines):
                self.set_xy(left, top + PADDING + number * LINE)
                self.cell(width, LINE, text, align="R" if place == len(WIDTHS) - 1 else "L")
            left += width
        self.line(MARGIN, top + height, left, top + height)
        self.set_xy(MARGIN, top + height)

    def _wrapped(self, text: str, width: int) -> list[str]:
        if self.get_string_width(text) <= width - 2 * self.c_margin:
            return [text]
        lines = self.multi_cell(width, LINE, text, dry_run=True, output=MethodReturnValue.LINES)
        return cast(list[str], lines)


def as_pdf(statement: Statement, farmer: Farmer, year: int, month: int) -> bytes:
    """The statement as a PDF in the language of who asks."""
    title = _("Statement of %(month)s") % {"month": formats.date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")}
    paper = _Statement(f"{title} · {farmer.name}", margin=MARGIN, foot=f"{_('Chushan')} · {farmer.name}")
    paper.say(title, 17)
    paper.say(farmer.name, 11)
    made = formats.date_format(timezone.localtime(), "DATETIME_FORMAT")
    paper.say(_("From the ledger, on %(time)s") % {"time": made}, 8, SOFT)
    paper.ln(3)
    paper.set_font(FONT, size=9)
    paper.set_draw_color(RULE)
    paper.set_fill_color(SHADE)
    paper.row(heading(), is_shaded=True)
    for line in lines_of(statement):
        paper.row(line, is_shaded=not line[0])  # only movements have a day; the rest are sums
    return bytes(paper.output())
