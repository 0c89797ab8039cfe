"""Migrations that would stop a running shop are refused, unless it is on record here why one may: part of `make lint`.

django-migration-linter looks at the SQL of each migration; it judges a migration by its first index, and not by the checks
and keys that PostgreSQL tries on every row of a table while nobody may write to it. So we look at those ourselves.
"""

import os
import re
import sys
from collections.abc import Iterable

# What PostgreSQL holds a table's lock for, if the table was there before.
_TRIED_ON_EVERY_ROW = re.compile(r'ALTER TABLE "(\w+)" ADD CONSTRAINT "\w+" (?:CHECK|FOREIGN KEY|EXCLUDE)')
_INDEXED = re.compile(r'CREATE (?:UNIQUE )?INDEX "?\w+"? ON "?(\w+)"?')
_REWRITTEN = re.compile(r'^\s*(?:UPDATE|DELETE FROM) (?:ONLY )?"?(\w+)"?')
_MADE = re.compile(r'CREATE TABLE "?(\w+)"?')

#: By migration: what it is found guilty of, and why it may do it all the same.
EXEMPT: dict[str, dict[str, str]] = {}


def guilty_of(sql: Iterable[str]) -> set[str]:
    """What these statements of one migration would do to tables that were there before; each with the table's name."""
    made: set[str] = set()
    found: set[str] = set()
    for statement in sql:
        made |= set(_MADE.findall(statement))
        if "CANNOT BE WRITTEN AS SQL" in statement:
            found.add("PYTHON")
        if "NOT VALID" not in statement:
            found |= {f"TRIED {table}" for table in _TRIED_ON_EVERY_ROW.findall(statement) if table not in made}
        found |= {f"INDEX {table}" for table in _INDEXED.findall(statement) if table not in made}
        found |= {f"REWRITTEN {table}" for table in _REWRITTEN.findall(statement) if table not in made}
    return found


def by_the_linter(sql: list[str]) -> set[str]:
    """The codes that django-migration-linter gives these statements. Its two on indexes are ours, table by table."""
    from django_migration_linter.sql_analyser import PostgresqlAnalyser, analyse_sql_statements

    errors, _ignored, warnings = analyse_sql_statements(PostgresqlAnalyser, sql)
    return {issue.code for issue in errors + warnings} - {"CREATE_INDEX", "CREATE_INDEX_EXCLUSIVE"}


def complaints(found: dict[str, set[str]], exempt: dict[str, dict[str, str]]) -> list[str]:
    """What is not on record, and what is on record for a migration that there isn't."""
    unknown = [
        f"{name}: {code}" for name, codes in found.items() for code in sorted(codes - exempt.get(name, {}).keys())
    ]
    return unknown + [f"{name} is exempt, and is not there" for name in sorted(exempt.keys() - found.keys())]


def look() -> dict[str, set[str]]:
    """Every migration of ours, in their order, and what it is guilty of. Reads the catalogue and changes nothing.

    An app's first makes its tables, and can't lock what isn't there; neither can those whose place it has taken.
    """
    from django.apps import apps
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.loader import MigrationLoader

    ours = {app.label for app in apps.get_app_configs() if app.path.startswith(str(settings.BASE_DIR / app.label))}
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(None)  # as if nothing had been applied yet, whatever this database has had
    state = executor.loader.project_state([])
    found: dict[str, set[str]] = {}
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True):
        if migration.app_label not in ours or migration.initial:
            state = migration.mutate_state(state, preserve=False)
            continue
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        sql = [str(statement) for statement in editor.collected_sql]
        found[f"{migration.app_label}.{migration.name}"] = guilty_of(sql) | by_the_linter(sql)
    return found


def main() -> int:
    """Status 1 and the complaints, if there are any."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    found = look()
    told = complaints(found, EXEMPT)
    for complaint in told:
        print(f"migration {complaint}")
    if told:
        print("It would stop a running shop. docs/deployment.md says how else; or put the reason into", __file__)
    else:
        print(f"migrations: {len(found)} after the first of each app looked at, {len(EXEMPT)} exempt")
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
