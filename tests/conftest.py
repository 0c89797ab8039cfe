"""What every test stands on: running services, an empty cache, files that are gone afterwards."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations

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


@pytest.fixture(scope="session", autouse=True)
def emptying_tables_between_tests() -> Iterator[None]:
    """Tests that commit empty every table afterwards, which a few tables refuse: not then, only then."""
    emptied = DatabaseOperations.execute_sql_flush
    tables = ("accounts_staffact", "payments_account", "payments_entry", "payments_leg")
    off, on = ([f"ALTER TABLE {table} {what} TRIGGER USER" for table in tables] for what in ("DISABLE", "ENABLE"))

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        emptied(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


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
