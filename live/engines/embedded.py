"""The engine that needs nothing beyond the Python packages: pieces come in by POST, ffmpeg makes HLS of them on disk.

The web processes take pieces into the spool; one process, `manage.py run_live`, makes segments of it (supervisor.py).
"""

import logging
import re
import shutil
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.models import Farmer
from live import playlists, spool
from live.engines import Ingest, Stream
from live.models import Broadcast, IngestSession
from live.services.recorders import open_session

logger = logging.getLogger(__name__)
PIECE_MS = 500
STILL = "still.jpg"  # the newest picture of a broadcast that is on
KEY = re.compile(r"[0-9a-f]{32}")


def public(broadcast: Broadcast) -> Path:
    """Where the playlists and segments of a broadcast are, for everybody."""
    return Path(settings.LIVE_ROOT, "public", broadcast.key.hex)


def withheld(broadcast: Broadcast) -> Path:
    """Where they are once a moderator has stopped it: kept, and served by nobody."""
    return Path(settings.LIVE_ROOT, "withheld", broadcast.key.hex)


class EmbeddedEngine:
    """One machine, or several that share LIVE_ROOT."""

    def publish(self, *, broadcast_id: int, farmer: Farmer, format: str, now: datetime) -> Ingest:
        session = open_session(broadcast_id=broadcast_id, farmer=farmer, format=format, now=now)
        return Ingest(reverse("live:piece", args=[session.key, 0]).removesuffix("0/"), PIECE_MS)

    def stream(self, broadcast: Broadcast) -> Stream | None:
        if not settings.LIVE_STREAM_SECRET or broadcast.stream_key is None:
            return None
        key = broadcast.stream_key.hex
        return Stream(settings.LIVE_STREAM_RTMP_URL, key, f"{settings.LIVE_STREAM_WHIP_URL}/{key}/whip")

    def playback(self, broadcast: Broadcast) -> str:
        return reverse("live:media", args=[broadcast.key.hex, playlists.NOW])

    def still(self, broadcast: Broadcast) -> str:
        return reverse("live:media", args=[broadcast.key.hex, STILL])

    def clear(self) -> None:
        for folder in ("public", "withheld"):
            keys = _keys_in(Path(settings.LIVE_ROOT, folder))
            forgotten = Broadcast.objects.filter(key__in=keys, forgotten_at__isnull=False)
            for key in forgotten.values_list("key", flat=True):
                _delete(Path(settings.LIVE_ROOT, folder, key.hex))
        sessions = IngestSession.objects.filter(key__in=_keys_in(Path(settings.LIVE_ROOT, "spool")))
        for key in sessions.filter(broadcast__recorded_ms__isnull=False).values_list("key", flat=True):
            spool.forget(key)  # the engine was killed before it came to it

    def replay(self, broadcast: Broadcast) -> str:
        return reverse("live:media", args=[broadcast.key.hex, playlists.AGAIN])


def _keys_in(folder: Path) -> list[UUID]:
    """The keys after which directories here are named; what is named otherwise is not ours to touch."""
    try:
        return [UUID(hex=file.name) for file in folder.iterdir() if KEY.fullmatch(file.name)]
    except FileNotFoundError:
        return []


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError:
        logger.exception("%s could not be deleted; trying again at the next sweep", folder)
