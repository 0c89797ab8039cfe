"""What we print on A4, as PDF: our letters embedded, so that it looks the same everywhere, and the foot of each page.

Slow to load, and most processes never print: views import their papers where they need them.
"""

from django.utils.translation import get_language
from fpdf import FPDF
from pylopdf_fonts_zh_cn import sans_path

FONT = "Noto Sans SC"
INK, SOFT = 0, 110  # greys, 0 to 255


class Paper(FPDF):
    """A4 in the language of who asks, begun. Nothing is read as markup.

    margin is in mm. Each page has foot and its number below, where foot is given.
    """

    def __init__(self, title: str, *, margin: float, foot: str = "") -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_title(title)
        self.set_lang(get_language() or "")
        self.set_margin(margin)
        self.set_auto_page_break(auto=True, margin=20)
        self.add_font(FONT, fname=sans_path())
        self.add_page()

    def say(self, text: str, size: float = 10, grey: int = INK) -> None:
        """A paragraph from margin to margin; size is in points."""
        self.set_font(FONT, size=size)
        self.set_text_color(grey)
        self.multi_cell(0, size * 0.55, text, new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(INK)

    def footer(self) -> None:
        if not self.foot:
            return
        self.set_y(-14)
        self.set_font(FONT, size=8)
        self.set_text_color(SOFT)
        self.cell(0, 6, self.foot)
        self.set_x(self.l_margin)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(INK)
