"""What every test stands on: running services, an empty cache, files that are gone afterwards."""

import gc
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_django
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from config import embedded
from tests import migrated
from tests.browser_setup import system_chromium
from tests.make import NOON
from tests.settings import FILES

FROM_MIGRATE = {"django_content_type", "auth_permission"}  # what `migrate` fills, and nobody empties


def pytest_configure() -> None:
    embedded.ensure()
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: nobody need look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    shutil.rmtree(FILES, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_createdb: bool, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """Before pytest-django sets this worker's database up: a copy where there is none, unless one asked for a new one."""
    if not django_db_createdb:
        with django_db_blocker.unblock():
            migrated.copy_for_this_worker()


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
    """Tests that commit empty the tables afterwards: only those with rows in them, and past every trigger.

    Django would truncate a hundred, each with its files and indexes, and a few tables refuse that: ten times as long.
    """

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        names = self.connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [self.quote_name(name) for name in names if name not in FROM_MIGRATE]
        with transaction.atomic(), self.connection.cursor() as cursor:
            asked = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables]  # noqa: S608  # our own names
            cursor.execute(" UNION ALL ".join(asked))
            emptying = [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]  # noqa: S608
            cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *emptying]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", lambda *args, **kwargs: None)
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
