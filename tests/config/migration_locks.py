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

_FIRST = "older than the first release, so it only ever runs on empty tables; "

#: By migration: what it is found guilty of, and why it may do it all the same.
EXEMPT: dict[str, dict[str, str]] = {
    "marketplace.0002_photo_claims_and_packs_typed": {
        "INDEX marketplace_photo": _FIRST + "the index is partial, over originals that are not deleted yet",
    },
    "marketplace.0007_moderation_at_depth": {
        "NOT_NULL": _FIRST + "no released version writes without the column",
        "INDEX marketplace_photo": _FIRST + "near-duplicates are looked for from the first photo on",
        "TRIED marketplace_photo": _FIRST + "the columns it compares are new and empty",
    },
    "marketplace.0008_terms_and_photos_shown": {
        "PYTHON": "puts some thirty words into a new table",
        "REWRITTEN marketplace_photo": _FIRST + "photos prepared before they needed approval stay in sight",
    },
    "marketplace.0010_window_number": {
        "ALTER_COLUMN": "a table of one row",
        "TRIED marketplace_window": "a table of one row",
    },
    "accounts.0010_price_acts": {
        "TRIED accounts_delegatedact": "one row for each thing done for a household; the check only allows more than before",
    },
    "accounts.0011_weighing_and_packing_acts": {
        "TRIED accounts_delegatedact": "one row for each thing done for a household; the check only allows more than before",
    },
    "accounts.0009_showing": {
        "TRIED accounts_farmer": "one row for each household, and the columns it compares are new: true, and empty",
    },
    "accounts.0006_postings_do_not_overlap": {
        "TRIED accounts_posting": "one row for each specialist and county: some thousand at most, all their lives long",
    },
    "marketplace.0015_confined_photos": {
        "TRIED marketplace_photo": _FIRST + "the column it looks at is new and false everywhere",
    },
    "marketplace.0012_reports_decided_once": {
        "TRIED marketplace_report": _FIRST + "reports have been there for five migrations only",
    },
    "notifications.0003_telling_under_fire": {
        "ADD_UNIQUE": _FIRST + "the index is partial, over a new column that is false everywhere",
        "INDEX notifications_delivery": _FIRST + "both are over new columns that are empty everywhere",
        "TRIED notifications_delivery": _FIRST + "the columns it compares are new and empty",
    },
    "orders.0004_line_shares": {
        "NOT_NULL": _FIRST + "no released version writes without the column",
        "TRIED orders_orderline": _FIRST + "the columns it compares are new and 0",
    },
    "orders.0005_fill_line_postage": {
        "PYTHON": _FIRST + "it fills the lines of orders made before the column",
    },
    "orders.0006_live_prices": {
        "INDEX orders_orderline": _FIRST + "the index is partial, over a new column that is empty everywhere",
    },
    "orders.0010_round_up": {
        "TRIED orders_order": _FIRST + "the columns it compares are new and 0",
    },
    "orders.0013_packings_taken_back": {
        "ADD_UNIQUE": _FIRST + "packings have been there for one migration only",
        "DROP_INDEX": _FIRST + "packings have been there for one migration only",
        "INDEX orders_packing": _FIRST + "packings have been there for one migration only",
        "TRIED orders_packing": _FIRST + "the column it compares is new and empty",
    },
    "payments.0011_gifts_and_bound_money": {
        "ADD_UNIQUE": _FIRST
        + "the indexes are partial, over a new column that is empty, and over reasons no refund has yet",
        "INDEX payments_payment": _FIRST + "the column that they are on is new and empty everywhere",
        "INDEX payments_refund": _FIRST + "the index is partial, over reasons that no refund has yet",
        "TRIED payments_account": _FIRST + "the column it compares is new and empty, and accounts are few",
        "TRIED payments_payment": _FIRST + "every payment so far is for an order",
    },
    "payments.0013_payers": {
        "INDEX payments_payment": _FIRST + "the index is partial, over a new column that is empty everywhere",
    },
    "payments.0005_payouts": {
        "INDEX payments_entry": _FIRST + "the ledger that it indexes came one migration before",
    },
    "payments.0002_guard_refunds": {
        "ADD_UNIQUE": _FIRST + "the first refund is made by the version that this belongs to",
        "INDEX payments_refund": _FIRST + "the first refund is made by the version that this belongs to",
        "NOT_NULL": _FIRST + "the first refund is made by the version that this belongs to",
        "TRIED payments_refund": _FIRST + "the first refund is made by the version that this belongs to",
        "TRIED payments_sandboxtrade": "the sandbox's own table, which no real shop fills",
    },
    "payments.0007_claims_by_line": {
        "ADD_UNIQUE": _FIRST + "the index is partial, over a state that no claim has yet",
        "INDEX payments_claim": _FIRST + "the index is partial, over a state that no claim has yet",
        "TRIED payments_claim": _FIRST + "the column is new, and the other check only allows more than before",
    },
}


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

    An app's first makes its tables, and can't lock what isn't there.
    """
    from django.apps import apps
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    ours = {app.label for app in apps.get_app_configs() if app.path.startswith(str(settings.BASE_DIR / app.label))}
    executor = MigrationExecutor(connection)
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
        print(f"migrations: {len(found)} looked at, {len(EXEMPT)} with an exemption on record")
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
