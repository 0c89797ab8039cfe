"""Makes segments of what recorders send: one ffmpeg per recorder, the playlists, and the recording at the end.

One such process runs beside the web (`manage.py run_live`). What it knows is in the database and on disk, so it may be
killed at any moment: recorders that it had been feeding then begin anew, and the show goes on after a gap.
"""

import contextlib
import fcntl
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from live import playlists, spool
from live.engines.embedded import public, withheld
from live.engines.feeds import Feed, listing, was_begun
from live.events.teller import Teller
from live.models import Broadcast, IngestSession
from live.services import recorders

logger = logging.getLogger(__name__)
STEP = 0.2  # seconds
MOST_FEEDS = 3  # ffmpegs of one broadcast: its recorder, and those before it that still finish; others wait their turn
LOOK_EVERY = 0.5  # seconds between looks at the database


class Supervisor:
    """The one that runs at a time on this machine."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.feeds: dict[int, Feed] = {}
        self._broadcasts: list[Broadcast] = []
        self._looked = -1e9
        self._written: dict[int, tuple[int, bool]] = {}

    def run(self) -> None:
        """Work until `stopping` is set. Another process that holds the lock is waited for."""
        with only_one(self.stopping):
            teller = threading.Thread(target=Teller().run, args=[self.stopping], daemon=True)
            teller.start()
            while not self.stopping.wait(STEP):
                try:
                    close_old_connections()
                    self.step()
                except DatabaseError:
                    logger.exception("the database is away; trying again")
                    self.stopping.wait(1.0)
        for feed in self.feeds.values():
            feed.stop()

    def step(self) -> None:
        """One round: look what is wanted, hand over bytes, write playlists and finish what is over."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._look()
        for broadcast in list(self._broadcasts):
            try:
                for session in broadcast.sessions.all():
                    self._serve(broadcast, session)
                self._write_playlists(broadcast)
            except (OSError, ValueError, RuntimeError):  # a full disk, a spoilt file: the others go on
                logger.exception("broadcast %s waits for the next look", broadcast.pk)
                self._broadcasts.remove(broadcast)

    def _look(self) -> None:
        wanted = Q(status=Broadcast.Status.LIVE) | Q(ended_at__isnull=False, recorded_ms=None)
        self._broadcasts = list(Broadcast.objects.filter(wanted).order_by("pk").prefetch_related("sessions"))
        self._looked = time.monotonic()
        Path(settings.LIVE_ROOT, "alive").touch()  # for whoever watches that this process lives
        for stopped in Broadcast.objects.with_video().filter(status=Broadcast.Status.STOPPED):
            try:
                withhold(stopped)
            except OSError:
                logger.exception("broadcast %s could not be withheld; trying again", stopped.pk)

    def _serve(self, broadcast: Broadcast, session: IngestSession) -> None:
        feed = self.feeds.get(session.pk)
        if feed is None:
            if was_begun(session):
                if session.closed_at is None:  # by one of us that was killed
                    self._give_up(session)
            elif spool.read_note(session.key).pieces and self._running(broadcast) < MOST_FEEDS:
                self.feeds[session.pk] = Feed(session, public(broadcast))
        elif feed.has_ended:
            feed.close()
            del self.feeds[session.pk]
            if session.closed_at is None:
                logger.warning("ffmpeg of recorder %s ended with %s", session.pk, feed.process.returncode)
                self._give_up(session)
        elif session.closed_at is None:
            feed.pump()
        else:
            feed.finish()

    def _running(self, broadcast: Broadcast) -> int:
        return sum(feed.session.broadcast_id == broadcast.pk for feed in self.feeds.values())

    def _give_up(self, session: IngestSession) -> None:
        recorders.fail_session(session_id=session.pk, now=timezone.now())
        session.closed_at = timezone.now()

    def _write_playlists(self, broadcast: Broadcast) -> None:
        sessions = list(broadcast.sessions.all())
        is_over = broadcast.status != Broadcast.Status.LIVE
        is_whole = is_over and not any(self._is_busy(session) for session in sessions)
        stamp = sum(_changed_ns(listing(session)) for session in sessions)
        if self._written.get(broadcast.pk) == (stamp, is_whole):
            return
        segments = [segment for session in sessions for segment in playlists.read(listing(session))]
        here = public(broadcast)
        if segments:
            _write(here / playlists.NOW, playlists.now(segments, is_over=is_whole))
        self._written[broadcast.pk] = (stamp, is_whole)
        if is_whole:
            self._keep(broadcast, sessions, segments)

    def _is_busy(self, session: IngestSession) -> bool:
        """Whether segments of this session are still to come."""
        return session.pk in self.feeds or (spool.read_note(session.key).pieces > 0 and not was_begun(session))

    def _keep(
        self, broadcast: Broadcast, sessions: Sequence[IngestSession], segments: Sequence[playlists.Segment]
    ) -> None:
        if segments:
            _write(public(broadcast) / playlists.AGAIN, playlists.again(segments))
        recorders.keep_recording(
            broadcast_id=broadcast.pk,
            length_ms=playlists.length_ms(segments),
            size=sum(file.stat().st_size for file in public(broadcast).glob("*.ts")),
            pinned_at_ms={pin.pk: playlists.position_ms(segments, pin.pinned_at) for pin in broadcast.pins.all()},
        )
        for session in sessions:
            spool.forget(session.key)
        del self._written[broadcast.pk]
        self._broadcasts = [other for other in self._broadcasts if other.pk != broadcast.pk]


def withhold(broadcast: Broadcast) -> None:
    """Take the files of a stopped broadcast, once they are whole, to where nobody but moderators is served them.

    Safe twice.
    """
    source, target = public(broadcast), withheld(broadcast)
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)


@contextlib.contextmanager
def only_one(stopping: threading.Event) -> Iterator[None]:
    """Wait until no other supervisor works in this LIVE_ROOT; a killed one's lock is gone with it."""
    root = Path(settings.LIVE_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as file:
        while not stopping.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stopping.wait(0.5)
        yield


def _changed_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    draft.write_text(text)
    draft.replace(file)
