"""What every test stands on: running services, an empty cache, files that are gone afterwards."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection

from config import embedded
from tests.browser_setup import system_chromium
from tests.make import NOON
from tests.settings import FILES


def pytest_configure() -> None:
    embedded.ensure()


def pytest_unconfigure() -> None:
    shutil.rmtree(FILES, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the machine's own Chromium where there is one; Playwright's otherwise. Its sandbox refuses root."""
    launch = {**browser_type_launch_args}
    if found := system_chromium():
        launch["executable_path"] = found
    if os.geteuid() == 0:
        launch["args"] = [*launch.get("args", []), "--no-sandbox"]
    return launch


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty every table afterwards, which the record of what staff did refuses. Its own test turns the
    trigger on again.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('ALTER TABLE %I DISABLE TRIGGER %I', relname, tgname) FROM pg_trigger "
            "JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'pgtrigger_no_truncate%'"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


@pytest.fixture(autouse=True)
def the_day_of_the_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let every test live on the day that tests.make calls NOON, its clock ticking: fixed dates must not grow stale.

    Acceptance tests run processes of their own and so live today.
    """
    if "acceptance" in request.path.parts:
        yield
        return
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Start each test without the rate limits and pages that another test left behind."""
    yield
    client: Any = cache._cache.get_client(write=True)  # type: ignore[attr-defined]  # only Redis can delete by prefix
    keys = list(client.scan_iter(match=f"{cache.key_prefix}:*", count=1000))
    if keys:
        client.delete(*keys)
