"""XLSX, which is a zip of XML: unpacked within bounds, read without entities, its merged cells told.

What a zip claims to unpack to is checked before anything is; Python's zipfile never yields more than the claim. openpyxl
reads row by row and, with defusedxml installed (a test holds that), refuses entities.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.exceptions import InvalidFileException

from marketplace.sheets.problems import Unreadable

MAX_UNZIPPED = 16 * 1024 * 1024
MAX_FILES = 200
LAST_ROW = 10_000
TEMPLATE_SHEET = "商品 Listings"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')


@dataclass
class Book:
    """The one sheet that is read. `merged` are (row, column from 0, "B4:B6")."""

    sheet: str
    rows: Iterator[tuple[int, list[Any]]]
    merged: list[tuple[int, int, str]]
    epoch: date


def read(data: bytes, *, most_columns: int) -> Book:
    """The template's sheet if it is there, else the first that is not hidden. Raises Unreadable."""
    _check_zip(data)
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = _sheet_of(book)
        with zipfile.ZipFile(BytesIO(data)) as archive:
            xml = archive.read(sheet._worksheet_path.lstrip("/"))
        _check_last_row(xml, sheet.title)
        sheet.reset_dimensions()  # what a file says about its own size may be wrong
        rows = _rows(sheet, most_columns)
        return Book(sheet.title[:60], rows, _merged(xml), book.epoch.date())
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever it stumbles over in a broken file
        raise _not_xlsx() from error


def _not_xlsx() -> Unreadable:
    return Unreadable(_("This Excel file cannot be read. Please save it again as .xlsx, or as CSV, and send that."))


def _check_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, InvalidFileException):
        raise _not_xlsx() from None
    if any(file.flag_bits & 0x1 for file in files):
        raise Unreadable(_("This file has a password. Please save it without one and send that."))
    if len(files) > MAX_FILES or sum(file.file_size for file in files) > MAX_UNZIPPED:
        raise Unreadable(_("There is too much in this file. Please copy the rows into the template and send that."))


def _sheet_of(book: Any) -> Any:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    named = [sheet for sheet in sheets if sheet.title == TEMPLATE_SHEET]
    return (named or sheets)[0]


def _check_last_row(xml: bytes, title: str) -> None:
    last = max((int(found) if len(found) < 9 else LAST_ROW + 1 for found in _ROW_NUMBER.findall(xml)), default=0)
    if last > LAST_ROW:
        raise Unreadable(
            _("The sheet goes down to row %(row)s. Please delete the empty rows below and send it again."),
            params={"row": last},
            sheet=title,
        )


def _rows(sheet: Any, most_columns: int) -> Iterator[tuple[int, list[Any]]]:
    try:
        for number, row in enumerate(
            sheet.iter_rows(min_row=1, max_row=LAST_ROW, max_col=most_columns, values_only=True), start=1
        ):
            yield number, list(row)
    except MemoryError:
        raise
    except Exception as error:  # as above; rows are read as they are asked for
        raise _not_xlsx() from error


def _merged(xml: bytes) -> list[tuple[int, int, str]]:
    found = []
    for column, row, until in _MERGED.findall(xml)[:200]:
        at = 0
        for char in column:
            at = at * 26 + char - 64
        found.append((int(row), at - 1, f"{column.decode()}{row.decode()}:{until.decode()}"))
    return found
