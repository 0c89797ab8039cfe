"""Films of lessons: taken in from staff, distrusted, made into one that every phone plays, and forgotten when replaced.

What comes in is known by its first bytes, never by its name; ffmpeg reads it with few demuxers and decoders, in a process
with bounds, and what it writes is all that anybody ever gets.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import imageio_ffmpeg
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import InvalidInput
from common.storage import private_storage
from common.transactions import needs_transaction, use_case
from common.wake import wake
from training.models import Lesson, LessonVideo

Status = LessonVideo.Status
CLAIM = timedelta(minutes=16)  # longer than the task may run
MAX_ATTEMPTS = 3
PATIENCE = 780.0  # seconds that ffmpeg may take
MEMORY, LONGEST_FILE = 2 * 1024**3, 256 * 1024**2
DECODERS = "h264,hevc,mpeg4,vp8,vp9,aac,mp3,opus,vorbis"
TOO_LONG, UNREADABLE = "too_long", "unreadable"
PROBLEMS = {TOO_LONG: _("it is too long"), UNREADABLE: _("it could not be read")}


class FilmRefused(Exception):
    """It can't be used, and trying again is no use. Its text is one of PROBLEMS."""


def check_video(upload: UploadedFile) -> str:
    """ffmpeg's demuxer for an upload ("mov" or "matroska"), by its first bytes. Raises InvalidInput (field "video")."""
    if (upload.size or 0) > settings.LESSON_VIDEO_MAX_BYTES:
        limit = settings.LESSON_VIDEO_MAX_BYTES >> 20
        raise InvalidInput(_("That film is too large: at most %(limit)s MB."), field="video", limit=limit)
    upload.seek(0)
    demuxer = demuxer_of(upload.read(12))
    upload.seek(0)
    if not demuxer:
        raise InvalidInput(_("That is no film that we can use. Please send MP4, MOV or WebM."), field="video")
    return demuxer


def demuxer_of(first: bytes) -> str:
    """By the first twelve bytes of a file; "" for what is neither MP4, MOV nor WebM."""
    if first[4:8] == b"ftyp":
        return "mov"
    return "matroska" if first[:4] == b"\x1aE\xdf\xa3" else ""


@needs_transaction
def add_video(*, lesson: Lesson, upload: UploadedFile, by: User, now: datetime) -> LessonVideo:
    """Take in a film for a lesson; a step. The one that is shown stays until this one is ready. Raises InvalidInput."""
    check_video(upload)
    video = LessonVideo.objects.create(lesson=lesson, added_by=by, added_at=now)
    private_storage().save(video.original, upload)
    record_act(actor=by, kind="lesson_video", about=f"lesson:{lesson.pk}", now=now, new={"video": str(video.key)})
    wake("training.tasks.make_videos")
    return video


