"""The files beside the database: photos that everybody may see, and what nobody may (papers, photos as they came in)."""

import hashlib
import shutil
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from config.backup.programs import BackupError

PARTS = {"media": "default", "private": "private"}  # folder of the backup, and the storage it is of


def places() -> dict[str, Path]:
    """Where the files lie on this machine, by part; none of those in object storage."""
    found = {}
    for part, alias in PARTS.items():
        storage = storages[alias]
        if isinstance(storage, FileSystemStorage):
            found[part] = Path(storage.location)
    return found


def elsewhere() -> list[str]:
    """The buckets that keep their files themselves, and have to be kept by their own means."""
    here, storage = places(), cast("dict[str, dict[str, Any]]", settings.STORAGES)
    return [str(storage[alias]["OPTIONS"]["bucket_name"]) for part, alias in PARTS.items() if part not in here]


def copy_to(backup: Path) -> None:
    """Copy every file that is not there yet. One that goes away meanwhile is let go: another pass had it or nobody needs it."""
    for part, source in places().items():
        target = backup / part
        target.mkdir(mode=0o700, exist_ok=True)
        for file in _files(source):
            copy = target / file.relative_to(source)
            try:
                if copy.exists() and copy.stat().st_size == file.stat().st_size:
                    continue
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
            except FileNotFoundError:
                continue


def digests(backup: Path) -> dict[str, str]:
    """The SHA-256 of each copied file, by its name in the backup."""
    return {str(file.relative_to(backup)): sha256(file) for part in PARTS for file in sorted(_files(backup / part))}


def sha256(file: Path) -> str:
    """The SHA-256 of one file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def check_room(backup: Path) -> None:
    """Raises BackupError unless each place that files come back to is there for us and holds none yet."""
    here = places()
    for part in PARTS:
        if not any(_files(backup / part)):
            continue
        if part not in here:
            raise BackupError(
                f"The backup has files ({part}), but this shop keeps them in a bucket: copy them there first."
            )
        if any(_files(here[part])):
            raise BackupError(f"{here[part]} holds files already. Nothing is overwritten: point to an empty place.")


def copy_back(backup: Path) -> None:
    """Put the files where this shop keeps them."""
    for part, target in places().items():
        for file in _files(backup / part):
            copy = target / file.relative_to(backup / part)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()] if folder.is_dir() else []
