"""A farmer goes live from a browser, somebody watches and buys at the live price, and the recording can be watched again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from live.models import Broadcast, IngestSession
from marketplace.models import Listing
from orders.models import Order, OrderLine
from tests.acceptance.running_shop import running_shop
from tests.browser_setup import system_chromium
from tests.make import make_address, make_farmer, make_listing, make_user
from tests.orders.making import make_route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
SEEN = """() => {
  const video = document.getElementById("player");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 24];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(video, 0, 0, 32, 24);
  const pixels = [...pen.getImageData(0, 0, 32, 24).data];
  return { at: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames,
           audio: video.webkitAudioDecodedByteCount, picture: pixels.join(",") };
}"""


@pytest.fixture(scope="module")
def cameras(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a camera and a microphone of its own making."""
    browser = playwright.chromium.launch(executable_path=system_chromium() or None, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def live_shop(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    with running_shop(live=True, LIVE_ROOT=str(tmp_path / "live")) as address:
        yield address


def context_of(browser: Browser, shop: str, user: Any) -> BrowserContext:
    client = Client()
    client.force_login(user)
    context = browser.new_context(locale="en", viewport={"width": 390, "height": 844})
    cookie = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": cookie, "value": client.cookies[cookie].value, "url": shop}])
    return context


def grows(page: Page, what: str, start: float, by: float, seconds: int = 20) -> None:
    page.wait_for_function(
        f"([start, by]) => {{ const video = document.getElementById('player'); return {what} >= start + by; }}",
        arg=[start, by],
        timeout=seconds * 1000,
    )


def plan(page: Page, shop: str, listing: Listing) -> None:
    page.goto(f"{shop}/sell/live/new/")
    page.get_by_label("What will you show?").fill("Oranges on the tree")
    page.locator(f"#id_on-{listing.pk}").check()
    page.locator(f"#id_price-{listing.pk}").fill("39.9")
    page.locator(f"#id_packs-{listing.pk}").fill("5")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="Go live")).to_be_visible()


def test_broadcast_watch_buy_and_watch_again(cameras: Browser, live_shop: str) -> None:
    farmer = make_farmer()
    first = make_listing(farmer, price_fen=4990)
    buyer = make_user("Wang Fang")
    make_address(buyer, is_default=True)
    make_route()

    studio = context_of(cameras, live_shop, farmer.user).new_page()
    errors: list[str] = []
    studio.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    plan(studio, live_shop, first)
    studio.get_by_role("button", name="Go live").click()
    expect(studio.locator("#on-air")).to_be_visible()

    broadcast = Broadcast.objects.get()
    room = context_of(cameras, live_shop, buyer).new_page()
    room.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    room.goto(f"{live_shop}/live/{broadcast.pk}/")
    grows(room, "video.currentTime", 0, 0.5, 30)
    before = room.evaluate(SEEN)
    grows(room, "video.currentTime", before["at"], 2)
    after = room.evaluate(SEEN)
    assert after["frames"] > before["frames"]
    assert after["audio"] > before["audio"] >= 0
    assert after["picture"] != before["picture"]

    room.get_by_role("button", name="Buy a box").click()
    with room.context.expect_page() as opened:
        room.get_by_role("link", name="Check out").click()
    checkout = opened.value
    expect(checkout.get_by_text("live price")).to_be_visible()
    checkout.get_by_role("button", name="Place the order and pay").click()
    expect(checkout.get_by_role("heading", name="Pay")).to_be_visible(timeout=15000)
    line = OrderLine.objects.get()
    assert (line.unit_price_fen, line.offer.left, line.packs) == (3990, 4, 1)
    grows(room, "video.currentTime", after["at"], 1)
    expect(studio.locator("#unpaid")).to_have_text("1")

    studio.get_by_role("button", name="End the broadcast").click()
    expect(studio.get_by_role("link", name="See it as buyers do")).to_be_visible(timeout=15000)
    expect(room.get_by_role("button", name="Buy a box")).to_be_visible()
    expect(room.locator("[data-seek-ms]")).to_be_visible(timeout=30000)
    room.get_by_role("button", name=re.compile("5 kg")).first.click()
    grows(room, "video.currentTime", 0, 1)
    broadcast.refresh_from_db()
    assert broadcast.status == "ENDED"
    assert broadcast.recorded_ms > 4000
    assert broadcast.pins.get().at_ms is not None
    assert room.locator("b.price").first.inner_text() == "¥49.90", "the replay sells at the usual price"
    assert Order.objects.get().goods_fen == 3990
    assert [error for error in errors if "Content Security Policy" in error] == []
    assert not IngestSession.objects.filter(closed_at=None).exists()
