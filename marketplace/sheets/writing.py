"""Writing sheets: the template and exports. Text that a spreadsheet program might run as a formula is defused."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from marketplace.sheets.cells import defused
from marketplace.sheets.columns import COLUMNS, explanations
from marketplace.sheets.xlsx_files import TEMPLATE_SHEET

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
PRODUCE_SHEET = "品种 Produce"
_KEYS = [column.key for column in COLUMNS]
_TEXT = {"listing", "produce", "weight", "grade", "origin", "words", "photos", "lot"}
_ROOM = 500  # rows of a template that are prepared for typing


def as_csv(rows: Iterable[Mapping[str, Any]], *, explained: bool = False) -> bytes:
    """CSV in UTF-8 with the mark by which Excel knows it. Days are ISO, everything else as given."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([column.heading for column in COLUMNS])
    if explained:
        writer.writerows(explanations())
    for row in rows:
        writer.writerow([_plain(row.get(key)) for key in _KEYS])
    return file.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return defused(value) if isinstance(value, str) else str(value)


def as_xlsx(
    rows: Iterable[Mapping[str, Any]],
    *,
    explained: bool = False,
    produce: Sequence[tuple[str, str]] = (),
    grades: Sequence[str] = (),
) -> bytes:
    """XLSX with headings that stay in sight; for a template also what goes where, and the list of produce."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = TEMPLATE_SHEET
    _write(sheet, 1, [column.heading for column in COLUMNS], bold=True)
    at = 2
    for texts in explanations() if explained else []:
        _write(sheet, at, texts, soft=True)
        at += 1
    for row in rows:
        _write(sheet, at, [row.get(key) for key in _KEYS])
        at += 1
    _lay_out(sheet, at, grades)
    if produce:
        other = book.create_sheet(PRODUCE_SHEET)
        for number, names in enumerate([("中文", "English"), *produce], start=1):
            _write(other, number, names, bold=number == 1)
        other.column_dimensions["A"].width = other.column_dimensions["B"].width = 28
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Worksheet, number: int, values: Sequence[Any], *, bold: bool = False, soft: bool = False) -> None:
    for at, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = sheet.cell(number, at)
        if not isinstance(cell, Cell):
            continue
        if isinstance(value, str):
            cell.value = defused(ILLEGAL_CHARACTERS_RE.sub("", value))  # a text, since it begins with no "="
            cell.number_format = "@"
        else:
            cell.value = value
            if isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
        if bold:
            cell.font = Font(bold=True)
        if soft:
            cell.font = Font(italic=True, color="5B6B62")
        if bold or soft:
            cell.fill = PatternFill("solid", fgColor="E8EFE9")
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _lay_out(sheet: Worksheet, at: int, grades: Sequence[str]) -> None:
    sheet.freeze_panes = "C2"
    for number, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        if column.key in _TEXT:  # else Excel would make numbers and days of codes while they are typed
            sheet.column_dimensions[letter].number_format = "@"
    if grades:
        letter = get_column_letter(_KEYS.index("grade") + 1)
        choice = DataValidation("list", formula1='"' + ",".join(grades) + '"', allow_blank=True)
        sheet.add_data_validation(choice)
        choice.add(f"{letter}{at}:{letter}{at + _ROOM}")
