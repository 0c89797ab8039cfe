"""Rows of cells made into rows of values. Everything that is wrong with a sheet's cells is said at once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, InvalidInput
from marketplace.services import drafts, lots
from marketplace.services.imports.knowing import ProduceByName
from marketplace.sheets import cells
from marketplace.sheets.columns import FOR_SOMETHING_NEW
from marketplace.sheets.problems import Problem, problem, refused
from marketplace.sheets.reading import Row, Table

# Which column a refusal of the services is about.
COLUMN_OF = {"packs": "left", "photos": "photos", "produce": "produce", "weight": "weight", "price": "price"}
DATES = ("picked_on", "expected_from", "expected_until")
_DIGESTED = ("listing", "produce", "weight", "price", "left", *DATES, "grade", "origin", "keeps_days", "words")


@dataclass(frozen=True)
class Values:
    """One row's values by column key; an empty cell has none. `produce` is a Produce, amounts are fen and grams."""

    row: int
    cells: dict[str, Any]

    def get(self, key: str, otherwise: Any = None) -> Any:
        return self.cells.get(key, otherwise)

    def __contains__(self, key: str) -> bool:
        return key in self.cells

    @property
    def harvest(self) -> lots.Harvest | None:
        """When it was picked, else when it will be; a day of picking goes before an old expectation."""
        grade = self.get("grade", "FIRST")
        if "picked_on" in self:
            return lots.Harvest(grade, picked_on=self.get("picked_on"))
        if "expected_from" in self or "expected_until" in self:
            return lots.Harvest(
                grade, expected_from=self.get("expected_from"), expected_until=self.get("expected_until")
            )
        return None

    def digest(self) -> str:
        """The same for a row that says the same, whichever sheet it stands in. Photos may be added later."""
        said = {key: getattr(value, "pk", value) for key, value in self.cells.items() if key in _DIGESTED}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


class Parser:
    """Reads one table's cells and keeps what is wrong with them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = list(table.problems)
        self.bad_rows = {problem.row for problem in table.problems}
        self._typed = {row.number: row.cells for row in table.rows}
        produce = ProduceByName()
        self._readers: dict[str, Callable[[Any], Any]] = {
            "listing": cells.count,
            "produce": lambda value: produce.called(cells.words(value, 120)),
            "weight": _checked(cells.grams, drafts.check_pack),
            "price": _checked(cells.fen, drafts.check_price),
            "left": _checked(cells.count, lots.check_left),
            "picked_on": self._day,
            "expected_from": self._day,
            "expected_until": self._day,
            "grade": cells.grade,
            "origin": lambda value: cells.words(value, 60),
            "keeps_days": _checked(cells.count, drafts.check_keeps_days),
            "words": lambda value: cells.words(value, 300),
            "photos": _few_codes,
            "lot": lambda value: cells.words(value, 16).upper(),
            "left_then": cells.count,
        }

    def _day(self, value: Any) -> Any:
        return cells.day(value, self.table.epoch)

    def rows(self) -> list[Values]:
        return [self._values(row) for row in self.table.rows]

    def _values(self, row: Row) -> Values:
        found: dict[str, Any] = {}
        for key, value in row.cells.items():
            try:
                if isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "/A")):
                    raise InvalidInput(_("A formula has gone wrong here. Please type the value."))
                found[key] = self._readers[key](value)
            except DomainError as error:
                self.say(error, row.number, key)
        if "listing" not in row.cells:
            self._ask_for_what_is_missing(row)
        return Values(row.number, found)

    def _ask_for_what_is_missing(self, row: Row) -> None:
        for key in FOR_SOMETHING_NEW:
            if key not in row.cells:
                self.say(InvalidInput(_("This is empty. Something new needs it.")), row.number, key)
        if not any(key in row.cells for key in DATES):
            self.say(
                InvalidInput(_("Please say when it was picked, or when you expect to pick it.")),
                row.number,
                "picked_on",
            )

    def say(self, error: DomainError, row: int, key: str) -> None:
        """Keep a refusal, pointing at its cell; a column that is not there is asked for without a letter."""
        typed = cells.as_text(self._typed[row].get(key))[:60]
        column = self.table.letters.get(key, "")
        self.bad_rows.add(row)
        self.problems.append(refused(error, row=row, column=column, key=key, sheet=self.table.sheet, typed=typed))

    def say_about_row(self, message: Any, row: int, **params: Any) -> None:
        """Keep what is wrong with a whole row."""
        self.bad_rows.add(row)
        self.problems.append(problem(message, row=row, sheet=self.table.sheet, params=params))


def _checked(read: Callable[[Any], int], check: Callable[[int], None]) -> Callable[[Any], int]:
    def reader(value: Any) -> int:
        found = read(value)
        check(found)
        return found

    return reader


def _few_codes(value: Any) -> tuple[str, ...]:
    found = cells.codes(value)
    if len(found) > drafts.MAX_PHOTOS:
        raise InvalidInput(_("At most %(most)s photos."), most=drafts.MAX_PHOTOS)
    return found
