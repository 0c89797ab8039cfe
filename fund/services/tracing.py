"""Whose yuan goes where: first in, first out. What an account has is always the sum of what is left of each who gave.

Whoever takes holds the account, so that no yuan goes twice. A yuan keeps its origin, the leg by which it became money for
one purpose, however often it moves on.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Sum

from common.money import show_yuan
from common.transactions import needs_transaction
from fund.errors import NotEnoughThere
from fund.models import Trace
from payments.models import Account, Entry, Leg

#: By these money becomes bound; by all others it only moves.
ORIGINS = (Entry.Kind.GIFT, Entry.Kind.ROUND_UP, Entry.Kind.ALLOTTED)

Parts = list[tuple[int, int]]  # (origin, fen)


@needs_transaction
def take_from(account_id: int, fen: int) -> Parts:
    """Whose money the next `fen` of an account are, oldest first; a step that holds the account. Raises NotEnoughThere."""
    Account.objects.select_for_update(no_key=True).get(pk=account_id)
    parts, wanted = [], fen
    left = left_in(account_id)
    for origin, there in left.items():
        part = min(there, wanted)
        if part:
            parts.append((origin, part))
        wanted -= part
        if not wanted:
            return parts
    raise NotEnoughThere(left=show_yuan(sum(left.values())), field="amount")


def left_in(account_id: int) -> dict[int, int]:
    """What is left in an account of each origin (fen above 0), oldest first. Two queries."""
    left: dict[int, int] = defaultdict(int)
    came = Leg.objects.filter(account=account_id, fen__lt=0, entry__kind__in=ORIGINS)
    for origin, fen in came.order_by("pk").values_list("pk", "fen"):
        left[origin] = -fen
    moved = Trace.objects.filter(account=account_id).values_list("origin").annotate(fen=Sum("fen")).order_by("origin")
    for origin, fen in moved:
        left[origin] += fen
    return {origin: fen for origin, fen in sorted(left.items()) if fen}


def left_of(origin: int) -> dict[int, int]:
    """Where what is left of one origin is: fen by account."""
    leg = Leg.objects.get(pk=origin)
    left = {leg.account_id: -leg.fen}
    for account, fen in Trace.objects.filter(origin=origin).values_list("account").annotate(fen=Sum("fen")).order_by():
        left[account] = left.get(account, 0) + fen
    return {account: fen for account, fen in left.items() if fen > 0}


@needs_transaction
def trace(entry: Entry | None, moved: Iterable[tuple[int, Parts, int]]) -> Entry:
    """Write down whose money an entry moved: for each account its parts, and -1 where they left or 1 where they came in.

    In one statement: the database looks at all traces of an entry together. A step.
    """
    if entry is None:
        raise RuntimeError("booked already")
    Trace.objects.bulk_create(
        Trace(entry=entry, account_id=account, origin_id=origin, fen=sign * fen)
        for account, parts, sign in moved
        for origin, fen in parts
    )
    return entry
