"""The second way in: another program sends to the media server under a key of the farmer's, and the server asks us.

The media server keeps nothing and decides nothing. When it is told that somebody sends, a session of the format STREAM
begins, and the engine reads it there.
"""

import uuid
from datetime import datetime
from uuid import UUID

from accounts.models import Farmer
from common.errors import NotAllowed, WrongState
from common.transactions import use_case
from live.errors import NotOnAir
from live.models import Broadcast, IngestSession
from live.services.recorders import replace_session


@use_case
def give_key(*, broadcast_id: int, farmer: Farmer, now: datetime) -> UUID:
    """A new key to send under; the one before is worth nothing from now on, and what comes under it is read no longer.

    Raises NotAllowed for another's broadcast, WrongState for one that is over.
    """
    broadcast = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, farmer=farmer).first()
    if broadcast is None:
        raise NotAllowed
    if broadcast.status not in {Broadcast.Status.PLANNED, Broadcast.Status.LIVE}:
        raise WrongState
    sending = broadcast.sessions.filter(closed_at=None, format=IngestSession.Format.STREAM)
    sending.update(closed_at=now, outcome=IngestSession.Outcome.REPLACED)
    broadcast.stream_key = uuid.uuid4()
    broadcast.save(update_fields=["stream_key"])
    return broadcast.stream_key


@use_case
def take_up(*, stream_key: UUID, now: datetime) -> IngestSession:
    """Somebody begins to send under this key: it is what watchers see from now on.

    Raises NotAllowed, NotOnAir, TooManyOnAir.
    """
    broadcast = Broadcast.objects.select_for_update(no_key=True).filter(stream_key=stream_key).first()
    if broadcast is None:
        raise NotAllowed
    return replace_session(broadcast, IngestSession.Format.STREAM, now)


@use_case
def read_again(*, session_id: int, now: datetime) -> None:
    """The engine lost the stream while the other program may still send: a new session goes on with it. Safe twice."""
    lost = IngestSession.objects.select_related("broadcast").get(pk=session_id)
    broadcast = Broadcast.objects.select_for_update(no_key=True).get(pk=lost.broadcast_id)
    mine = IngestSession.objects.filter(pk=session_id, closed_at=None, format=IngestSession.Format.STREAM)
    if not mine.update(closed_at=now, outcome=IngestSession.Outcome.FAILED):
        return
    try:
        replace_session(broadcast, IngestSession.Format.STREAM, now)
    except NotOnAir:
        return
