"""The stream of a room in Valkey: where it is, and what an event of it looks like."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

KEPT = 300  # events: what a watcher who was away for a while may catch up on
KEPT_SECONDS = 86_400

#: The kinds of events. TABLE, COMMENT, PINNED and BOUGHT carry HTML by language, GONE a comment's id; REFRESH asks to look
#: at everything anew, OVER to load the page again.
TABLE, COMMENT, GONE, PINNED, BOUGHT, REFRESH, OVER = "table", "comment", "gone", "pinned", "bought", "refresh", "over"


@dataclass(frozen=True)
class Event:
    """One thing that happened. `id` is Valkey's, grows with time, and is what a browser that comes back asks from."""

    id: str
    kind: str
    data: Mapping[str, str]

    def line(self, language: str) -> bytes:
        """It as server-sent event, in a language."""
        data = json.dumps(self.data.get(language, self.data.get("", "")), ensure_ascii=False)
        return f"id: {self.id}\nevent: {self.kind}\ndata: {data}\n\n".encode()

    @property
    def place(self) -> tuple[int, int]:
        """Where in the stream it stands."""
        return place_of(self.id)


def place_of(id: str) -> tuple[int, int]:
    """An id as numbers that can be compared. Raises ValueError for what is none."""
    moment, _dash, number = id.partition("-")
    if len(id) > 40 or not moment.isdecimal() or (number and not number.isdecimal()):
        raise ValueError(id)
    return int(moment), int(number or 0)


def key_of(broadcast_id: int) -> str:
    """The name of a room's stream."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:live-events:{broadcast_id}"


def write(client: Any, broadcast_id: int, kind: str, data: Mapping[str, str]) -> None:
    """Add an event to a room's stream. Raises RedisError."""
    pipe = client.pipeline(transaction=False)
    pipe.xadd(key_of(broadcast_id), {"kind": kind, "data": json.dumps(data, ensure_ascii=False)}, maxlen=KEPT)
    pipe.expire(key_of(broadcast_id), KEPT_SECONDS)
    pipe.execute()


def read(id: bytes, fields: Mapping[bytes, bytes]) -> Event:
    """An event as it was written."""
    return Event(id.decode(), fields[b"kind"].decode(), json.loads(fields[b"data"]))
