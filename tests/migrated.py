"""Migrating takes some seconds, more on a busy machine, so it is done once for all workers of a run; each gets a copy."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection

ONE_AT_A_TIME = 0x6D696772  # the key of an advisory lock


def copy_for_this_worker() -> None:
    """See that this worker's test database exists: a copy of one that has every migration, made by whoever comes first."""
    name = connection.settings_dict["TEST"]["NAME"]
    with _server() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        if not _exists(cursor, name):
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_original(cursor)}"')


def _original(cursor: Any) -> str:
    """The name of the database to copy. It is made where there is none for the migrations as they are now."""
    name = f"migrated_{_digest()}"
    if not _exists(cursor, name):
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [r"migrated\_%"])
        for (old,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}_unfinished"')
        with _connected_to(f"{name}_unfinished"):
            call_command("migrate", interactive=False, verbosity=0)
        cursor.execute(f'ALTER DATABASE "{name}_unfinished" RENAME TO "{name}"')
    return name


def _digest() -> str:
    """Stands for the migrations as they are now, ours and the libraries' (by what is installed)."""
    files = [*sorted(Path(settings.BASE_DIR).glob("*/migrations/*.py")), Path(settings.BASE_DIR, "requirements.txt")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


@contextmanager
def _server() -> Iterator[Any]:
    """A cursor on the server's own database, outside any transaction; what it locked is free again afterwards."""
    at = connection.settings_dict
    place = {"host": at["HOST"], "port": at["PORT"], "user": at["USER"], "password": at["PASSWORD"]}
    with closing(psycopg2.connect(**place, dbname="postgres")) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            yield cursor


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Django's connection goes to this database."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
