"""What the planner has to know before a test looks at plans, or waits for them."""

from django.db import connection


def analyze() -> None:
    """Count our tables, as autovacuum would: the planner can't guess at tables that were empty.

    Ours alone: PostgreSQL's own are shared by all databases, and a test that holds them makes another's wait.
    """
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
