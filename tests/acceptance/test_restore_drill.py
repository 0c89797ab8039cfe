"""Promise: what was saved comes back whole: dumped while people buy, restored elsewhere, the same to the last fen."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.backup import facts_of
from config.backup.making import DUMP, MANIFEST, forget_old
from config.verify import all_checks
from marketplace.services.search import index_all
from orders.models import Order
from tests.acceptance.running_shop import environment
from tests.breaking import breaks, make_sound_shop, put_on_record
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.orders.making import make_route
from tests.payments import scene

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

BUYERS = int(os.environ.get("DRILL_BUYERS", "3"))


@contextmanager
def another_database() -> Iterator[str]:
    """A new, empty database on the same server."""
    name = f"{connection.settings_dict['NAME']}_drill"
    _on_the_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    try:
        yield name
    finally:
        _on_the_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def _on_the_server(*statements: str) -> None:
    at = connection.settings_dict
    server = psycopg2.connect(
        host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"], dbname=at["NAME"]
    )
    server.autocommit = True
    with server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    server.close()


@contextmanager
def people_buying() -> Iterator[list[int]]:
    """Buyers who place and pay orders one after the other until we leave; the orders they made."""
    make_route()
    listing = make_listing(make_farmer(), packs=50_000)
    put_on_record(make_moderator())
    index_all()
    made: list[int] = []
    failures: list[BaseException] = []
    enough, bought = threading.Event(), threading.Semaphore(0)

    def buy() -> None:
        try:
            buyer = make_user("Buyer")
            while not enough.is_set():
                made.append(scene.make_paid_order(scene.make_order({listing: 1}, buyer=buyer)).pk)
                bought.release()
        except BaseException as error:  # it must reach the test
            failures.append(error)
            bought.release()
        finally:
            connection.close()

    threads = [threading.Thread(target=buy) for _ in range(BUYERS)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(BUYERS):
            assert bought.acquire(timeout=60)
        yield made
    finally:
        enough.set()
        for thread in threads:
            thread.join(timeout=60)
    assert failures == []


def manage(database: str, files: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of another shop: another process, database and folders."""
    env = environment(0, "memory://", {"MEDIA_ROOT": str(files / "media"), "PRIVATE_ROOT": str(files / "private")})
    if "DATABASE_URL" in env:
        env["DATABASE_URL"] = env["DATABASE_URL"].rsplit("/", 1)[0] + f"/{database}"
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={**env, "DEV_DB_NAME": database},
        capture_output=True,
        text=True,
        check=False,
    )


def facts_there(database: str, files: Path) -> dict[str, Any]:
    said = manage(
        database,
        files,
        "shell",
        "-v",
        "0",
        "-c",
        "import json; from config.backup import facts_of; print(json.dumps(facts_of()))",
    )
    assert said.returncode == 0, said.stderr
    facts: dict[str, Any] = json.loads(said.stdout)
    return facts


def backup_to(directory: Path) -> Path:
    call_command("backup", str(directory), stdout=io.StringIO(), stderr=io.StringIO())
    (made,) = directory.glob("chushan-*")
    return made


def test_dumped_under_load_and_restored_elsewhere_it_is_the_same(tmp_path):
    make_sound_shop()
    before = Order.objects.count()
    with people_buying() as made:
        backup = backup_to(tmp_path / "backups")
        bought_by_then = len(made)
        while len(made) < bought_by_then + BUYERS:
            threading.Event().wait(0.05)
    manifest = json.loads((backup / MANIFEST).read_text())
    saved = manifest["tables"]["orders_order"]["rows"]
    assert before < saved <= Order.objects.count() - BUYERS, "the dump fell into the middle of the rush"
    assert facts_of() != manifest["tables"]

    with another_database() as elsewhere:
        files = tmp_path / "elsewhere"
        restored = manage(elsewhere, files, "restore", str(backup))
        assert restored.returncode == 0, restored.stderr

        assert facts_there(elsewhere, files) == manifest["tables"]
        checked = manage(elsewhere, files, "verify", "--heavy", "--json")
        report = json.loads(checked.stdout)
        assert [check for check in report["checks"] if check["count"] or check["error"]] == []
        assert (checked.returncode, report["clean"], len(report["checks"])) == (0, True, len(all_checks()))

        again = manage(elsewhere, files, "restore", str(backup))
        assert again.returncode != 0
        assert "Nothing is overwritten" in again.stderr
        misspelt = manage(elsewhere, tmp_path / "more", "restore", str(backup), "--replace", "chushan")
        assert f"The database is called {elsewhere}" in misspelt.stderr
        assert facts_there(elsewhere, files) == manifest["tables"]

        replaced = manage(elsewhere, tmp_path / "more", "restore", str(backup), "--replace", elsewhere)
        assert replaced.returncode == 0, replaced.stderr
        assert facts_there(elsewhere, files) == manifest["tables"]
    assert breaks(all_checks()) == {}, "and the shop it was taken from never noticed"


def test_a_changed_or_missing_piece_is_refused_before_anything_is_written(tmp_path):
    make_listing()
    put_on_record(make_moderator())
    backup = backup_to(tmp_path / "backups")
    changed, lacking = tmp_path / "changed", tmp_path / "lacking"
    shutil.copytree(backup, changed)
    with (changed / DUMP).open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"x")
    shutil.copytree(backup, lacking)
    next((lacking / "media").rglob("*.webp")).unlink()

    with another_database() as elsewhere:
        for broken, says in [
            (changed, "is not what was saved"),
            (lacking, "is missing"),
            (tmp_path, "no whole backup"),
        ]:
            refused = manage(elsewhere, tmp_path / "files", "restore", str(broken))
            assert refused.returncode != 0
            assert says in refused.stderr
        assert facts_there(elsewhere, tmp_path / "files") == {}


def test_the_control_a_restore_that_differs_by_one_fen_is_noticed(tmp_path):
    scene.make_paid_order()
    backup = backup_to(tmp_path / "backups")
    manifest = json.loads((backup / MANIFEST).read_text())
    order = manifest["tables"]["orders_order"]
    order["sums"]["total_fen"] = str(int(order["sums"]["total_fen"]) + 1)
    (backup / MANIFEST).write_text(json.dumps(manifest))

    with another_database() as elsewhere:
        restored = manage(elsewhere, tmp_path / "files", "restore", str(backup))

    assert restored.returncode != 0
    assert "otherwise than it was saved: orders_order" in restored.stderr


def test_keeps_the_newest_and_touches_nothing_else(tmp_path):
    for day in ("01", "02", "03"):
        one = tmp_path / f"chushan-202611{day}T020000Z"
        one.mkdir()
        (one / MANIFEST).write_text("{}")
    (tmp_path / "chushan-20261031T020000Z.partial").mkdir()
    (tmp_path / "letters").mkdir()

    assert forget_old(tmp_path, keep=2) == ["chushan-20261101T020000Z"]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "chushan-20261031T020000Z.partial",
        "chushan-20261102T020000Z",
        "chushan-20261103T020000Z",
        "letters",
    ]
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", str(tmp_path), "--keep", "0")
