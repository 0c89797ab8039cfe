"""Packing labels and the day's packing sheet as PDF, in Chinese as couriers read them, with their letters embedded."""

from collections.abc import Sequence
from io import BytesIO
from typing import cast

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from fpdf import FPDF
from fpdf.enums import MethodReturnValue
from fpdf.fonts import TTFFont
from pylopdf_fonts_zh_cn import sans_path

from accounts.contacts import show_phone
from accounts.models import Farmer
from common.money import show_yuan
from common.weight import show_weight
from orders.models import Order, OrderLine, Parcel
from orders.packing import picking_list

FONT = "Noto Sans SC"
A6 = (105.0, 148.0)  # mm: the usual thermal label, and a quarter of A4
MARGIN, CODE, SOFT = 6.0, 27.0, 90
NO_LETTER = "〓"  # printers' mark for a letter that is not in the case
MOST_LINES = 6


class _Paper(FPDF):
    """White paper with our font; nothing is read as markup. Letters that the font lacks become NO_LETTER."""

    def __init__(self, size: tuple[float, float]) -> None:
        super().__init__(format=size)
        self.set_margin(0)
        self.set_auto_page_break(auto=False)
        self.add_font(FONT, fname=sans_path())
        self.set_font(FONT, size=10)
        self.set_lang("zh-Hans")
        self.known = cast(TTFFont, self.fonts[FONT.lower()]).cmap

    def said(self, text: str) -> str:
        """The text as this font can print it, on one line."""
        return "".join(letter if ord(letter) in self.known else NO_LETTER for letter in " ".join(text.split()))

    def block(self, text: str, x: float, y: float, width: float, height: float, size: float, least: float = 6) -> float:
        """Write in lines within a box, smaller where it has to be; returns where the box's text ends."""
        text = self.said(text)
        while True:
            self.set_font(FONT, size=size)
            step = size * 0.48
            lines = self._lines(text, width, step)
            if len(lines) * step <= height or size <= least:
                break
            size -= 0.5
        for line in lines[: max(1, int(height // step))]:
            self.set_xy(x, y)
            self.cell(width, step, line)
            y += step
        return y

    def _lines(self, text: str, width: float, step: float) -> list[str]:
        found = self.multi_cell(width, step, text, dry_run=True, output=MethodReturnValue.LINES) if text else []
        return cast(list[str], found)


def labels_pdf(parcels: Sequence[Parcel], *, on_a4: bool) -> bytes:
    """One A6 label for each parcel: a page of its own for a label printer, or four on a sheet of A4.

    For who posts them: where each goes is on it. Parcels with order and lines, as `queries.to_pack` gives them.
    """
    size = (A6[0] * 2, A6[1] * 2) if on_a4 else A6
    paper = _Paper(size)
    with translation.override("zh-hans"):
        for number, parcel in enumerate(parcels):
            place = number % 4 if on_a4 else 0
            if place == 0:
                paper.add_page()
                if on_a4:
                    _cutting_lines(paper)
            _label(paper, parcel, x=place % 2 * A6[0], y=place // 2 * A6[1])
    if not parcels:
        paper.add_page()
    return bytes(paper.output())


def _cutting_lines(paper: _Paper) -> None:
    paper.set_draw_color(200)
    paper.set_line_width(0.1)
    paper.line(A6[0], 0, A6[0], A6[1] * 2)
    paper.line(0, A6[1], A6[0] * 2, A6[1])


def _label(paper: _Paper, parcel: Parcel, *, x: float, y: float) -> None:
    order, width = parcel.order, A6[0] - 2 * MARGIN
    left, top = x + MARGIN, y + MARGIN
    paper.image(_code(parcel.number), x=x + A6[0] - MARGIN - CODE, y=top, w=CODE, h=CODE)
    paper.set_text_color(SOFT)
    paper.block("出山 Chushan", left, top, width - CODE, 5, 9)
    paper.set_text_color(0)
    paper.block(parcel.number, left, top + 6, width - CODE - 2, 9, 17)
    due = date_format(timezone.localtime(parcel.post_by), "MONTH_DAY_FORMAT") if parcel.post_by else ""
    paper.block(f"{due}前寄出" if due else "", left, top + 17, width - CODE - 2, 5, 9)
    paper.set_draw_color(0)
    paper.set_line_width(0.4)
    paper.line(left, top + CODE + 3, left + width, top + CODE + 3)
    end = paper.block(f"收 {order.recipient}  {show_phone(order.phone)}", left, top + CODE + 6, width, 14, 15, 9)
    end = paper.block(order.address, left, end + 1, width, 30, 14, 7)
    if order.note:
        paper.block(f"买家留言：{order.note}", left, end + 1, width, 12, 9)
    if order.status == Order.Status.PROMISED:
        paper.block(f"代收货款 {show_yuan(order.total_fen)}", left, y + 84, width, 7, 14)
    low = y + 92
    paper.set_line_width(0.2)
    paper.line(left, low, left + width, low)
    end = low + 2
    lines = list(parcel.lines.all())
    for line in lines[:MOST_LINES]:
        end = paper.block(_what(line), left, end, width, 5.5, 11, 7) + 0.5
    if len(lines) > MOST_LINES:
        paper.block(f"还有 {len(lines) - MOST_LINES} 样，见装箱单", left, end, width, 5, 9)
    county = parcel.farmer.county
    paper.set_text_color(SOFT)
    paper.block(f"寄 {parcel.farmer.name} · {county.name_zh}", left, y + A6[1] - MARGIN - 9, width, 5, 9)
    lacks = any(NO_LETTER in paper.said(text) for text in (order.recipient, order.address))
    if lacks:
        paper.block(f"{NO_LETTER} 是打不出的字，请照手机上的写", left, y + A6[1] - MARGIN - 4, width, 5, 8)
    paper.set_text_color(0)


def sheet_pdf(farmer: Farmer, parcels: Sequence[Parcel]) -> bytes:
    """The day's packing sheet on A4: what to pick in all, then each parcel with a box to tick. Nobody's address is on it."""
    paper = _Paper((210.0, 297.0))
    left, width, foot = 14.0, 182.0, 280.0
    with translation.override("zh-hans"):
        paper.add_page()
        y = paper.block(f"装箱单 · {farmer.name}", left, 14, width, 10, 17)
        made = date_format(timezone.localtime(), "DATETIME_FORMAT")
        y = paper.block(f"{made} · 共 {len(parcels)} 个包裹", left, y + 1, width, 6, 9) + 4
        for pick in picking_list(parcels):
            y = _room(paper, y, foot)
            y = (
                paper.block(f"共 {pick.packs} 箱：{_kind(pick.line)} · {pick.lot.trace_code}", left, y, width, 7, 12)
                + 1
            )
        y += 3
        for parcel in parcels:
            lines = "，".join(_what(line) for line in parcel.lines.all())
            y = _room(paper, y, foot)
            paper.rect(left, y + 0.8, 4.5, 4.5)
            paper.block(parcel.number, left + 8, y, 42, 6, 11)
            due = date_format(timezone.localtime(parcel.post_by), "MONTH_DAY_FORMAT") if parcel.post_by else ""
            paper.block(due, left + 52, y, 24, 6, 10)
            y = max(paper.block(lines, left + 78, y, width - 78, 16, 10), y + 6) + 2
    return bytes(paper.output())


def _room(paper: _Paper, y: float, foot: float) -> float:
    """Where the next row goes: below, or on a new page."""
    if y + 16 <= foot:
        return y
    paper.add_page()
    return 14.0


def _kind(line: OrderLine) -> str:
    return f"{line.produce_zh} {show_weight(line.pack_grams)}"


def _what(line: OrderLine) -> str:
    return f"{_kind(line)} × {line.packs}"


def _code(number: str) -> BytesIO:
    """The parcel's page as a QR code: the farmer's phone reads it and types the tracking number there."""
    picture = BytesIO()
    address = settings.SITE_URL + reverse("orders:parcel_detail", args=[number])
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=4, border=2)
    picture.seek(0)
    return picture