def waiting_videos(now: datetime) -> list[int]:
    """Films that nobody is at work on, the oldest first."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return list(LessonVideo.objects.filter(free, status=Status.WAITING).order_by("pk").values_list("pk", flat=True)[:5])


def make_video(*, video_id: int, now: datetime) -> bool:
    """Make one film, or refuse it. Safe twice and from two workers: whoever claims it does it. Whether it is shown now.

    What breaks without anybody knowing why is tried again, MAX_ATTEMPTS times in all.
    """
    if not _claim(video_id=video_id, now=now):
        return False
    video = LessonVideo.objects.get(pk=video_id)
    with tempfile.TemporaryDirectory(prefix="chushan-film-") as folder:
        try:
            film, poster, seconds = _made(video, Path(folder))
        except FilmRefused as refused:
            _end(video_id=video_id, problem=str(refused))
            return False
        except Exception:
            if video.attempts >= MAX_ATTEMPTS:
                _end(video_id=video_id, problem=UNREADABLE)
            raise
        storage = private_storage()
        with film.open("rb") as file:
            _put(video.film, File(file))
        _put(video.poster, ContentFile(poster.read_bytes()))
        _show(video_id=video_id, seconds=seconds, size=storage.size(video.film))
    return True


@use_case
def _claim(*, video_id: int, now: datetime) -> bool:
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    mine = LessonVideo.objects.filter(free, pk=video_id, status=Status.WAITING)
    return bool(mine.update(claimed_until=now + CLAIM, attempts=F("attempts") + 1))


@use_case
def _show(*, video_id: int, seconds: int, size: int) -> None:
    """It is ready: it takes the place of those before it, which are forgotten, files too."""
    video = LessonVideo.objects.select_for_update(no_key=True).get(pk=video_id)
    LessonVideo.objects.filter(pk=video_id).update(status=Status.READY, seconds=seconds, size=size, claimed_until=None)
    former = list(LessonVideo.objects.filter(lesson=video.lesson_id, pk__lt=video_id, status=Status.READY))
    LessonVideo.objects.filter(pk__in=[one.pk for one in former]).delete()
    _forget(video.original, *(path for one in former for path in (one.film, one.poster)))


@use_case
def _end(*, video_id: int, problem: str) -> None:
    video = LessonVideo.objects.get(pk=video_id)
    LessonVideo.objects.filter(pk=video_id).update(status=Status.REFUSED, problem=problem, claimed_until=None)
    _forget(video.original)


@needs_transaction
def _forget(*paths: str) -> None:
    for path in paths:
        transaction.on_commit(partial(private_storage().delete, path))


def _put(path: str, content: File) -> None:
    storage = private_storage()
    if storage.exists(path):  # of an attempt that died
        storage.delete(path)
    storage.save(path, content)


def _made(video: LessonVideo, folder: Path) -> tuple[Path, Path, int]:
    """The film, its poster and how many seconds it takes. Raises FilmRefused."""
    source, film, poster = folder / "in", folder / "film.mp4", folder / "poster.webp"
    with private_storage().open(video.original, "rb") as given, source.open("wb") as file:
        first = given.read(12)
        file.write(first)
        while piece := given.read(1024 * 1024):
            file.write(piece)
    demuxer, most = demuxer_of(first), settings.LESSON_VIDEO_MAX_SECONDS
    read = ["-protocol_whitelist", "file", "-f", demuxer, "-codec_whitelist", DECODERS, "-i", str(source)]
    small = "scale='min(640,iw)':-2,fps='min(25,source_fps)',format=yuv420p"
    said = _ffmpeg(
        [
            *(*read, "-t", str(most + 2), "-map", "0:v:0", "-map", "0:a:0?", "-dn", "-sn", "-map_metadata", "-1"),
            *(
                "-vf",
                small,
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-crf",
                "29",
                "-maxrate",
                "500k",
                "-bufsize",
                "1M",
            ),
            *("-threads", "1", "-c:a", "aac", "-b:a", "48k", "-ac", "1", "-ar", "44100", "-movflags", "+faststart"),
            *("-progress", "pipe:1", str(film)),
        ],
        folder,
    )
    ends = [line.partition("=")[2] for line in said.splitlines() if line.startswith("out_time_us=")]
    seconds = int(ends[-1]) / 1_000_000 if ends and ends[-1].isdigit() else 0.0
    if seconds <= 0:
        raise FilmRefused(UNREADABLE)
    if seconds > most + 1:
        raise FilmRefused(TOO_LONG)
    own = [
        "-protocol_whitelist",
        "file",
        "-f",
        "mov",
        "-codec_whitelist",
        "h264",
        "-ss",
        f"{min(1.0, seconds / 2):.2f}",
    ]
    _ffmpeg([*own, "-i", str(film), "-frames:v", "1", "-an", "-q:v", "60", str(poster)], folder)
    if not poster.exists():
        raise FilmRefused(UNREADABLE)
    return film, poster, max(1, round(seconds))


def _ffmpeg(arguments: Sequence[str], folder: Path) -> str:
    """Run it with bounds, knowing nothing of the shop; what it printed. Raises FilmRefused when it gives up."""
    process = subprocess.Popen(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments],
        cwd=folder,
        env={"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LONGEST_FILE, LONGEST_FILE))
    try:
        said, _nothing = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise FilmRefused(TOO_LONG) from error
    if process.returncode:
        raise FilmRefused(UNREADABLE)
    return said
