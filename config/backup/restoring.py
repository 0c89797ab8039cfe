"""Bringing a backup back, and making sure that it is what was saved."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection

from config.backup import files, programs
from config.backup.facts import facts_of, is_empty, migrations
from config.backup.making import DUMP, FORMAT, MANIFEST
from config.backup.programs import BackupError


def restore_backup(backup: Path, *, replace: str = "", say: Callable[[str], object] = lambda _: None) -> None:
    """Bring database and files back from the folder `backup`, all of the database or nothing, and compare the figures.

    Only into an empty database and empty folders. `replace`, the typed name of a database that is not empty, empties it
    first: everything in it is lost. Raises BackupError; before anything is written, where that can be known before.
    """
    manifest = _read(backup)
    say("comparing checksums")
    _check_whole(backup, manifest)
    files.check_room(backup)
    _make_room(replace)
    say("restoring the database")
    programs.run(
        "pg_restore",
        [
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--dbname",
            _name(),
            backup / DUMP,
        ],
    )
    say("copying files back")
    files.copy_back(backup)
    say("comparing figures")
    if differing := differences(manifest):
        raise BackupError(f"It came back otherwise than it was saved: {', '.join(differing)}.")


def differences(manifest: dict[str, Any]) -> list[str]:
    """The tables whose rows, sums or digest are not those of the manifest."""
    now = facts_of()
    found = [table for table in sorted({*manifest["tables"], *now}) if manifest["tables"].get(table) != now.get(table)]
    return found if manifest["migrations"] == migrations() else [*found, "migrations"]


def _read(backup: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((backup / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise BackupError(f"{backup} is no whole backup: its {MANIFEST} can't be read.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{backup} is of a format that this version of the shop doesn't know.")
    return manifest


def _check_whole(backup: Path, manifest: dict[str, Any]) -> None:
    for name, digest in manifest["sha256"].items():
        file = backup / name
        if not file.is_file():
            raise BackupError(f"{file} is missing.")
        if files.sha256(file) != digest:
            raise BackupError(f"{file} is not what was saved.")


def _make_room(replace: str) -> None:
    if is_empty():
        return
    if not replace:
        raise BackupError(f"The database {_name()} is not empty. Nothing is overwritten: restore into an empty one.")
    if replace != _name():
        raise BackupError(f"The database is called {_name()}, not {replace}: nothing was touched.")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def _name() -> str:
    return str(connection.settings_dict["NAME"])
