"""Promise: whoever watches hears at once what happens in the room, and a slice of 50 sells 50 boxes at the live price.

With LIVE_WATCHERS=500 it is run at its full size: 500 watchers, of whom 200 buy. How long things took is printed
(pytest -s), and asserted nowhere.
"""

import json
import os
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from re import search
from typing import Any

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from common.transactions import use_case
from live.models import Broadcast
from marketplace.models import Lot, Offer
from orders.models import Order, OrderLine
from orders.services import paying
from tests.acceptance.browsing import Browser, Forms
from tests.acceptance.processes import ours
from tests.acceptance.running_shop import running_shop
from tests.acceptance.rushing import BUSY, SOLD_OUT, all_at_once
from tests.live.scene import live
from tests.make import make_address, make_listing, make_user
from tests.orders.making import make_route

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("rush"),
]

WATCHERS = int(os.environ.get("LIVE_WATCHERS", "40"))
BUYERS = WATCHERS * 2 // 5
SLICE, SPARE = WATCHERS // 10, 2  # boxes at the live price, and boxes of the same lot at the usual one
SPEAKERS = 10
LAST = "散场了"


def events_address(shop: str, broadcast: Broadcast) -> str:
    """Where a guest's page asks for events."""
    page = requests.get(f"{shop}/live/{broadcast.pk}/", headers={"Accept-Language": "en"}, timeout=30).text
    found = search(r'id="events" data-address="([^"]+)"', page)
    assert found, "the page knows where to ask"
    return unescape(found[1])


class Watcher:
    """Somebody on the room's page, with the button before them; `waited` says how long each tap took to be answered."""

    def __init__(self, shop: str, buyer: User, broadcast: Broadcast) -> None:
        self.browser = Browser(shop, buyer)
        self.page = self.browser.get(f"/live/{broadcast.pk}/")
        button = search(r'formaction="(/live/\d+/buy/\d+/)"', self.page.text)
        assert button
        self.button, self.waited = button[1], list[float]()

    def buy(self) -> str:
        """Two taps in the room: into the cart, and the order."""
        answer = self._tap(self.button, self._with_token())
        ready = dict(Forms(answer.text).forms).get("/checkout/", {})
        if "expected_total_fen" in ready:
            answer = self._tap("/checkout/", ready)
        if answer.status_code == 200 and 'id="pay"' in answer.text:
            return "placed"
        if any(words in answer.text for words in SOLD_OUT):
            return "sold out"
        return "busy" if BUSY in answer.text else str(answer.status_code)

    def _with_token(self) -> dict[str, str]:
        forms = Forms(self.page.text).forms
        return next(fields for _action, fields in forms if "csrfmiddlewaretoken" in fields)

    def _tap(self, path: str, fields: dict[str, str]) -> requests.Response:
        began = time.monotonic()
        headers = {"Referer": self.page.url, "HX-Request": "true"}
        answer = self.browser.http.post(self.browser.address + path, data=fields, headers=headers, timeout=120)
        self.waited.append(time.monotonic() - began)
        return answer


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]


def start_listening(url: str) -> subprocess.Popen[str]:
    """Connect all watchers; an address that is not there yet (nobody has told anything) is waited for."""
    end = time.monotonic() + 30
    while requests.get(url, stream=True, timeout=10).status_code != 200:
        assert time.monotonic() < end, "nothing is told of this room"
        time.sleep(0.2)
    command = [sys.executable, "-m", "tests.acceptance.listening", url, str(WATCHERS), LAST]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)


def until_last(heard: list[list[Any]]) -> list[list[Any]]:
    """What one watcher heard up to the last thing said: what came after it some were still told, some not."""
    end = next(place for place, (_kind, _id, data, _at) in enumerate(heard) if LAST in data)
    return heard[: end + 1]


def speak(shop: str, broadcast: Broadcast, speaker: User, text: str) -> float:
    """Say it on the page; when the button was tapped."""
    browser = Browser(shop, speaker)
    page = browser.get(f"/live/{broadcast.pk}/")
    tapped_at = time.time()
    browser.send_form(page, "/say/", text=text)
    return tapped_at


def test_all_who_watch_hear_everything_once_and_the_slice_is_sold_exactly(tmp_path: Path) -> None:
    make_route()
    broadcast = live(make_listing(packs=SLICE + SPARE), now=timezone.now(), packs=SLICE)
    buyers = [make_user("李") for _ in range(BUYERS)]
    for buyer in buyers:
        make_address(buyer, is_default=True)

    with running_shop(live=True, LIVE_LINES_PER_ADDRESS="1000", LIVE_ROOT=str(tmp_path)) as shop:
        listening = start_listening(events_address(shop, broadcast))
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        relay = max(ours("config.events"), key=lambda one: one.memory_info().rss)
        busy = sum(relay.cpu_times()[:2])
        watchers = {buyer.pk: Watcher(shop, buyer, broadcast) for buyer in buyers}
        tapped = {f"第{n}问": speak(shop, broadcast, make_user("王"), f"第{n}问") for n in range(SPEAKERS)}
        asked = timezone.now()
        outcomes = all_at_once(buyers, lambda buyer: watchers[buyer.pk].buy())
        for order in Order.objects.filter(parcels__lines__offer__isnull=False)[:2]:
            use_case(paying.mark_paid)(order_id=order.pk, now=timezone.now())
        time.sleep(1.5)  # the last table, which is told twice a second
        speak(shop, broadcast, make_user("王"), LAST)
        heard = [until_last(one) for one in json.loads(listening.communicate(timeout=60)[0])]
        busy, memory = sum(relay.cpu_times()[:2]) - busy, relay.memory_info().rss

    late = [at - tapped[text] for one in heard for kind, _id, data, at in one for text in tapped if text in data]
    half, most = percentile(late, 0.5), percentile(late, 0.95)
    waits = [seconds for watcher in watchers.values() for seconds in watcher.waited]
    at_live_price = Order.objects.filter(parcels__lines__offer__isnull=False)
    sold_out = (at_live_price.latest("placed_at").placed_at - asked).total_seconds()
    sys.stdout.write(
        f"\n{WATCHERS} watchers: a comment heard after {half:.3f} s (median), {most:.3f} s (p95), {max(late):.3f} s (most)\n"
        f"{BUYERS} buyers: {dict(outcomes)}; the slice was gone after {sold_out:.1f} s; "
        f"a tap answered after {percentile(waits, 0.5):.1f} s (median), {percentile(waits, 0.95):.1f} s (p95)\n"
        f"relay: {memory / 2**20:.0f} MiB, {busy:.2f} s of processor for {sum(map(len, heard))} events sent\n"
    )
    first = [[kind, id] for kind, id, _data, _at in heard[0]]
    assert all([[kind, id] for kind, id, _data, _at in one] == first for one in heard), (
        "all hear the same, in one order"
    )
    assert [text for _kind, _id, data, _at in heard[0] for text in tapped if text in data] == list(tapped)
    assert [kind for kind, _id in first].count("bought") == 2
    assert first[-1][0] == "comment"

    lines = OrderLine.objects.filter(offer__isnull=False)
    assert {line.unit_price_fen for line in lines} == {3990}
    assert sum(line.packs for line in lines) == SLICE, outcomes
    offer, lot = Offer.objects.get(), Lot.objects.get()
    assert (offer.left, lot.sold + lot.held) == (0, OrderLine.objects.count())
    assert lot.sold + lot.held <= SLICE + SPARE
    assert set(outcomes) <= {"placed", "sold out", "busy", "409"}, "409: asked again, because the live price is gone"
