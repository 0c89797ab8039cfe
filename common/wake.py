"""Waking Celery without ever waiting for the broker.

The truth is a row that has been committed; a beat sweep would find it anyway. A wake-up only makes it sooner, so it may
be lost, is merged with others of its name, and is published by a background thread: a broker that is down or frozen
costs a request nothing. (A bare `.delay()` on a frozen broker hangs for tens of seconds.)
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.db import transaction

from common.tracing import request_id

logger = logging.getLogger(__name__)


class _Publisher:
    """One daemon thread per process that publishes the wake-ups asked for since it last looked."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}  # and the id of the request that asked first
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pid = 0

    def ask(self, name: str) -> None:
        with self._condition:
            self._names.setdefault(name, request_id())
            if self._thread is None or self._pid != os.getpid() or not self._thread.is_alive():
                self._pid = os.getpid()  # a forked worker needs a thread of its own
                self._thread = threading.Thread(target=self._run, name="wake", daemon=True)
                self._thread.start()
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._names:
                    self._condition.wait()
                names, self._names = self._names, {}
            for name, asked_by in sorted(names.items()):
                headers = {"request_id": asked_by} if asked_by else {}
                try:
                    current_app.send_task(name, expires=30, retry=False, ignore_result=True, headers=headers)
                except Exception as error:
                    logger.warning("wake-up of %s not published: %s", name, type(error).__name__)


_publisher = _Publisher()
_asleep: ContextVar[bool] = ContextVar("asleep", default=False)


@contextmanager
def asleep() -> Iterator[None]:
    """Wake nobody in here: for making thousands of things at once, after which a sweep finds what is left to do."""
    token = _asleep.set(True)
    try:
        yield
    finally:
        _asleep.reset(token)


def wake(task_name: str) -> None:
    """After the present transaction commits, ask for `task_name` to run soon. Never blocks, never raises."""
    if _asleep.get():
        return
    transaction.on_commit(lambda: _publisher.ask(task_name), robust=True)
