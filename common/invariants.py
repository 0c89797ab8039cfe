"""What must be true of the data at any moment, each said once as a query that finds what breaks it.

Every app lists its own in a module `invariants` as CHECKS; `manage.py verify` gathers and runs them (config/verify.py).
To add one, add a Check there and, in the app's tests, a breach that it must find: a check that can't fail says nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

SHOWN = 5  # ids of offenders that a report names


@dataclass(frozen=True)
class Breach:
    """How many rows break a check, and the ids of the first few: ids or names of constraints, never what they hold."""

    count: int
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One thing that holds. `says` is the sentence that is true when no row is found.

    Either `sql` selects the id of each row that breaks it, as one column, or `find` yields them. The query may use
    %(now)s and what `params` gives; a percent sign is written twice. Heavy ones read every listing's words or every
    photo's file, and run only when asked for.
    """

    name: str
    says: str
    sql: str = ""
    find: Callable[[datetime], Iterable[object]] | None = None
    params: Callable[[], Mapping[str, Any]] = dict
    is_heavy: bool = False

    def breach(self, now: datetime) -> Breach:
        """What breaks it at present, as of `now` (UTC)."""
        if self.find is not None:
            return _counted(self.find(now))
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH breach (id) AS ({self.sql}) "  # noqa: S608  # our own words, from a module of ours
                f"SELECT count(*), (array_agg(id::text ORDER BY id))[1:{SHOWN}] FROM breach",
                {"now": now, **self.params()},
            )
            count, ids = cursor.fetchone()
        return Breach(count, tuple(ids or ()))


def _counted(found: Iterable[object]) -> Breach:
    count, ids = 0, []
    for one in found:
        count += 1
        if count <= SHOWN:
            ids.append(str(one))
    return Breach(count, tuple(ids))
