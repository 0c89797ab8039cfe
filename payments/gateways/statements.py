"""A day's statement of a provider, as plain values: what it says it took in and gave back."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from payments.models import About

__all__ = ["About", "BadStatement", "GivesStatements", "Row"]


class BadStatement(Exception):
    """A statement that does not read as agreed, or does not add up to what it says of itself: none of it is used."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One movement of money, by our own reference for it. `fen` is above 0 either way; `is_done`: the money has moved."""

    about: About
    reference: str
    trade_number: str
    fen: int
    is_done: bool = True


@runtime_checkable
class GivesStatements(Protocol):
    """A gateway whose provider has statements to compare with."""

    name: str

    def statement(self, day: date) -> list[Row]:
        """All that moved on `day` (of Shanghai). Raises GatewayUnavailable, or BadStatement."""
        ...
