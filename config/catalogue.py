"""What holds of the database itself: it has every guard that the models name, in force. See common/invariants.py.

A restore, a hurried hand or a half-run migration can leave a table without its constraint or a trigger switched off, and
nothing would be felt until the day the guard was needed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from common.invariants import Check


def _models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not model._meta.swapped
    ]


def _rows(sql: str) -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {tuple(row) for row in cursor.fetchall()}


def _columns(model: type[models.Model]) -> list[tuple[str, models.Field]]:
    """Each column of a model's own table, with the field that it holds."""
    return [(field.column, field) for field in model._meta.local_concrete_fields if field.column]


def _target(field: models.Field) -> tuple[str, str] | None:
    """Table and column that a reference points to; None for what is none in the database."""
    if not isinstance(field, models.ForeignKey) or not field.remote_field or not getattr(field, "db_constraint", True):
        return None
    return field.related_model._meta.db_table, field.target_field.column or ""


_CONTYPE = {models.CheckConstraint: "c", ExclusionConstraint: "x"}  # a unique rule may be an index only


def missing_constraints(now: datetime) -> Iterator[str]:
    """Checks, unique rules, keys and references of the models that the database lacks or has not looked through."""
    in_force = _rows(
        """SELECT relname, contype, conname FROM pg_constraint
           JOIN pg_class ON pg_class.oid = conrelid
           WHERE convalidated AND coalesce((to_jsonb(pg_constraint) ->> 'conenforced')::bool, true)
             AND relnamespace = current_schema::regnamespace"""
    )
    unique = _rows(
        """SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index
           WHERE indisunique AND indisvalid AND indisready AND indislive"""
    )
    columns = _rows(
        """SELECT relname, contype, attname, confrelid::regclass::text FROM pg_constraint
           JOIN pg_class ON pg_class.oid = conrelid
           JOIN pg_attribute ON attrelid = conrelid AND conkey = ARRAY[attnum]
           WHERE convalidated AND coalesce((to_jsonb(pg_constraint) ->> 'conenforced')::bool, true)
             AND relnamespace = current_schema::regnamespace"""
    )
    for model in _models():
        table = model._meta.db_table
        for constraint in model._meta.constraints:
            if kind := _CONTYPE.get(type(constraint)):
                known = (table, kind, constraint.name) in in_force
            else:
                known = (table, constraint.name) in unique
            if not known:
                yield f"{table}.{constraint.name}"
        for column, field in _columns(model):
            if field.primary_key and not any(row[:3] == (table, "p", column) for row in columns):
                yield f"{table}.{column} primary key"
            elif field.unique and not field.primary_key and (table, "u", column, "-") not in columns:
                yield f"{table}.{column} unique"
            if (target := _target(field)) and (table, "f", column, target[0]) not in columns:
                yield f"{table}.{column} reference"


def missing_indexes(now: datetime) -> Iterator[str]:
    """Indexes that the models name and the database lacks, and any that an interrupted build left invalid."""
    found: dict[str, bool] = dict(
        list(_rows("SELECT indexrelid::regclass::text, indisvalid AND indisready FROM pg_index"))
    )
    yield from sorted(name for name, is_valid in found.items() if not is_valid)
    for model in _models():
        yield from (f"{model._meta.db_table}.{index.name}" for index in model._meta.indexes if index.name not in found)


def missing_triggers(now: datetime) -> Iterator[str]:
    """Triggers of the models (append-only tables, fixed terms, caps) that are gone, changed or switched off."""
    found = {
        (table, name): (digest, body)
        for table, name, digest, body in _rows(
            """SELECT relname, tgname, coalesce(obj_description(pg_trigger.oid, 'pg_trigger'), ''), prosrc
               FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid
               WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"""
        )
    }
    for model, trigger in pgtrigger.registered():
        compiled = trigger.compile(model)
        digest, body = found.get((model._meta.db_table, trigger.get_pgid(model)), ("", ""))
        if digest != compiled.sql.hash or str(compiled.sql.kwargs["func"]).strip() not in body:
            yield f"{model._meta.db_table}.{trigger.name}"
    yield from (
        f"{table}.{name} (off)"
        for table, name in sorted(
            _rows(
                """SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                   WHERE NOT tgisinternal AND tgenabled NOT IN ('O', 'A') AND tgname NOT LIKE 'pgtrigger%'"""
            )
        )
    )


