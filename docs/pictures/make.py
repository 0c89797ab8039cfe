"""Takes the pictures of README.md and docs/screens.md from a running shop with fresh demo data.

.venv/bin/python docs/pictures/make.py http://localhost:8000

It signs in as the demo's buyer, farmer and moderator, with the codes on /outbox/, and leaves the shop as it found it.
"""

import re
import shutil
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
PHONE, LAPTOP = (390, 844), (1280, 844)
# How each screen is shown on docs/screens.md: width, language, colour scheme.
WAYS = [(PHONE, "zh-hans", "light"), (PHONE, "en", "dark"), (LAPTOP, "en", "light"), (LAPTOP, "zh-hans", "dark")]
GAP = 16


def main(base: str) -> None:
    """Take every picture; those of one person in one signed-in window."""
    with sync_playwright() as play:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        guest = window(browser, base)
        take(guest, "home", lambda: guest.goto("/"), readme=[PHONE, LAPTOP])
        guest.goto("/search/?q=baixiangguo")
        listing = guest.locator("main article h3 a").first.get_attribute("href") or "/"
        take(guest, "listing", lambda: guest.goto(listing), readme=[PHONE])

        buyer = window(browser, base, "buyer@example.com")
        take(buyer, "cart", lambda: buyer.goto("/cart/"), readme=[PHONE])
        take(buyer, "checkout", lambda: buyer.goto("/checkout/"), readme=[PHONE])
        take(buyer, "orders", lambda: buyer.goto("/orders/"))

        farmer = window(browser, base, "farmer@example.com")
        take(farmer, "farmer-home", lambda: farmer.goto("/sell/"), readme=[PHONE])
        take(farmer, "parcels", lambda: farmer.goto("/sell/parcels/"))
        farmer.goto("/sell/new/")
        farmer.locator("main .kinds .choice").first.click()
        farmer.locator("main form button.wide").click()
        step = farmer.url

        def fill_in() -> None:
            farmer.goto(step)
            for name, value in (("weight", "10"), ("price", "49.8"), ("packs", "30")):
                farmer.locator(f"[name={name}]").fill(value)
            farmer.locator("h1").click()  # away from the field

        take(farmer, "sell-pack", fill_in, readme=[PHONE])
        farmer.goto(step.replace("/pack/", "/check/"))
        farmer.locator('form[action$="/discard/"] button').click()

        moderator = window(browser, base, "moderator@example.com")
        take(moderator, "moderation-queue", lambda: moderator.goto("/moderation/"))
        moderator.locator("a.queue-row[href*=revisions]").last.click()
        waiting = moderator.url
        take(moderator, "moderation", lambda: moderator.goto(waiting), readme=[(1280, 1130)])
        browser.close()


def window(browser: Browser, base: str, email: str = "") -> Page:
    """A window on the shop, signed in with a code if an address is given."""
    page = browser.new_context(base_url=base, locale="zh-CN").new_page()
    page.goto("/accounts/login/code/")
    if email:
        old = codes(page, email)
        page.locator("[name=who]").fill(email)
        page.locator("main form button.wide").click()
        until = time.monotonic() + 30
        while (found := codes(page, email)) == old and time.monotonic() < until:
            time.sleep(1)
        page.locator("[name=code]").fill(found[0])
        page.locator("main form button.wide").click()
        page.wait_for_url(lambda url: "/login/" not in url)
    return page


def codes(page: Page, email: str) -> list[str]:
    """The sign-in codes sent to an address, newest first, read in a window beside this one."""
    beside = page.context.new_page()
    beside.goto(f"/outbox/?address={email}")
    found = re.findall(r"\b\d{6}\b", beside.locator("main").inner_text())
    beside.close()
    return found


def take(page: Page, name: str, go: Callable[[], object], readme: list[tuple[int, int]] | None = None) -> None:
    """One screen in all ways for docs/screens.md, and in Chinese by day at these sizes for README.md."""
    save(f"screens/{name}", [shot(page, go, *way).resize(half(way[0])) for way in WAYS])
    if readme:
        save(name, [shot(page, go, size, "zh-hans", "light") for size in readme])


def half(size: tuple[int, int]) -> tuple[int, int]:
    """Half of a size: four screens fit beside each other."""
    return size[0] // 2, size[1] // 2


def shot(page: Page, go: Callable[[], object], size: tuple[int, int], language: str, scheme: str) -> Image.Image:
    """What is seen of a page without scrolling, once its pictures are there."""
    shop = "/".join(page.url.split("/")[:3])
    page.context.add_cookies([{"name": "django_language", "value": language, "url": shop}])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    go()
    page.wait_for_load_state("networkidle")
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def save(name: str, shots: list[Image.Image]) -> None:
    """Put them beside each other on a quiet ground, as a small WebP."""
    width = sum(image.width for image in shots) + GAP * (len(shots) - 1)
    sheet = Image.new("RGB", (width, max(image.height for image in shots)), "#e2e0d4")
    left = 0
    for image in shots:
        sheet.paste(image, (left, 0))
        left += image.width + GAP
    target = HERE / f"{name}.webp"
    target.parent.mkdir(exist_ok=True)
    sheet.save(target, quality=80, method=6)
    sys.stdout.write(f"{name}.webp: {target.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
