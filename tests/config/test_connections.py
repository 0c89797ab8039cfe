"""A kept connection to PostgreSQL: asked about only in doubt, and replaced before anybody sees that it was lost."""

import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.postgresql import base
from django.test.utils import CaptureQueriesContext

from config.postgres.base import SURE_FOR

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept() -> Iterator[int]:
    """The number of a connection's process on the server, kept as between two requests."""
    connection.ensure_connection()
    assert connection.is_usable()
    yield server_process()
    connection.close()


def server_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def ended_by_the_server(process: int) -> None:
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    other.close()


def next_request(looked_at: bool = False) -> None:
    """What Django does between two requests; `looked_at` is the state after the look."""
    kept_connection: Any = connection
    kept_connection.health_check_enabled, kept_connection.health_check_done = True, looked_at


def test_one_that_is_there_is_used_again_without_asking(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    next_request()
    with CaptureQueriesContext(connection) as seen:
        assert server_process() == kept
    assert len(seen) == 1

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda self: pytest.fail("asked"))
    next_request()
    assert server_process() == kept


def test_one_that_the_server_has_ended_is_replaced_before_the_first_query(kept: int) -> None:
    ended_by_the_server(kept)
    next_request()

    assert server_process() != kept


def test_control_without_looking_the_first_query_fails(kept: int) -> None:
    ended_by_the_server(kept)
    next_request(looked_at=True)

    with pytest.raises((OperationalError, psycopg2.Error)):
        server_process()


def test_one_that_nobody_used_for_long_is_asked_about(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def ask(self: object) -> bool:
        asked.append(self)
        return True

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", ask)
    monkeypatch.setattr(connection, "_asked_at", time.monotonic() - SURE_FOR - 1)

    assert connection.is_usable()
    assert asked
