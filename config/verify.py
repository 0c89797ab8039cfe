"""Runs the checks of every app on one moment of the shop, while it goes on: see common/invariants.py."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from common.invariants import Breach, Check
from config import catalogue


@dataclass(frozen=True)
class Result:
    """How one check went. `error` names what kept it from being made; then nothing is known."""

    check: Check
    breach: Breach
    milliseconds: int
    error: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.error and not self.breach.count


class UnknownCheck(ValueError):
    """There is no check of that name."""


def all_checks() -> tuple[Check, ...]:
    """The catalogue's, then those of each of our apps that has a module `invariants`."""
    found = list(catalogue.CHECKS)
    for app in apps.get_app_configs():
        is_ours = str(app.path).startswith(str(settings.BASE_DIR)) and app.name not in {"common", "config"}
        if is_ours and find_spec(f"{app.name}.invariants"):
            found += import_module(f"{app.name}.invariants").CHECKS
    return tuple(found)


def chosen(names: Collection[str], *, heavy: bool) -> list[Check]:
    """The checks of these names; all that are not heavy, or all, when none is named. Raises UnknownCheck."""
    checks = {check.name: check for check in all_checks()}
    if unknown := sorted(set(names) - set(checks)):
        raise UnknownCheck(", ".join(unknown))
    return [check for check in checks.values() if (check.name in names if names else heavy or not check.is_heavy)]


def verify(checks: Sequence[Check], now: datetime) -> Iterator[Result]:
    """Make the checks one by one in a single snapshot, so that what moves meanwhile is seen whole or not at all.

    The transaction can write nothing, locks no row and may take longer than a page. Must not run inside another.
    """
    with transaction.atomic(durable=True):  # no use-case: it only reads
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        for check in checks:
            yield run(check, now)


def run(check: Check, now: datetime) -> Result:
    """Make one check, in a savepoint: one that can't be made doesn't keep the others from being made."""
    began = time.perf_counter()
    breach, error = Breach(0, ()), ""
    try:
        with transaction.atomic():
            breach = check.breach(now)
    except DatabaseError as broken:  # its message may repeat what people typed
        cause = broken.__cause__
        error = f"{type(broken).__name__} {getattr(cause, 'pgcode', '') or ''}".strip()
    return Result(check, breach, round((time.perf_counter() - began) * 1000), error)
