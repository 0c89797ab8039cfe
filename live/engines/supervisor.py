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
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from live import playlists, spool
from live.engines.embedded import KEY, public, withheld
from live.engines.feeds import Feed, Pull, Running, listing, was_begun
from live.engines.stills import Stills
from live.events.teller import Teller
from live.models import Broadcast, IngestSession
from live.services import recorders, streaming

logger = logging.getLogger(__name__)
STEP = 0.2  # seconds
SEEN_EVERY = 2.0  # seconds
MOST_FEEDS = 3  # ffmpegs of one broadcast: its recorder, and those before it that still finish; others wait their turn
TRIES = 5  # to read a stream that shows nothing; then the media server has to tell of it again
LOOK_EVERY = 0.5  # seconds between looks at the database


class Supervisor:
    """The one that runs at a time on this machine."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.feeds: dict[int, Running] = {}
        self._streams: dict[int, Stream] = {}
        self._stills = Stills()
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
        unseen = Q(status=Broadcast.Status.STOPPED) | Q(farmer__shows_picture=False)
        for stopped in Broadcast.objects.with_video().filter(unseen):
            try:
                withhold(stopped)
            except OSError:
                logger.exception("broadcast %s could not be withheld; trying again", stopped.pk)
        put_back()

    def _serve(self, broadcast: Broadcast, session: IngestSession) -> None:
        feed = self.feeds.get(session.pk)
        is_stream = session.format == IngestSession.Format.STREAM
        if feed is None:
            if was_begun(session):
                if session.closed_at is None:  # by one of us that was killed
                    self._give_up(session)
            elif is_stream:
                if (
                    session.closed_at is None
                    and self._running(broadcast) < MOST_FEEDS
                    and self._stream(broadcast).is_due
                ):
                    self.feeds[session.pk] = Pull(session, source_of(broadcast), public(broadcast))
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
            if is_stream:
                self._stream(broadcast).look(session)
        else:
            feed.finish()

    def _stream(self, broadcast: Broadcast) -> "Stream":
        return self._streams.setdefault(broadcast.pk, Stream(broadcast.pk))

    def _running(self, broadcast: Broadcast) -> int:
        return sum(feed.session.broadcast_id == broadcast.pk for feed in self.feeds.values())

    def _give_up(self, session: IngestSession) -> None:
        session.closed_at = timezone.now()
        if session.format == IngestSession.Format.STREAM and self._stream(session.broadcast).tries_again(session):
            streaming.read_again(session_id=session.pk, now=session.closed_at)
        else:
            recorders.fail_session(session_id=session.pk, now=session.closed_at)

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
            if not is_over:
                self._stills.take(broadcast.pk, here / segments[-1].name)
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
        self._streams.pop(broadcast.pk, None)
        self._stills.forget(broadcast.pk)
        self._broadcasts = [other for other in self._broadcasts if other.pk != broadcast.pk]


class Stream:
    """How it goes with what one broadcast sends to the media server: when to read it again, and that its picture comes."""

    def __init__(self, broadcast_id: int) -> None:
        self._broadcast_id = broadcast_id
        self._vain, self._due = 0, -1e9
        self._changed, self._noted = 0, -1e9

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def tries_again(self, session: IngestSession) -> bool:
        """After an ffmpeg has ended: whether to read on. What showed nothing is tried TRIES times, each a second later."""
        self._vain = 0 if listing(session).exists() else self._vain + 1
        self._due = time.monotonic() + self._vain
        if self._vain < TRIES:
            return True
        self._vain = 0
        return False

    def look(self, session: IngestSession) -> None:
        """Say that video comes, as pieces of a phone do."""
        changed = _changed_ns(listing(session))
        if changed != self._changed and time.monotonic() - self._noted >= SEEN_EVERY:
            self._changed, self._noted = changed, time.monotonic()
            recorders.note_seen(broadcast_id=self._broadcast_id, now=timezone.now())


def source_of(broadcast: Broadcast) -> str:
    """Where the media server has the broadcast's stream, the password to read it included."""
    url = urlsplit(settings.LIVE_STREAM_PULL_URL)
    key = broadcast.stream_key.hex if broadcast.stream_key else ""
    return f"{url.scheme}://shop:{settings.LIVE_STREAM_SECRET}@{url.netloc}{url.path}/{key}"


def withhold(broadcast: Broadcast) -> None:
    """Take the files of a stopped broadcast, once they are whole, to where nobody but moderators is served them.

    Safe twice.
    """
    source, target = public(broadcast), withheld(broadcast)
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)


def put_back() -> None:
    """Bring back what was withheld of farmers who want to be seen again; what a moderator stopped stays where it is."""
    folder = Path(settings.LIVE_ROOT, "withheld")
    keys = [path.name for path in folder.iterdir()] if folder.exists() else []
    again = Broadcast.objects.with_video().filter(
        key__in=[key for key in keys if KEY.fullmatch(key)], status=Broadcast.Status.ENDED, farmer__shows_picture=True
    )
    for broadcast in again if keys else []:
        public(broadcast).parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # tried again at the next look
            withheld(broadcast).rename(public(broadcast))


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
