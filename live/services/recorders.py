"""Recorders of a broadcast: opening one, saying that its video comes, closing it; and the recording when it is whole."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from accounts.models import Farmer
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from live.errors import NotOnAir, TooManyOnAir
from live.models import Broadcast, IngestSession, Pin

MAX_SESSIONS = 500  # of one broadcast: a phone that loses itself every half a minute for hours; more is no phone


@use_case
def open_session(*, broadcast_id: int, farmer: Farmer, format: str, now: datetime) -> IngestSession:
    """A new recorder begins; the one before is over. Raises NotAllowed, NotOnAir, TooManyOnAir.

    Video that has to be transcoded costs a core: of those only LIVE_MAX_TRANSCODED go at a time.
    """
    broadcast = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, farmer=farmer).first()
    if broadcast is None:
        raise NotAllowed
    if format == IngestSession.Format.WEBM_VP8:
        others = IngestSession.objects.filter(closed_at=None, format=format).exclude(broadcast=broadcast)
        if others.count() >= settings.LIVE_MAX_TRANSCODED:
            raise TooManyOnAir
    return replace_session(broadcast, format, now)


@needs_transaction
def replace_session(broadcast: Broadcast, format: str, now: datetime) -> IngestSession:
    """A new recorder of a broadcast whose row the caller has locked; the one before is over. Raises NotOnAir, TooManyOnAir."""
    if broadcast.status != Broadcast.Status.LIVE:
        raise NotOnAir
    if broadcast.sessions.count() >= MAX_SESSIONS:
        raise TooManyOnAir
    broadcast.sessions.filter(closed_at=None).update(closed_at=now, outcome=IngestSession.Outcome.REPLACED)
    return IngestSession.objects.create(broadcast=broadcast, format=format, opened_at=now)


@use_case
def note_seen(*, broadcast_id: int, now: datetime) -> None:
    """Video came: the broadcast is not abandoned."""
    Broadcast.objects.on_air().filter(pk=broadcast_id, seen_at__lt=now).update(seen_at=now)


@use_case
def fail_session(*, session_id: int, now: datetime) -> None:
    """The engine can read no more of what this recorder sent: the phone begins a new one. Safe twice."""
    IngestSession.objects.filter(pk=session_id, closed_at=None).update(
        closed_at=now, outcome=IngestSession.Outcome.FAILED
    )


@use_case
def keep_recording(*, broadcast_id: int, length_ms: int, size: int, pinned_at_ms: Mapping[int, int]) -> None:
    """The recording is whole: its length, its size in bytes, and where in it each pin's moment is (pin id → ms).

    Safe twice.
    """
    unknown = Broadcast.objects.filter(pk=broadcast_id, recorded_ms=None)
    if not unknown.update(recorded_ms=length_ms, recorded_bytes=size):
        return
    for pin in Pin.objects.filter(pk__in=pinned_at_ms, broadcast_id=broadcast_id):
        pin.at_ms = pinned_at_ms[pin.pk]
        pin.save(update_fields=["at_ms"])


@use_case
def forget_recording(*, broadcast_id: int, now: datetime) -> None:
    """Its video is kept no longer: nobody is shown it from now on, and the engine deletes it (`Engine.clear`).

    What was said and sold in it stays. Does nothing to one that is not over, or not whole yet; safe twice.
    """
    Broadcast.objects.with_video().filter(pk=broadcast_id).update(forgotten_at=now)
