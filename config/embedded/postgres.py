"""The embedded PostgreSQL: make, start, recover, stop."""

import os
import shlex
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from config.embedded.places import EmbeddedError, Home, paths

START_PATIENCE = 60.0  # seconds for one attempt, recovery of a killed server included
RETRY_PATIENCE = 20.0  # seconds of trying again after a refusal


def is_up(home: Home) -> bool:
    """Whether the server of this checkout's data answers on this checkout's socket."""
    pid = _postmaster_pid(home)
    return bool(pid) and pid == _socket_owner(home) and _answers(home)


def has_database(home: Home, name: str) -> bool:
    """Whether the database exists. The server must be up."""
    with _connect(home) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def create_database(home: Home, name: str) -> None:
    """Create the database. Someone else's doing it at the same moment is no error."""
    import psycopg2
    from psycopg2 import errors, sql

    connection = psycopg2.connect(**_dsn(home))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except (errors.DuplicateDatabase, errors.UniqueViolation):
        pass
    finally:
        connection.close()


def start(home: Home) -> None:
    """Start the server, making its data directory first when there is none. The caller holds the lock.

    After a `kill -9` the children of the dead server may hold its memory for a moment, and its pid may by now belong
    to another program; so a refused start is tried again until it works or patience ends.
    """
    data = home.services / "postgres"
    if not (data / "PG_VERSION").exists():
        _initialise(home, data)
    _stop_strangers(home)
    log = home.services / "postgres.log"
    careless = os.environ.get("EMBEDDED_FSYNC", "on").strip().lower() in {"off", "0", "false", "no"}
    options = {
        "listen_addresses": "",
        "port": str(paths(home.base).database_port),
        "unix_socket_directories": str(home.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "max_wal_size": "1GB",
        "log_min_messages": "warning",
        "fsync": "off" if careless else "on",
    }
    flags = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
    pg_ctl = home.postgres_bin / "pg_ctl"
    command: list[str | Path] = [
        pg_ctl,
        "-D",
        data,
        "-l",
        log,
        "-o",
        flags,
        "-w",
        "-t",
        f"{START_PATIENCE:.0f}",
        "start",
    ]
    end = time.monotonic() + RETRY_PATIENCE
    while True:
        _forget_dead(home)
        _, said = home.run(command, timeout=START_PATIENCE + 10)
        if is_up(home):
            return
        if time.monotonic() > end:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
            raise EmbeddedError(f"The embedded PostgreSQL did not start.\n{said}\n{log}:\n{tail}")
        time.sleep(0.3)


def stop(home: Home) -> None:
    """Stop the server, if it runs, and wait for it. Open connections are ended, data is flushed."""
    if _postmaster_pid(home):
        home.run([home.postgres_bin / "pg_ctl", "-D", home.services / "postgres", "-m", "fast", "-w", "stop"])


def _initialise(home: Home, data: Path) -> None:
    """Make the data directory, beside its place first, so that an interrupted attempt leaves nothing half-made."""
    draft = data.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    status, said = home.run(
        [
            *(home.postgres_bin / "initdb", "-D", draft, "-U", paths(home.base).database_user),
            *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--no-instructions"),
            # The same order of words, and of upper and lower case, whatever locales the machine has.
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
    )
    if status:
        raise EmbeddedError(f"The embedded PostgreSQL could not make its data directory {data}.\n{said}")
    draft.rename(data)


def _stop_strangers(home: Home) -> None:
    """Stop a server of ours that listens elsewhere (the checkout was moved), or serves data that was deleted."""
    if is_up(home):
        return
    stop(home)
    if owner := _socket_owner(home):
        if _is_postgres(owner):
            os.kill(owner, signal.SIGQUIT)
        for _ in range(100):
            if not _is_postgres(owner):
                break
            time.sleep(0.1)


def _forget_dead(home: Home) -> None:
    """Remove the pid file of a dead server when another program has its pid by now; PostgreSQL would wait for that."""
    file = home.services / "postgres" / "postmaster.pid"
    pid = _first_number(file)
    if pid and not _is_postgres(pid):
        file.unlink(missing_ok=True)
    lock = _socket_lock(home)
    pid = _first_number(lock)
    if pid and not _is_postgres(pid):
        lock.unlink(missing_ok=True)


def _postmaster_pid(home: Home) -> int:
    """The pid of the running server of our data, or 0."""
    pid = _first_number(home.services / "postgres" / "postmaster.pid")
    return pid if pid and _is_postgres(pid) else 0


def _socket_owner(home: Home) -> int:
    """The pid of the running server that listens on our socket, or 0."""
    pid = _first_number(_socket_lock(home))
    return pid if pid and _is_postgres(pid) else 0


def _socket_lock(home: Home) -> Path:
    return home.sockets / f".s.PGSQL.{paths(home.base).database_port}.lock"


def _first_number(file: Path) -> int:
    try:
        return abs(int(file.read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return 0


def _is_postgres(pid: int) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except psutil.Error:
        return False


def _answers(home: Home) -> bool:
    """Whether the server lets people in. Asked of the server itself, for a socket may be open during recovery."""
    import psycopg2

    try:
        psycopg2.connect(**_dsn(home)).close()
    except psycopg2.OperationalError:
        return False
    return True


def _connect(home: Home) -> Any:  # psycopg2 comes without types
    import psycopg2

    return psycopg2.connect(**_dsn(home))


def _dsn(home: Home) -> dict[str, str | int]:
    endpoints = paths(home.base)
    return {
        "host": endpoints.database_host,
        "port": endpoints.database_port,
        "user": endpoints.database_user,
        "dbname": "postgres",
        "connect_timeout": 3,
    }
