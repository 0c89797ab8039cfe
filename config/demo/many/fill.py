"""Adds listings to a demo by the thousand."""

import gc
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from accounts.models import County, User
from common.transactions import use_case
from config.demo.many.copying import copy_in
from config.demo.many.households import Countryside, Household
from config.demo.many.lending import Pictures
from config.demo.many.rows import Names, Rows
from marketplace.models import Produce

LISTINGS_AT_ONCE = 4000


def add_listings(*, count: int, moderators: list[User], now: datetime, dice: random.Random) -> None:
    """Put up `count` more listings in all counties, some thousand in each transaction.

    Regions, counties and produce must be loaded. `now` is when it looks as if it had all happened until.
    """
    produce = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    counties = list(County.objects.select_related("province").order_by("list_no"))
    countryside = Countryside(counties, produce, moderators, now, dice)
    names, pictures = Names(), Pictures()
    with _saver() as saver:
        for households in _batches(countryside.households(count)):
            pictures.draw(pair for household in households for pair in household.pictures)
            rows = Rows(names, pictures)
            for household in households:
                rows.add(household)
            saver.save(rows)
    _tell_the_planner()


def _batches(households: Iterable[Household]) -> Iterator[list[Household]]:
    batch: list[Household] = []
    listings = 0
    for household in households:
        batch.append(household)
        listings += len(household.goods)
        if listings >= LISTINGS_AT_ONCE:
            yield batch
            batch, listings = [], 0
    yield batch


class _Saver:
    """Saves one batch in another thread while the next is being made: PostgreSQL has a processor of its own."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._last: Future[None] | None = None

    def save(self, rows: Rows) -> None:
        self.wait()
        if connection.in_atomic_block:  # in a test, whose transaction another thread cannot share
            save(rows)
        else:
            self._last = self._pool.submit(save, rows)

    def wait(self) -> None:
        if self._last is not None:
            self._last.result()


@contextmanager
def _saver() -> Iterator[_Saver]:
    gc.disable()  # millions of objects that are all needed until saved: looking for garbage among them takes a third
    try:
        with ThreadPoolExecutor(1) as pool:
            saver = _Saver(pool)
            yield saver
            saver.wait()
            pool.submit(lambda: connection.close()).result()  # the thread's own
    finally:
        gc.enable()


@use_case
def save(rows: Rows) -> None:
    """Put rows in, all or none. Foreign keys are looked at when this commits, so a table may point at a later one.
    Lots follow their listings, as they do in life: the triggers behind them look for them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL synchronous_commit = off")
    for instances in rows.by_model.values():
        copy_in(instances)


def _tell_the_planner() -> None:
    """What autovacuum would find out in some minutes: how big the tables have become."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
