"""Look at a page as a careful inspector would: nothing inaccessible, nothing in the console, nothing too wide."""

from collections import defaultdict
from typing import ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, ViewportSize

AXE = Axe()
PARTS = """() => [...new Set([...document.querySelectorAll("*")].map(one =>
    [one.tagName, one.getAttribute("class"), one.getAttribute("role"), one.type, one.disabled].join()))]"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Inspector:
    """Listens to a browser from its first page on, and looks at the pages it is shown."""

    searched: ClassVar[dict[object, set[str]]] = defaultdict(set)  # by shop, language and screen: the parts of pages

    def __init__(self, context: BrowserContext, *, shop: str, language: str) -> None:
        """`shop` is its address; `language` is what the pages' `lang` has to say."""
        self.shop = urlsplit(shop).netloc
        self.language = language
        self.looked_at: list[str] = []
        self.complaints: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        """Chromium reports what the content security policy refused as an error too."""
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        address = urlsplit(response.url)
        from_elsewhere = address.scheme in {"http", "https"} and address.netloc != self.shop
        if response.status >= 400 or from_elsewhere:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")

    def look(self, page: Page) -> None:
        """Fail on anything wrong with the page as it stands, or said by the browser since the last look."""
        where = urlsplit(page.url).path
        self.looked_at.append(where)
        assert page.locator("html").get_attribute("lang") == self.language, where
        screen = page.viewport_size
        assert screen
        width, height = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert width <= screen["width"], f"{where} is {width} px wide"
        self._search(page, where, screen, height)
        assert self.complaints == [], "\n".join([where, *self.complaints])

    def _search(self, page: Page, where: str, screen: ViewportSize, height: int) -> None:
        """Let axe search the page where a part of it was not searched before, by whomever: that takes a second."""
        known, parts = self.searched[self.shop, self.language, screen["width"]], set(page.evaluate(PARTS))
        if parts <= known:
            return
        known |= parts
        assert_accessible(page, where, screen, height)


def assert_accessible(page: Page, where: str, screen: ViewportSize, height: int) -> None:
    """Let axe search a page `height` px high that is shown on such a screen."""
    # On a screen as tall as the page: what the bar at its foot covers just now can be scrolled out from under it.
    page.set_viewport_size({"width": screen["width"], "height": max(height, screen["height"])})
    found = AXE.run(page, options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    page.set_viewport_size(screen)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
