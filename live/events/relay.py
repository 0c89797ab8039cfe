"""Passes on what happens in rooms to those who watch (server-sent events): an ASGI application without Django's pages.

It never asks the database: a room is there when it has a stream. Each room's stream is read once, and each event is
put into words once per language, however many watch.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio as valkey
from django.conf import settings
from redis.exceptions import RedisError

from live import counted
from live.events import stream

logger = logging.getLogger(__name__)
PATH = re.compile(r"/live/([0-9]{1,9})/events/")
ALIVE = "/health/live"
BEAT = 15.0  # seconds of silence after which something is sent, so that nothing on the way takes the line for dead
COUNT_EVERY = 8.0  # seconds: who is connected goes on being counted as watching
MOST_WAITING = 200  # events for one who reads slowly; then the line is closed, and the browser comes back by itself
RETRY_MS = 2000
WAIT_MS = 5000  # for which Valkey is asked to hold a question that nothing answers yet
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-origin", b"*"),  # what everybody in the room sees, and nothing of whoever asks
]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Watcher:
    """One open line: its language, its name for the counting ("" for none), and what it has yet to be sent."""

    def __init__(self, language: str, name: str) -> None:
        self.language, self.name = language, name
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self.is_lost = False

    def tell(self, line: bytes) -> None:
        try:
            self.waiting.put_nowait(line)
        except asyncio.QueueFull:
            self.is_lost = True


class Room:
    """One room's stream, read by one task while anybody watches here; what it held lately, for those who come back."""

    def __init__(self, broadcast_id: int) -> None:
        self.broadcast_id = broadcast_id
        self.recent: deque[stream.Event] = deque(maxlen=stream.KEPT)
        self.watchers: set[Watcher] = set()
        self.last = "0-0"

    async def follow(self, client: "valkey.Redis") -> None:
        """Read on for good. Valkey away is waited for; the browsers ask the pages meanwhile, and are told to afterwards."""
        while True:
            try:
                found: Any = await client.xread({stream.key_of(self.broadcast_id): self.last}, count=100, block=WAIT_MS)
                self.take([entry for _key, entries in found or [] for entry in entries])
            except (RedisError, OSError):
                logger.warning("room %s waits for Valkey", self.broadcast_id)
                await asyncio.sleep(1.0)

    def take(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Pass these on, each put into words once per language."""
        for id, fields in entries:
            event = stream.read(id, fields)
            self.last = event.id
            self.recent.append(event)
            lines: dict[str, bytes] = {}
            for watcher in self.watchers:
                if watcher.language not in lines:
                    lines[watcher.language] = event.line(watcher.language)
                watcher.tell(lines[watcher.language])

    def missed(self, after: str, language: str) -> list[bytes]:
        """What came after an event; when that is not known any more, that all has to be looked at anew."""
        place = stream.place_of(after)
        if self.recent and len(self.recent) == stream.KEPT and place < self.recent[0].place:
            return [stream.Event(self.recent[-1].id, stream.REFRESH, {}).line(language)]
        return [event.line(language) for event in self.recent if event.place > place]


class Relay:
    """All rooms that somebody watches through this process."""

    def __init__(self) -> None:
        self.rooms: dict[int, Room] = {}
        self.lines: Counter[str] = Counter()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._client: valkey.Redis | None = None
        self._finding = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None

    @property
    def client(self) -> "valkey.Redis":
        if self._client is None:
            url = str(settings.CACHES["default"]["LOCATION"])
            self._client = valkey.Redis.from_url(url, socket_timeout=WAIT_MS / 1000 + 5)
        return self._client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # no lifespan, no web sockets: as the ASGI specification asks
        match = PATH.fullmatch(scope["path"])
        if match is None or scope["method"] != "GET":
            return await answer(send, 200 if scope["path"] == ALIVE else 404)
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        after = headers.get(b"last-event-id") or query.get("after", "")
        language = query.get("lang", "")
        try:
            stream.place_of(after or "0")
        except ValueError:
            return await answer(send, 400)
        address = address_of(scope, headers.get(b"x-forwarded-for", ""))
        if self.lines[address] >= settings.LIVE_LINES_PER_ADDRESS or self.lines.total() >= settings.LIVE_LINES:
            return await answer(send, 503)
        broadcast_id = int(match[1])
        self.lines[address] += 1
        try:
            room = await self._room(broadcast_id)
            if room is None:
                return await answer(send, 404)
            watcher = Watcher(language, counted.read(query.get("who", ""), broadcast_id))
            await self._serve(room, watcher, after, receive, send)
        finally:
            self.lines[address] -= 1
            if not self.lines[address]:
                del self.lines[address]

    async def _room(self, broadcast_id: int) -> Room | None:
        """The room, followed from now on; None when there is no such, or nobody can say.

        One looks at a time: of a thousand who come in the same moment the first finds it for all.
        """
        async with self._finding:
            if room := self.rooms.get(broadcast_id):
                return room
            try:
                held: Any = await self.client.xrange(stream.key_of(broadcast_id))
            except (RedisError, OSError):
                return None
            if not held:
                return None
            room = self.rooms[broadcast_id] = Room(broadcast_id)
            room.take(held)
            self._tasks[broadcast_id] = asyncio.create_task(room.follow(self.client))
            if self._counting is None:
                self._counting = asyncio.create_task(self._count())
            return room

    async def _serve(self, room: Room, watcher: Watcher, after: str, receive: Receive, send: Send) -> None:
        first = [f"retry: {RETRY_MS}\n\n".encode(), *(room.missed(after, watcher.language) if after else [])]
        room.watchers.add(watcher)  # no event comes between: nothing was waited for since the room was found
        gone = asyncio.ensure_future(until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body", "body": b"".join(first), "more_body": True})
            while not gone.done() and not watcher.is_lost:
                await send({"type": "http.response.body", "body": await next_of(watcher, gone), "more_body": True})
        finally:
            gone.cancel()
            room.watchers.discard(watcher)
            if not room.watchers:
                self._leave(room)
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _leave(self, room: Room) -> None:
        if self.rooms.get(room.broadcast_id) is room:
            del self.rooms[room.broadcast_id]
            self._tasks.pop(room.broadcast_id).cancel()

    async def _count(self) -> None:
        while True:
            await self.count_once()
            await asyncio.sleep(COUNT_EVERY)

    async def count_once(self) -> None:
        """Whoever has a line open watches, though their page asks for nothing."""
        for room in list(self.rooms.values()):
            names = {watcher.name: time.time() for watcher in room.watchers if watcher.name}
            with contextlib.suppress(RedisError, OSError):
                if names:
                    await self.client.zadd(counted.key_of(room.broadcast_id), names)

    async def close(self) -> None:
        """End what runs beside the lines."""
        for task in [*self._tasks.values(), *([self._counting] if self._counting else [])]:
            task.cancel()
        if self._client is not None:
            await self._client.aclose()


async def next_of(watcher: Watcher, gone: "asyncio.Future[None]") -> bytes:
    """What is to be sent next, all that has gathered at once; a heartbeat when nothing comes for a while."""
    if watcher.waiting.empty():
        coming = asyncio.ensure_future(watcher.waiting.get())
        both: set[asyncio.Future[Any]] = {coming, gone}
        await asyncio.wait(both, timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            return b":\n\n"
        parts = [coming.result()]
    else:
        parts = []
    while not watcher.waiting.empty():
        parts.append(watcher.waiting.get_nowait())
    return b"".join(parts)


async def until_gone(receive: Receive) -> None:
    """Return once the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Send, status: int) -> None:
    """A status and nothing else."""
    headers = [(b"content-length", b"0"), (b"access-control-allow-origin", b"*"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def address_of(scope: Scope, forwarded: str) -> str:
    """Where a line comes from, behind the proxies that we know."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return (scope.get("client") or ("",))[0]


application = Relay()
