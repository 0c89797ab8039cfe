"""What happens in a room is told once to all who watch it, in their language, and to who comes back what they missed."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from live import counted, watchers
from live.events import relay, stream
from live.events.teller import Teller, tell
from live.models import Comment
from live.services import airing, commenting
from orders.services import paying
from tests.live.scene import live
from tests.live.test_prices import buy
from tests.make import make_listing, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def room():
    return live(make_listing(), now=timezone.now())


@pytest.fixture
def teller(room) -> Teller:
    """One that has looked once: what was there before is no news."""
    teller = Teller()
    teller.step(timezone.now())
    return teller


def told(room) -> list[stream.Event]:
    return [stream.read(*entry) for entry in watchers.client().xrange(stream.key_of(room.pk))]


def news(teller, room) -> list[str]:
    """What kinds of events a look at the room makes."""
    before = len(told(room))
    for known in teller.rooms.values():
        known.table_at = -1e9
    teller.step(timezone.now())
    return [event.kind for event in told(room)[before:]]


def test_each_thing_is_told_once_when_it_happens(room, teller):
    assert [event.kind for event in told(room)] == ["refresh"]
    assert news(teller, room) == []

    wang = make_user("王芳")
    said = commenting.say(broadcast_id=room.pk, author=wang, text="甜吗？", now=timezone.now())
    assert news(teller, room) == ["comment"]
    commenting.pin_comment(comment_id=said.pk, farmer=room.farmer, pinned=True, now=timezone.now())
    assert news(teller, room) == ["pinned"]
    commenting.remove_comment(comment_id=said.pk, remover=wang, now=timezone.now())
    assert news(teller, room) == ["gone", "pinned"]

    order = buy(room, packs=2, now=timezone.now())
    assert news(teller, room) == ["table"], "reserved, so there are fewer; nobody has bought before it is paid"
    paying.mark_paid(order_id=order.pk, now=timezone.now())
    assert news(teller, room) == ["bought"]

    airing.end_broadcast(broadcast_id=room.pk, farmer=room.farmer, now=timezone.now())
    assert news(teller, room) == ["over"]
    assert news(teller, room) == []


def test_words_come_in_each_language_and_names_as_one_character(room, teller):
    comment = commenting.say(broadcast_id=room.pk, author=make_user("王芳"), text="<b>甜</b>", now=timezone.now())
    order = buy(room, now=timezone.now())
    order.buyer.name = "李小明"
    order.buyer.save()
    paying.mark_paid(order_id=order.pk, now=timezone.now())
    news(teller, room)

    events = {event.kind: event for event in told(room)}
    assert set(events["comment"].data) == {"zh-hans", "en"}
    assert "&lt;b&gt;甜" in events["comment"].data["en"]
    assert f'id="comment-{comment.pk}"' in events["comment"].data["zh-hans"]
    assert "刚买了" in events["bought"].data["zh-hans"]
    assert "李** just bought 1 box" in events["bought"].data["en"]
    assert not any(name in str(events) for name in ("王芳", "李小明", "小明"))


def test_one_that_begins_anew_asks_all_to_look_and_repeats_nothing(room, teller):
    commenting.say(broadcast_id=room.pk, author=make_user(), text="甜吗？", now=timezone.now())

    assert news(Teller(), room) == ["refresh"]


def test_many_comments_are_told_once_each(room, teller):
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(broadcast=room, author=room.farmer.user, text=f"第{n}句", said_at=now - timedelta(seconds=n % 20))
        for n in range(130)
    )

    assert news(teller, room) == ["comment"] * 130
    assert news(teller, room) == []


def test_a_look_costs_the_same_for_one_room_and_for_many(room, teller, django_assert_num_queries):
    for _more in range(2):
        live(make_listing(), now=timezone.now())
    news(teller, room)
    with django_assert_num_queries(6):
        teller.step(timezone.now())


# --- The relay, spoken to as a server does ---


class Line:
    """One browser's line to the relay."""

    def __init__(
        self, application: relay.Relay, path: str, query: str = "", headers: Any = (), address: str = ""
    ) -> None:
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
        scope |= {"headers": list(headers), "client": (address or "192.0.2.1", 1)}
        self.task = asyncio.create_task(application(scope, self.receive, self.send))

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"] if self.sent else 0

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    async def until(self, wanted: Callable[[], object]) -> None:
        for _try in range(500):
            if wanted():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(self.sent)

    async def close(self) -> None:
        self.gone.set()
        await self.task


