"""The receipt of a gift, on paper. It says what it is, and what it is not: no invoice, and no receipt for the tax office."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from pylopdf_fonts_zh_cn import sans_path

from common.money import show_yuan
from fund.names import purpose_name
from payments.models import Gift

FONT = "Noto Sans SC"
MARGIN, SOFT = 20, 110  # mm; grey, 0 to 255


def as_pdf(gift: Gift) -> bytes:
    """In the language of who asks. The gift has arrived. Nothing is read as markup."""
    paper = FPDF(format="A4")
    paper.set_margin(MARGIN)
    paper.add_font(FONT, fname=sans_path())
    paper.add_page()
    title = _("Receipt for a gift")
    paper.set_title(f"{title} {gift.number}")
    paper.set_lang(get_language() or "")
    _line(paper, title, 20)
    _line(paper, _("Chushan fund"), 12, is_soft=True)
    paper.ln(8)
    name = gift.donation.receipt_name or gift.donation.shown_name
    rows = [
        (_("Number"), gift.number),
        (_("From"), name or _("somebody who does not want to be named")),
        (_("Amount"), show_yuan(gift.amount_fen)),
        (_("For"), purpose_name(gift.account)),
        (_("Arrived on"), date_format(timezone.localtime(gift.paid_at), "DATETIME_FORMAT")),
    ]
    for label, value in rows:
        paper.set_font(FONT, size=11)
        paper.set_text_color(SOFT)
        paper.cell(45, 9, label)
        paper.set_text_color(0)
        paper.multi_cell(0, 9, value, new_x="LMARGIN", new_y="NEXT")
    paper.ln(8)
    _line(paper, _("From the ledger. It can only be spent on what it was given for."), 10, is_soft=True)
    _line(paper, _("This is no invoice, and no receipt for the tax office."), 10, is_soft=True)
    return bytes(paper.output())


def _line(paper: FPDF, text: str, size: int, *, is_soft: bool = False) -> None:
    paper.set_font(FONT, size=size)
    paper.set_text_color(SOFT if is_soft else 0)
    paper.multi_cell(0, size * 0.6, text, new_x="LMARGIN", new_y="NEXT")
    paper.set_text_color(0)