def wrong_columns(now: datetime) -> Iterator[str]:
    """Columns of the models that the database lacks, or that may be empty where the models say never."""
    found = {
        (table, column): is_required
        for table, column, is_required in _rows(
            """SELECT relname, attname, attnotnull FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
               WHERE relnamespace = current_schema::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped
                 AND attnum > 0"""
        )
    }
    for model in _models():
        for column, field in _columns(model):
            place = (model._meta.db_table, column)
            if place not in found or (not field.null and not found[place]):
                yield ".".join(place)


def orphans(now: datetime) -> Iterator[str]:
    """Rows that point to a row that is not there, by reference: what a restore without constraints would leave."""
    quote = connection.ops.quote_name
    for model in _models():
        for column, field in _columns(model):
            if (target := _target(field)) is None:
                continue
            table, key = target
            count = _rows(
                f"""SELECT count(*) FROM {quote(model._meta.db_table)} AS lower
                    LEFT JOIN {quote(table)} AS upper ON upper.{quote(key)} = lower.{quote(column)}
                    WHERE lower.{quote(column)} IS NOT NULL AND upper.{quote(key)} IS NULL"""  # noqa: S608
            )
            if count != {(0,)}:
                yield f"{model._meta.db_table}.{column}"


def lagging_sequences(now: datetime) -> Iterator[str]:
    """Tables whose next number was given out already: the next insert would fail."""
    quote = connection.ops.quote_name
    for model in _models():
        key = model._meta.pk
        if not isinstance(key, models.AutoField):
            continue
        table = model._meta.db_table
        ((sequence,),) = _rows(f"SELECT pg_get_serial_sequence('{quote(table)}', '{key.column}')")
        if sequence is None or _rows(
            f"""SELECT 1 FROM {sequence} WHERE CASE WHEN is_called THEN last_value ELSE last_value - 1 END
                < (SELECT coalesce(max({quote(str(key.column))}), 0) FROM {quote(table)})"""  # noqa: S608
        ):
            yield table


def unapplied_migrations(now: datetime) -> Iterator[str]:
    """Migrations of the code that the database has not had, and those it has had that the code doesn't know."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    for migration, _ in executor.migration_plan(loader.graph.leaf_nodes()):
        yield f"{migration.app_label}.{migration.name}"
    for app, name in sorted(set(loader.applied_migrations) - set(loader.disk_migrations)):
        if app in loader.migrated_apps and not any(
            (app, name) in one.replaces for one in loader.disk_migrations.values()
        ):
            yield f"{app}.{name} (unknown)"


CHECKS = (
    Check(
        "constraints_are_in_force",
        "Every check, unique rule, key and reference of the models is in the database, and validated.",
        find=missing_constraints,
    ),
    Check(
        "indexes_are_there",
        "Every index that the models name is in the database, and none is half-built.",
        find=missing_indexes,
    ),
    Check(
        "triggers_are_armed",
        "Every trigger of the models (append-only records, fixed terms, caps) is there, unchanged and switched on.",
        find=missing_triggers,
    ),
    Check(
        "columns_are_as_declared",
        "Every column is there, and never empty where the models say so.",
        find=wrong_columns,
    ),
    Check("nothing_is_orphaned", "No row points to a row that is not there.", find=orphans),
    Check("numbers_go_on", "No table is about to give out a number twice.", find=lagging_sequences),
    Check(
        "migrations_are_applied",
        "The database has had exactly the migrations that this code has.",
        find=unapplied_migrations,
    ),
)
