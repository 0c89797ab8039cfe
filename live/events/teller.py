"""Looks a few times a second what is new in the rooms that are on, and writes it into their streams.

What it tells is read from rows, so that nothing is told that did not happen, and who wrote them needs no Valkey. One
works at a time (beside the media engine, under its lock). What it has told is only in its memory: one that begins asks
all who watch to look anew, and goes on from there.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Q
from django.utils import timezone, translation
from redis.exceptions import RedisError

from live import rendering, talk, watchers
from live.events import looking, stream
from live.models import Broadcast, Comment

logger = logging.getLogger(__name__)
STEP = 0.2  # seconds between looks while something is on
IDLE = 1.0  # and while nothing is
TABLE_EVERY = 0.5  # seconds between two tables of one room
LOOK_BACK = timedelta(seconds=30)  # rows may become visible later than their times say


@dataclass
class Known:
    """What the watchers of one room have been told. A new one's watchers are only asked to look anew."""

    is_new: bool = True
    table: Any = None
    table_at: float = -1e9
    comments: dict[int, bool] = field(default_factory=dict)  # id → whether it is shown
    pinned: int | None = None
    bought: set[int] = field(default_factory=set)


class Teller:
    """The one that runs at a time."""

    def __init__(self) -> None:
        self.rooms: dict[int, Known] = {}

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set. A database or a Valkey that is away is waited for."""
        while not stopping.wait(STEP if self.rooms else IDLE):
            try:
                close_old_connections()
                self.step(timezone.now())
            except (DatabaseError, RedisError):
                logger.exception("the watchers are told later")
                self.rooms.clear()  # what was told is not known any more: all are asked to look anew
                stopping.wait(IDLE)

    def step(self, now: datetime) -> None:
        """One look: a handful of statements, however many rooms are on and however many watch them."""
        on_air = {room.pk: room for room in Broadcast.objects.shown().on_air()}
        for pk in [pk for pk in self.rooms if pk not in on_air]:
            tell(pk, stream.OVER)
            del self.rooms[pk]
        if not on_air:
            return
        for pk in on_air:
            self.rooms.setdefault(pk, Known())
        self._tell_comments(now)
        self._tell_bought()
        self._tell_tables(on_air, now)
        for pk, known in self.rooms.items():
            if known.is_new:
                tell(pk, stream.REFRESH)
                known.is_new = False

    def _tell_comments(self, now: datetime) -> None:
        told = [pk for known in self.rooms.values() for pk, shown in known.comments.items() if shown]
        wanted = Q(said_at__gt=now - LOOK_BACK) | Q(pinned_at__isnull=False) | Q(pk__in=told)
        pinned: dict[int, Comment] = {}
        lately: set[int] = set()
        for comment in talk.comments_with(Comment.objects.filter(wanted, broadcast__in=self.rooms)):
            known, shown = self.rooms[comment.broadcast_id], comment.removed_at is None
            was_shown = known.comments.get(comment.pk)
            known.comments[comment.pk] = shown
            if comment.said_at > now - LOOK_BACK:
                lately.add(comment.pk)
            if comment.pinned_at is not None:
                pinned[comment.broadcast_id] = comment
            if known.is_new:
                continue
            if shown and was_shown is None:
                tell(comment.broadcast_id, stream.COMMENT, rendering.comment, comment)
            elif was_shown and not shown:
                tell(comment.broadcast_id, stream.GONE, str, comment.pk)
        for pk, known in self.rooms.items():
            on_screens = sorted(known.comments)[-talk.MOST_COMMENTS :]
            known.comments = {
                one: known.comments[one] for one in sorted({*on_screens, *lately & known.comments.keys()})
            }
            now_pinned = pinned.get(pk)
            pinned_id = now_pinned.pk if now_pinned else None
            if pinned_id != known.pinned:
                known.pinned = pinned_id
                if not known.is_new:
                    tell(pk, stream.PINNED, rendering.pinned, now_pinned)

    def _tell_bought(self) -> None:
        for line in looking.bought_in(self.rooms, known={pk for known in self.rooms.values() for pk in known.bought}):
            known = self.rooms[line.broadcast_id]
            known.bought.add(line.pk)
            if not known.is_new:
                tell(line.broadcast_id, stream.BOUGHT, looking.bought_line, line)

    def _tell_tables(self, on_air: Mapping[int, Broadcast], now: datetime) -> None:
        for pk, look in looking.looks_of_tables(self.rooms, now).items():
            known = self.rooms[pk]
            look = (look, watchers.count(pk, now.timestamp()))
            if look == known.table or time.monotonic() - known.table_at < TABLE_EVERY:
                continue
            if not known.is_new:
                tell(pk, stream.TABLE, rendering.table, on_air[pk])
            known.table, known.table_at = look, time.monotonic()


def tell(broadcast_id: int, kind: str, words: Callable[..., str] | None = None, *about: Any) -> None:
    """Write an event into a room's stream, its words in each language."""
    data: dict[str, str] = {}
    for language, _name in settings.LANGUAGES if words else []:
        with translation.override(language):
            data[language] = words(*about) if words else ""
    stream.write(watchers.client(), broadcast_id, kind, data)
