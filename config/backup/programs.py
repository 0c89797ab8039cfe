"""pg_dump and pg_restore that fit the server, and how they reach it."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from config import embedded


class BackupError(Exception):
    """A backup or restore that can't be, or must not be; the message says why and what to do."""


def run(program: str, arguments: Sequence[str | Path]) -> None:
    """Run one of PostgreSQL's programs on the shop's database. Raises BackupError with what it said."""
    command = [str(_program(program)), *map(str, arguments)]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _program(name: str) -> Path:
    """The embedded server's own, else the newest on the PATH that is not older than the server."""
    if settings.EMBEDDED and not os.environ.get("DATABASE_URL", "").strip():
        from config.embedded.places import Home

        return Home(embedded.BASE_DIR).postgres_bin / name
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"There is no {name} here. On Debian: apt-get install postgresql-client-18 (or the server's number)."
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    theirs, ours = server_version() // 10_000, int(said.split()[2].split(".")[0])
    if ours < theirs:
        raise BackupError(f"{found} is of version {ours}, the server of {theirs}: install postgresql-client-{theirs}.")
    return Path(found)


def server_version() -> int:
    """The server's version as one number, e.g. 180006."""
    connection.ensure_connection()
    return int(connection.pg_version)  # type: ignore[attr-defined]  # we run on PostgreSQL only


def _environment() -> dict[str, str]:
    """What libpq reads, so that no password stands in a list of processes."""
    at = connection.settings_dict
    given = {
        "PGHOST": at["HOST"],
        "PGPORT": at["PORT"],
        "PGUSER": at["USER"],
        "PGPASSWORD": at["PASSWORD"],
        "PGDATABASE": at["NAME"],
        **{f"PG{name.upper()}": at["OPTIONS"].get(name) for name in ("sslmode", "sslrootcert", "sslcert", "sslkey")},
    }
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}
