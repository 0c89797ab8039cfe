"""Promise: two web processes and two workers behind one small proxy work as one shop.

Nothing that matters lives in a process: who is signed in, pages that are kept, photos on their way, the badge, codes and
limits. The proxy gives each request to the other web process, and says which in a header.
"""

import http.client
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import County, User
from marketplace.models import Listing, Photo
from marketplace.services import moderation
from marketplace.services.search import index_all
from notifications.models import OutboxMessage
from notifications.services import notify
from tests.acceptance.browsing import Browser, Forms
from tests.acceptance.running_shop import broker_of_its_own, environment, free_port, kept_running
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.pictures import telling_jpeg

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("rush")]

SERVED_BY = "X-Served-By"
PATIENCE = 40.0  # seconds for what a worker does
PHOTOS = 4


@contextmanager
def proxy(backends: list[int]) -> Iterator[int]:
    """Gives each request to the next backend; the port it listens on."""
    turn, lock = cycle(backends), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            with lock:
                port = next(turn)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            backend = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            backend.request(self.command, self.path, body, dict(self.headers.items()))
            answer = backend.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"connection", "content-length", "transfer-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header(SERVED_BY, str(port))
            self.end_headers()
            self.wfile.write(content)
            backend.close()

        do_GET = do_POST = do_HEAD = _pass_on

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def figures() -> list[int]:
    """The ports on which the two workers say what they did."""
    return [free_port(), free_port()]


@pytest.fixture
def shop(transactional_db: None, figures: list[int], tmp_path: Path) -> Iterator[str]:
    """The address of the proxy, in front of two gunicorns of one process each; behind them two workers of one each."""
    backends = [free_port(), free_port()]
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        "--workers",
        "1",
        "--threads",
        "4",
        "--log-level",
        "warning",
    ]
    worker = [sys.executable, "-m", "celery", "--quiet", "--app", "config", "worker", "--concurrency", "1", "--purge"]
    commands = [[*web, "--bind", f"127.0.0.1:{backend}"] for backend in backends]
    for port in figures:
        counts = tmp_path / str(port)
        counts.mkdir()
        own = ["env", f"METRICS_PORT={port}", f"PROMETHEUS_MULTIPROC_DIR={counts}"]
        commands.append([*own, *worker, "--loglevel", "WARNING", "--hostname", f"{port}@two"])
    with proxy(backends) as port:
        env = environment(port, broker_of_its_own(), {})
        with kept_running(commands, env, [str(backend) for backend in backends]):
            yield f"http://127.0.0.1:{port}"


def from_both(browser: Browser, path: str) -> list[requests.Response]:
    """The same page from the one and from the other."""
    answers = [browser.get(path), browser.get(path)]
    assert len({answer.headers[SERVED_BY] for answer in answers}) == 2
    return answers


def eventually(found: Any, what: str) -> Any:
    """What `found()` gives as soon as it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if thing := found():
            return thing
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {PATIENCE:.0f} s")


def sign_in(address: str, user: User) -> Browser:
    """With a code that a worker sends, each step answered by another web process than the one before."""
    browser = Browser(address, user)
    browser.http.cookies.clear()
    browser.http.cookies.set(settings.LANGUAGE_COOKIE_NAME, "en")
    page = browser.get("/accounts/login/code/")
    asked = browser.send_form(page, "/accounts/login/code/", who=user.phone or "")
    assert asked.status_code == 302
    assert asked.headers[SERVED_BY] != page.headers[SERVED_BY]
    message = eventually(lambda: OutboxMessage.objects.filter(address=user.phone).first(), "the code")
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", message.body)
    confirmed = browser.send_form(browser.get(asked.headers["Location"]), "/confirm/", code=code)
    assert confirmed.status_code == 302
    return browser


def test_two_web_processes_and_two_workers_are_one_shop(shop, figures):
    grower = make_user("陈桂兰", phone="+8613900010009")
    listing = make_listing(make_farmer("陈桂兰家", user=grower), packs=5)
    index_all()

    browser = sign_in(shop, grower)
    for page in from_both(browser, "/me/"):
        assert page.status_code == 200
        assert "陈桂兰" in page.text

    the_badge_is_live_everywhere(browser, grower)
    photos_go_in_at_one_and_come_out_at_the_other(browser)
    both_workers_have_a_part_in_it(browser, figures)
    a_page_made_by_one_is_kept_for_the_other_and_not_too_long(shop, listing)


def the_badge_is_live_everywhere(browser: Browser, grower: User) -> None:
    def badges() -> list[bool]:
        return ['class="count"' in answer.text for answer in from_both(browser, "/notifications/badge/")]

    assert badges() == [False, False]

    with transaction.atomic():
        notify(recipient=grower, kind="parcel_to_pack", about="two", now=timezone.now(), number="1")
    assert badges() == [True, True]

    browser.send_form(browser.get("/notifications/"), "/notifications/read/")
    assert badges() == [False, False]


def photos_go_in_at_one_and_come_out_at_the_other(browser: Browser) -> None:
    keys = [send_photo(browser) for _ in range(PHOTOS)]
    eventually(lambda: Photo.objects.filter(key__in=keys, status="READY").count() == PHOTOS, "photos made ready")

    for photo in Photo.objects.filter(key__in=keys[:2]):
        one, other = from_both(browser, f"/photos/{photo.key}/{photo.sizes[0]}.webp")
        assert one.status_code == other.status_code == 200
        assert one.content == other.content
        assert one.content[8:12] == b"WEBP"


def send_photo(browser: Browser) -> str:
    forms = Forms(browser.get("/me/").text).forms
    token = next(fields["csrfmiddlewaretoken"] for _, fields in forms if "csrfmiddlewaretoken" in fields)
    sent = browser.http.post(
        f"{browser.address}/photos/",
        files={"photo": ("IMG.jpg", telling_jpeg(), "image/jpeg")},
        headers={"X-CSRFToken": token, "Referer": browser.address + "/"},
        timeout=60,
    )
    assert sent.status_code == 201
    return str(sent.json()["key"])


def both_workers_have_a_part_in_it(browser: Browser, figures: list[int]) -> None:
    """Whoever is free takes what comes, so it may take a photo more until each has done something."""

    def has_worked(port: int) -> bool:
        told = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
        return bool(re.search(r'^chushan_tasks_total\{outcome="success".*\} [1-9]', told, re.MULTILINE))

    eventually(lambda: all(map(has_worked, figures)) or (send_photo(browser) and False), "work for both workers")


def a_page_made_by_one_is_kept_for_the_other_and_not_too_long(shop: str, listing: Listing) -> None:
    """A county's name is in no version, so an old name shows that a page was kept; taking down is in it."""
    guest = Browser(shop, listing.farmer.user)
    guest.http.cookies.clear()
    county, path = listing.farmer.county, f"/listings/{listing.pk}/"
    County.objects.filter(pk=county.pk).update(name_zh="旧名县")
    first = guest.get(path)
    assert "旧名县" in first.text
    County.objects.filter(pk=county.pk).update(name_zh="新名县")
    second = guest.get(path)
    assert first.headers[SERVED_BY] != second.headers[SERVED_BY]
    assert "旧名县" in second.text, "the other made the page again"
    assert "新名县" in guest.get(f"{path}?again=1").text, "the control: another address is not kept yet"

    moderation.take_down(listing_id=listing.pk, moderator=make_moderator(), reason="看着不对。", now=timezone.now())

    assert [page.status_code for page in from_both(guest, path)] == [404, 404]
