"""Keeping the roll-ups: what changed is counted again, batch by batch, in the order in which it changed.

One counts at a time (the row of `Progress` is the lock). A change that commits while others are counted is simply there
the next time: nothing looks at times or numbers to find what is new. Counting a line again changes nothing.
"""

from django.db import connection

from common.transactions import needs_transaction, use_case
from insights.counting import ABSORB, REBUILD, TAKE
from insights.models import Progress

BATCH = 4000


@needs_transaction
def take_turn(*, wait: bool) -> Progress | None:
    """Hold the one row; None when somebody else does and `wait` is false."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO insights_progress (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING")
    return Progress.objects.select_for_update(no_key=True, skip_locked=not wait).filter(pk=1).first()


@use_case
def absorb(*, limit: int = BATCH) -> int:
    """Count again the lines of the oldest `limit` changes, and return how many changes those were; 0: nothing to do, or
    somebody else is at it.
    """
    if take_turn(wait=False) is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"limit": limit})
        changes = [line_id for (line_id,) in cursor.fetchall()]
        if changes:
            cursor.execute(ABSORB, {"lines": sorted(set(changes))})
            _mark([month for (month,) in cursor.fetchall()])
    return len(changes)


def absorb_all() -> int:
    """Batch after batch until nothing waits; how many changes there were."""
    total = 0
    while count := absorb():
        total += count
    return total


@use_case
def rebuild() -> None:
    """Count everything anew from the ledger; what changes meanwhile waits and is counted after."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        take_turn(wait=True)
        for statement in REBUILD:
            cursor.execute(statement)


@needs_transaction
def _mark(months: list[object]) -> None:
    """What is public of these months is to be put out again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO insights_month (month) SELECT unnest(%s::date[])
               ON CONFLICT (month) DO UPDATE SET is_stale = true""",
            [months],
        )
