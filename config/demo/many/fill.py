"""Adds listings to a demo by the thousand."""

import gc
import multiprocessing
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, connections, models

from accounts.models import County, User
from common.transactions import use_case
from config.demo.many.copying import copy_in
from config.demo.many.households import Countryside, Household
from config.demo.many.lending import VARIANTS, Pictures
from config.demo.many.rows import Names, Rows
from marketplace.models import Lot, ModerationDecision, Produce

LISTINGS_AT_ONCE = 4000
MANY = 5000  # from here on two processes make them; fewer are made sooner than a second one has begun
PROCESSES = 2  # whatever the machine has: the same demo for the same day and size


@contextmanager
def drawing_ahead(wanted: int) -> Iterator[Pictures]:
    """The pictures for `wanted` listings, if they are many; drawn in other threads while this one waits for PostgreSQL."""
    pictures = Pictures()
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(pictures.draw, _every_picture() if wanted >= MANY else [])
        yield pictures
        drawn.result()


def _every_picture() -> list[tuple[Produce, int]]:
    return [(kind, variant) for kind in _produce().values() for variant in range(VARIANTS)]


def _produce() -> dict[str, Produce]:
    return {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}


def add_listings(
    *, count: int, moderators: list[User], now: datetime, dice: random.Random, pictures: Pictures | None = None
) -> None:
    """Put up `count` more listings in all counties, some thousand in each transaction.

    Regions, counties and produce must be loaded. `now` is when it looks as if it had all happened until. `pictures` may
    have been drawn already.
    """
    produce = _produce()
    counties = list(County.objects.select_related("province").order_by("list_no"))
    pictures = pictures or Pictures()
    if count < MANY or connection.in_atomic_block:  # in a test, whose transaction no other process can share
        _add(Countryside(counties, produce, moderators, now, dice), count, pictures)
    else:
        pictures.draw(_every_picture())
        lands = [
            Countryside(counties[share::PROCESSES], produce, moderators, now, random.Random(dice.random()))
            for share in range(PROCESSES)
        ]
        _add_together(lands, count, pictures)
    _tell_the_planner()


def _add_together(lands: list[Countryside], count: int, pictures: Pictures) -> None:
    """Each part of the country in a process of its own, with its own letters and phones."""
    connections.close_all()  # each opens its own
    fork = multiprocessing.get_context("fork")
    processes = [
        fork.Process(target=_add, args=(land, (count + share) // len(lands), pictures, share, len(lands)))
        for share, land in enumerate(lands)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError("The listings could not all be made; see above.")


def _add(land: Countryside, count: int, pictures: Pictures, share: int = 0, shares: int = 1) -> None:
    names = Names(share, shares)
    with _saver() as saver:
        for households in _batches(land.households(count, share, shares)):
            pictures.draw(pair for household in households for pair in household.pictures)
            rows = Rows(names, pictures)
            for household in households:
                rows.add(household)
            saver.save(rows)


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
    Lots come before their listings, so that a listing finds its place on the shelf at once and not twice; decisions
    come last, when the guard against deciding about one's own can see whose they are about.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = 0")  # at its end another may hold the window's one row for a while
        cursor.execute("SET LOCAL synchronous_commit = off")
    for model in sorted(rows.by_model, key=_turn):
        copy_in(rows.by_model[model])


def _turn(model: type[models.Model]) -> int:
    return {Lot: 0, ModerationDecision: 2}.get(model, 1)


def _tell_the_planner() -> None:
    """What autovacuum would find out in some minutes: how big the tables have become."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
