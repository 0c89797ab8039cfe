"""Putting model instances into the database by COPY, their ids taken from the table's own sequence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from common.transactions import needs_transaction

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def take_ids(model: type[models.Model], count: int) -> Iterator[int]:
    """`count` ids that nobody else will be given; committed or not, as a sequence does it."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
        )
        return iter([number for (number,) in cursor.fetchall()])


@needs_transaction
def copy_in(instances: Sequence[models.Model]) -> None:
    """Insert instances of one model, ids included, as they are; a step. Every constraint of the database holds.

    Defaults come from the model; nothing like `auto_now` is filled in.
    """
    if not instances:
        return
    fields = instances[0]._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(instances[0]._meta.db_table)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", _Lines(_lines(instances, fields)))


class _Lines:
    """Lines as the file that psycopg2 reads from."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""

    def read(self, size: int) -> str:
        parts, length = [self._rest], len(self._rest)
        while length < size and (line := next(self._lines, "")):
            parts.append(line)
            length += len(line)
        text = "".join(parts)
        self._rest = text[size:]
        return text[:size]


def _lines(instances: Iterable[models.Model], fields: Sequence[models.Field[Any, Any]]) -> Iterator[str]:
    for instance in instances:
        yield "\t".join(_text(getattr(instance, field.attname), field) for field in fields) + "\n"


def _text(value: Any, field: models.Field[Any, Any]) -> str:
    """A value as COPY's text format writes it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return str(value).translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int | float | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(field, ArrayField):
        return "{" + ",".join(str(int(each)) for each in value) + "}"
    if isinstance(field, models.FileField):
        return str(value.name or "").translate(_ESCAPES)
    raise TypeError(f"{field}: {type(value).__name__} cannot be copied in yet")
