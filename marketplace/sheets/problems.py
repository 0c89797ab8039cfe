"""What is wrong with a sheet, pointing at the cell. Kept as plain values and said in the language of whoever reads it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, override

from common.errors import DomainError
from marketplace.sheets.columns import BY_KEY


def _source(text: str | Promise) -> str:
    """The English a translation is looked up by."""
    with override(None):
        return str(text)


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where it is, what is wrong. `column` is a letter, `key` the column's own name."""

    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    row: int = 0
    column: str = ""
    key: str = ""
    sheet: str = ""
    typed: str = ""

    @property
    def cell(self) -> str:
        """ "C7", or "7" for a whole row, or "" for the whole file."""
        return f"{self.column}{self.row or ''}"

    @property
    def message(self) -> str:
        """What is wrong, in the language that is active."""
        text = gettext(self.template)
        return text % {name: str(value) for name, value in self.params.items()} if self.params else text

    @property
    def right(self) -> str:
        """What would be right; "" where no example says more than the message."""
        return str(BY_KEY[self.key].right) if self.key in BY_KEY else ""

    @property
    def heading(self) -> str:
        return BY_KEY[self.key].heading if self.key in BY_KEY else ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def problem(message: str | Promise, **where: Any) -> Problem:
    """A problem from words; `where` is any of row, column, key, sheet, typed and params."""
    return Problem(_source(message), **where)


def refused(error: DomainError, **where: Any) -> Problem:
    """A problem from what the domain refuses."""
    params = {name: value for name, value in error.params.items() if isinstance(value, str | int)}
    return Problem(_source(error.template), params, **where)


class Unreadable(Exception):
    """The file as a whole cannot be read; `problem` says why."""

    def __init__(self, message: str | Promise, **where: Any) -> None:
        self.problem = problem(message, **where)
        super().__init__(self.problem.template)
