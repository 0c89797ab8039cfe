"""A file as it was uploaded, made into rows of cells by column. Whatever is in it, memory and time are bounded."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.sheets import cells, csv_files, xlsx_files
from marketplace.sheets.columns import COMMENT, column_called
from marketplace.sheets.problems import Problem, Unreadable, problem

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 2000
MAX_COLUMNS = 60
LOOK_FOR_HEADINGS = 12
ENOUGH_HEADINGS = 3


@dataclass(frozen=True)
class Row:
    """One row with something in it: its number as Excel shows it, and its cells by column key."""

    number: int
    cells: dict[str, Any]


@dataclass
class Table:
    """The rows of a file. `letters` says where each column stands; `unknown` are headings that nothing is done with."""

    sheet: str
    letters: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    epoch: date = cells._EPOCH


def letter(index: int) -> str:
    """The letter of a column, counted from 0: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def read(data: bytes) -> Table:
    """The table in a CSV or XLSX file, recognised by its content. Raises Unreadable, which says what to do."""
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is too large: at most %(most)s MB."), params={"most": MAX_BYTES >> 20})
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    if data.startswith(b"PK"):
        book = xlsx_files.read(data, most_columns=MAX_COLUMNS)
        table = _table(book.sheet, book.rows)
        table.epoch = book.epoch
        _point_at_merged(table, book.merged)
        return table
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is an old Excel file (.xls). Please save it as .xlsx or CSV and send that."))
    return _table("", csv_files.read(data))


def _table(sheet: str, rows: Iterable[tuple[int, list[Any]]]) -> Table:
    numbered = iter(rows)
    table = _headings(sheet, numbered)
    places = {key: _index(column) for key, column in table.letters.items()}
    for number, row in numbered:
        found = {key: row[at] for key, at in places.items() if at < len(row) and not cells.is_empty(row[at])}
        if not found or _is_comment(row):
            continue
        if len(table.rows) >= MAX_ROWS:
            raise Unreadable(
                _("At most %(most)s rows at a time. Please split the file."), params={"most": MAX_ROWS}, sheet=sheet
            )
        table.rows.append(Row(number, found))
    if not table.rows:
        raise Unreadable(_("There is nothing under the headings."), sheet=sheet)
    return table


def _is_comment(row: list[Any]) -> bool:
    return any(isinstance(value, str) and value.strip().startswith(COMMENT) for value in row[:1])


def _headings(sheet: str, rows: Iterator[tuple[int, list[Any]]]) -> Table:
    """The first row that names enough columns; what stands above it is a title."""
    for number, row in rows:
        keys = [(at, column_called(cells.as_text(value))) for at, value in enumerate(row[:MAX_COLUMNS])]
        known = [(at, key) for at, key in keys if key]
        if len({key for _at, key in known}) >= ENOUGH_HEADINGS:
            return _named(sheet, number, row, known)
        if number >= LOOK_FOR_HEADINGS:
            break
    raise Unreadable(
        _("The headings were not found. Please start from the template and keep its first row."), sheet=sheet
    )


def _named(sheet: str, number: int, row: list[Any], known: list[tuple[int, str]]) -> Table:
    table = Table(sheet, {})
    for at, key in known:
        if key in table.letters:
            said = problem(
                _("This heading is there twice, in %(other)s too."),
                params={"other": table.letters[key]},
                row=number,
                column=letter(at),
                sheet=sheet,
                typed=cells.as_text(row[at])[:60],
            )
            table.problems.append(said)
        table.letters.setdefault(key, letter(at))
    places = {at for at, _key in known}
    table.unknown = [
        (letter(at), cells.as_text(value)[:40])
        for at, value in enumerate(row[:MAX_COLUMNS])
        if at not in places and not cells.is_empty(value)
    ]
    return table


def _index(column: str) -> int:
    at = 0
    for char in column:
        at = at * 26 + ord(char) - 64
    return at - 1


def _point_at_merged(table: Table, merged: Iterable[tuple[int, int, str]]) -> None:
    """Cells that were joined hold one value for several rows or columns: nobody can know which one was meant."""
    keys = {_index(column): key for key, column in table.letters.items()}
    first = table.rows[0].number
    for row, at, span in merged:
        if at in keys and row >= first:
            table.problems.append(
                problem(
                    _("The cells %(span)s are merged. Please unmerge them and fill in each."),
                    params={"span": span},
                    row=row,
                    column=letter(at),
                    key=keys[at],
                    sheet=table.sheet,
                )
            )