def run(story: Callable[[relay.Relay], Any]) -> None:
    """In a thread of its own: once a browser has been driven, a loop of Playwright's runs in this one."""

    async def told() -> None:
        application = relay.Relay()
        try:
            await story(application)
        finally:
            await application.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(told())).result()


def put(broadcast_id: int, text: str) -> None:
    tell(broadcast_id, stream.COMMENT, lambda: f"<li>{text}</li>")


def test_all_who_watch_hear_it_and_who_comes_back_hears_what_was_missed():
    async def story(application: relay.Relay) -> None:
        put(7, "before")
        one, two = (Line(application, "/live/7/events/", f"lang={lang}") for lang in ("en", "zh-hans"))
        await one.until(lambda: one.status == two.status == 200 and len(application.rooms[7].watchers) == 2)
        put(7, "now")
        await one.until(lambda: "now" in one.text and "now" in two.text)
        assert "before" not in one.text, "the page has it"
        last = next(line for line in one.text.splitlines() if line.startswith("id: "))[4:]
        data = next(line for line in one.text.splitlines() if line.startswith("data: "))[6:]
        assert json.loads(data) == "<li>now</li>"
        await one.close()
        put(7, "missed")
        again = Line(application, "/live/7/events/", "lang=en", [(b"last-event-id", last.encode())])
        await again.until(lambda: "missed" in again.text)
        assert again.text.count("event: comment") == 1
        await again.close()
        await two.close()
        assert application.rooms == {}
        assert application.lines.total() == 0

    run(story)


def test_who_was_away_for_long_is_asked_to_look_anew(monkeypatch):
    monkeypatch.setattr(stream, "KEPT", 3)

    async def story(application: relay.Relay) -> None:
        for number in range(8):
            put(7, str(number))
        line = Line(application, "/live/7/events/", "lang=en&after=5-0")
        await line.until(lambda: "event:" in line.text)
        assert line.text.count("event:") == 1
        assert "event: refresh" in line.text
        await line.close()

    run(story)


def test_no_such_room_nonsense_and_too_many_are_refused(settings):
    settings.LIVE_LINES_PER_ADDRESS, settings.LIVE_LINES = 2, 3

    async def story(application: relay.Relay) -> None:
        put(7, "x")
        for path, query, status in [
            ("/live/8/events/", "", 404),
            ("/live/7/events", "", 404),
            ("/live/99999999999/events/", "", 404),
            ("/live/7/events/", "after=now", 400),
            ("/live/7/events/", "after=" + "9" * 50, 400),
        ]:
            line = Line(application, path, query)
            await line.task
            assert line.status == status
        lines = []
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"):
            line = Line(application, "/live/7/events/", address=address)
            await line.until(lambda line=line: line.status)
            lines.append(line)
        assert [line.status for line in lines] == [200, 200, 503, 200, 503]
        for line in lines:
            await line.close()

    run(story)


def test_who_hears_events_counts_as_watching_under_the_name_that_the_page_signed(room):
    async def story(application: relay.Relay) -> None:
        put(room.pk, "x")
        signed = counted.sign("a" * 16, room.pk)
        lines = [
            Line(application, f"/live/{room.pk}/events/", f"who={who}")
            for who in (signed, signed, "b" * 16, counted.sign("c" * 16, room.pk + 1), "")
        ]
        key = counted.key_of(room.pk)
        await lines[0].until(lambda: len(application.rooms.get(room.pk, relay.Room(0)).watchers) == 5)
        await application.count_once()
        assert watchers.client().zrange(key, 0, -1) == [b"a" * 16]
        for line in lines:
            await line.close()

    run(story)


def test_who_reads_too_slowly_is_let_go_and_the_others_are_not_kept():
    watcher = relay.Watcher("en", "")
    for _event in range(relay.MOST_WAITING + 1):
        watcher.tell(b"x")

    assert watcher.is_lost
