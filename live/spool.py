"""The spool: what a recorder sent, as one growing file per session, with a note beside it of how much of it counts.

A piece is appended under a lock and counts once the note says so, so that a killed process leaves nothing half, a
piece sent twice is there once, and none is there without those before it. Several web processes and the engine share it.
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from live.errors import PieceMissing, TooFast


@dataclass(frozen=True)
class Note:
    """How many pieces count, and how many bytes they are."""

    pieces: int = 0
    size: int = 0


def directory(session_key: UUID) -> Path:
    """Where a session's files are; the name is a UUID of ours, never what somebody typed."""
    return Path(settings.LIVE_ROOT, "spool", session_key.hex)


def media(session_key: UUID) -> Path:
    return directory(session_key) / "media"


def read_note(session_key: UUID) -> Note:
    """How much has come; nothing yet is a note, too, and so is one that a power cut left empty."""
    try:
        pieces, size = (directory(session_key) / "note").read_text().split()
        return Note(int(pieces), int(size))
    except (FileNotFoundError, ValueError):
        return Note()


def append(session_key: UUID, sequence: int, piece: bytes, *, most: int) -> Note:
    """Add piece number `sequence` (from 0). One that is there already changes nothing.

    Raises PieceMissing when one before it has not come, TooFast when the session would pass `most` bytes.
    """
    here = directory(session_key)
    here.mkdir(parents=True, exist_ok=True)
    with (here / "media").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        note = read_note(session_key)
        if sequence < note.pieces:
            return note
        if sequence > note.pieces:
            raise PieceMissing(note.pieces)
        if note.size + len(piece) > most:
            raise TooFast
        file.truncate(note.size)  # what a process killed in the middle left behind
        file.write(piece)
        file.flush()
        new = Note(note.pieces + 1, note.size + len(piece))
        _write(here / "note", f"{new.pieces} {new.size}")
    return new


def forget(session_key: UUID) -> None:
    """Delete what a session left in the spool: the engine has made it into segments. Safe twice."""
    shutil.rmtree(directory(session_key), ignore_errors=True)


def _write(file: Path, text: str) -> None:
    """Whole or not at all, for whoever reads at the same moment."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(file)
