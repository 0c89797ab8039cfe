"""What a database holds, in figures: rows of each table, sums of its money and stock, a digest of all it says."""

from typing import Any

from django.db import connection

SUMMED = ("fen", "packs", "harvested", "held", "sold", "grams", "stars")  # what a column of figures ends in


def facts_of() -> dict[str, dict[str, Any]]:
    """Of each table: `rows`, the `sums` of its figures, and a `digest` that any changed letter changes.

    Run it in the transaction whose snapshot the dump has; after a restore it must say the same.
    """
    return {table: _facts(table, columns) for table, columns in sorted(_tables().items())}


def migrations() -> list[str]:
    """The migrations that the database has had."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def is_empty() -> bool:
    """Whether the database holds no table of its own."""
    return not _tables()


def _tables() -> dict[str, list[str]]:
    """Every table, with those of its columns that are summed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname, coalesce(array_agg(attname::text ORDER BY attname) FILTER (
                   WHERE atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
                     AND substring(attname FROM '[^_]+$') = ANY (%s)), '{}')
               FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
               WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY relname""",
            [list(SUMMED)],
        )
        return dict(cursor.fetchall())


def _facts(table: str, columns: list[str]) -> dict[str, Any]:
    quote = connection.ops.quote_name
    sums = "".join(f", coalesce(sum({quote(column)}), 0)::text" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), coalesce(sum(hashtextextended(whole::text, 0)::numeric), 0)::text{sums}
                FROM {quote(table)} AS whole"""  # noqa: S608  # names from the catalogue, quoted
        )
        rows, digest, *totals = cursor.fetchone()
    return {"rows": rows, "digest": digest, "sums": dict(zip(columns, totals, strict=True))}
