"""Shorthand for tests of sheets: a table as people keep it, sent in, looked at and agreed to as a worker would."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import Workbook

from accounts.models import Farmer
from marketplace.models import SheetImport
from marketplace.queries.sheets import export_rows
from marketplace.services import imports
from marketplace.sheets.columns import BY_KEY
from marketplace.sheets.writing import as_csv as write_csv

COLUMNS = ("produce", "weight", "price", "left", "picked_on")
A_ROW = {"produce": "脐橙", "weight": "5 kg", "price": "49.80", "left": "20", "picked_on": "2026-11-22"}


def rows_of(*rows: dict[str, Any], columns: Sequence[str] | None = None) -> list[list[Any]]:
    """Headings in Chinese, and a row for each; columns are those the rows name."""
    columns = columns or list(dict.fromkeys(key for row in rows for key in row))
    return [[BY_KEY[key].zh for key in columns], *([row.get(key, "") for key in columns] for row in rows)]


def as_csv(table: Sequence[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(table)
    return file.getvalue().encode(encoding)


def as_xlsx(table: Sequence[Sequence[Any]], *, title: str = "Sheet1", merge: str = "") -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for row in table:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def send(farmer: Farmer, data: bytes, name: str = "table.csv") -> SheetImport:
    """Sent in and looked at."""
    sheet = imports.take_sheet(farmer=farmer, upload=SimpleUploadedFile(name, data), now=timezone.now())
    return work(sheet)


def agree(sheet: SheetImport) -> SheetImport:
    """Agreed to and saved."""
    imports.confirm_sheet(sheet_id=sheet.pk, farmer=sheet.farmer, now=timezone.now())
    return work(sheet)


def work(sheet: SheetImport) -> SheetImport:
    """Everything a worker would do now."""
    while imports.run_next(now=timezone.now()):
        pass
    sheet.refresh_from_db()
    return sheet


def said(sheet: SheetImport) -> list[tuple[str, str]]:
    """The cell and the words of each problem."""
    return [(f"{problem['column']}{problem['row']}", problem["template"]) for problem in sheet.problems]


def exported(farmer: Any, **changes: Any) -> dict[str, Any]:
    """The only row of the farmer's export, with some of its cells changed."""
    (row,) = export_rows(farmer)
    return row | changes


def saved(farmer: Any, *rows: dict[str, Any]) -> SheetImport:
    sheet = send(farmer, write_csv(rows))
    assert sheet.status == "READY", said(sheet)
    return agree(sheet)
