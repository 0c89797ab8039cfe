"""The engine that needs nothing beyond the Python packages: pieces come in by POST, ffmpeg makes HLS of them on disk.

The web processes take pieces into the spool; one process, `manage.py run_live`, makes segments of it (supervisor.py).
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from accounts.models import Farmer
from live import playlists
from live.engines import Ingest
from live.models import Broadcast
from live.services.recorders import open_session

PIECE_MS = 500


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

    def playback(self, broadcast: Broadcast) -> str:
        return reverse("live:media", args=[broadcast.key.hex, playlists.NOW])

    def replay(self, broadcast: Broadcast) -> str:
        return reverse("live:media", args=[broadcast.key.hex, playlists.AGAIN])
