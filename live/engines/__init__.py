"""Media engines: what carries the video. One is chosen by the setting LIVE_ENGINE; the rest of `live` knows only this.

An engine answers `publish`, `playback` and `replay`, and deletes by `clear` what is to be forgotten. It tells of what
happens by calling services: `recorders.note_seen` as video comes (started, and not abandoned), `airing.end_abandoned`
when it has stopped coming, `recorders.fail_session` when it cannot be read, and `recorders.keep_recording` once the
recording is whole.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Farmer
from live.models import Broadcast


@dataclass(frozen=True)
class Stream:
    """Where another program (OBS, a camera) sends a broadcast to: RTMP with a key, or WHIP. The key is the farmer's secret."""

    rtmp: str
    key: str
    whip: str


@dataclass(frozen=True)
class Ingest:
    """Where a recorder sends its pieces (POST, the piece's number at the end), and how long each is to be (ms)."""

    address: str
    piece_ms: int


class Engine(Protocol):
    """What carries video from a farmer to the watchers."""

    def publish(self, *, broadcast_id: int, farmer: Farmer, format: str, now: datetime) -> Ingest:
        """Take up a new recorder of a broadcast that is live; raises as services.recorders.open_session."""

    def stream(self, broadcast: Broadcast) -> Stream | None:
        """Where other programs may send it to; None where no media server stands by, or no key was asked for yet."""

    def playback(self, broadcast: Broadcast) -> str:
        """The address of the playlist for watching along."""

    def still(self, broadcast: Broadcast) -> str:
        """The address of its newest picture, for those who have too little signal for video."""

    def replay(self, broadcast: Broadcast) -> str:
        """The address of the playlist for watching again."""

    def clear(self) -> None:
        """Delete what is stored of broadcasts whose video is kept no longer. Safe twice, and after half of it."""


def engine() -> Engine:
    """The one that the settings name."""
    made: Engine = import_string(settings.LIVE_ENGINE)()
    return made
