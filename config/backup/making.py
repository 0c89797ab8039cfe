"""Making a backup while the shop goes on."""

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from config.backup import files, programs
from config.backup.facts import facts_of, migrations

FORMAT = 1
NAME = re.compile(r"chushan-\d{8}T\d{6}Z")
DUMP, MANIFEST = "database.dump", "manifest.json"


def make_backup(directory: Path, *, now: datetime, say: Callable[[str], object] = lambda _: None) -> Path:
    """Write a backup into a new folder of `directory`, named by `now` (UTC), and return that folder.

    Dump and manifest are of one snapshot: what is written meanwhile is in neither. Files are copied before it and after
    it, so that the database names none that is missing. Until it is whole the folder ends in ".partial". Nobody but its
    owner can read it. Raises BackupError.
    """
    whole = directory / f"chushan-{now:%Y%m%dT%H%M%SZ}"
    partial = whole.with_name(f"{whole.name}.partial")
    try:
        partial.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise programs.BackupError(f"{partial} is there already: another backup runs, or one was killed.") from error
    say("copying files")
    files.copy_to(partial)
    say("dumping the database")
    facts = _dump(partial / DUMP)
    files.copy_to(partial)
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "shop_version": os.environ.get("CHUSHAN_VERSION", ""),
        "server_version": programs.server_version(),
        "sha256": {DUMP: files.sha256(partial / DUMP), **files.digests(partial)},
        "buckets": files.elsewhere(),
        **facts,
    }
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    partial.rename(whole)
    return whole


def _dump(target: Path) -> dict[str, Any]:
    """Dump the database and count it, both in one snapshot. Returns what was counted."""
    with transaction.atomic(durable=True):  # no use-case: it only reads
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        manner = ["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"]
        programs.run("pg_dump", [*manner, f"--snapshot={snapshot}", f"--file={target}"])
        return {"migrations": migrations(), "tables": facts_of()}


def forget_old(directory: Path, *, keep: int) -> list[str]:
    """Delete all but the newest `keep` whole backups of `directory`, and nothing else. Returns their names."""
    whole = sorted(one for one in directory.iterdir() if NAME.fullmatch(one.name) and (one / MANIFEST).is_file())
    old = whole[: max(0, len(whole) - keep)]
    for one in old:
        shutil.rmtree(one)
    return [one.name for one in old]
