"""Putting model instances into the database by COPY, their ids taken from the table's own sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models.fields.files import FieldFile

from common.transactions import needs_transaction


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
    names = [field.attname for field in fields]
    for instance in instances:
        values = vars(instance)
        yield "\t".join([_WRITERS.get(type(value), _other)(value) for value in map(values.get, names)]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _other(value: Any) -> str:
    """What is none of the plain types: a file's name, a text still to be translated."""
    if isinstance(value, FieldFile):
        return _escaped(value.name or "")
    if isinstance(value, str):
        return _escaped(str(value))
    raise TypeError(f"{type(value).__name__} cannot be copied in yet")


_WRITERS: dict[type, Callable[[Any], str]] = {  # a value as COPY's text format has it
    type(None): lambda _value: "\\N",
    str: _escaped,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    UUID: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    list: lambda numbers: "{" + ",".join(str(int(number)) for number in numbers) + "}",
}
