"""The receipt of a gift, on paper. It says what it is, and what it is not: no invoice, and no receipt for the tax office."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.money import show_yuan
from common.paper import FONT, INK, SOFT, Paper
from fund.names import purpose_name
from payments.models import Gift

MARGIN = 20  # mm


def as_pdf(gift: Gift) -> bytes:
    """In the language of who asks. The gift has arrived."""
    title = _("Receipt for a gift")
    paper = Paper(f"{title} {gift.number}", margin=MARGIN)
    paper.say(title, 20)
    paper.say(_("Chushan fund"), 12, SOFT)
    paper.ln(8)
    name = gift.donation.receipt_name or gift.donation.shown_name
    rows = [
        (_("Number"), gift.number),
        (_("Given by"), name or _("somebody who does not want to be named")),
        (_("Amount"), show_yuan(gift.amount_fen)),
        (_("For"), purpose_name(gift.account)),
        (_("Arrived on"), date_format(timezone.localtime(gift.paid_at), "DATETIME_FORMAT")),
    ]
    for label, value in rows:
        paper.set_font(FONT, size=11)
        paper.set_text_color(SOFT)
        paper.cell(45, 9, label)
        paper.set_text_color(INK)
        paper.multi_cell(0, 9, value, new_x="LMARGIN", new_y="NEXT")
    paper.ln(8)
    paper.say(_("From the ledger. It can only be spent on what it was given for."), 10, SOFT)
    paper.say(_("This is no invoice, and no receipt for the tax office."), 10, SOFT)
    return bytes(paper.output())
