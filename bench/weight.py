"""What a page weighs, and how soon it can be used on a slow line: `python -m bench.weight http://localhost:8000 --session …`.

The line is Chrome's "slow 3G": 400 kbit/s and 400 ms there and back. Time is computed, not taken: what a busy machine
does is no property of the page. A first visit by HTTPS takes three round trips until it can ask (name, TCP, TLS), one
for the page, one for everything that it names, and one more for each further step of scripts that name others; then its
bytes have to come. `--measure` has a Chromium on such a line load it, too, and says what it took.
"""

import argparse
import gzip
import re
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

BYTES_PER_SECOND = 400_000 / 8
ROUND_TRIP = 0.4
UNTIL_IT_ASKS = 3
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"')
_SCRIPT = re.compile(r'<script([^>]*?)\ssrc="([^"]+)"([^>]*)>')
_IMPORT = re.compile(r"""^import[^"']*["'](\./[^"']+)["']""", re.MULTILINE)

Read = Callable[[str], bytes]


@dataclass
class Weight:
    """Compressed bytes of a page by part, without photos; how deep its scripts name others; and what blocks its parsing."""

    parts: dict[str, int] = field(default_factory=dict)
    styles: int = 0
    blocking_scripts: int = 0
    depth: int = 1

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def seconds(self) -> float:
        """Until its document is ready, with every style and script, on a line where nothing is known yet."""
        return (UNTIL_IT_ASKS + 1 + self.depth) * ROUND_TRIP + self.total / BYTES_PER_SECOND


def packed(data: bytes) -> int:
    """How many bytes go over the line."""
    return len(gzip.compress(data, 6))


def weigh(html: str, read: Read) -> Weight:
    """The weight of a page; `read` gives what stands at an address that it names."""
    found = Weight({"the page": packed(html.encode())})
    for address in _STYLE.findall(html):
        found.parts[address] = packed(read(address))
        found.styles += 1
    for before, address, after in _SCRIPT.findall(html):
        deferred = re.search(r"\bdefer\b|\basync\b|type=\"module\"", before + after)
        found.blocking_scripts += not deferred
        found.depth = max(found.depth, _script(address, read, found))
    return found


def _script(address: str, read: Read, found: Weight) -> int:
    """Add a script and what it imports; how many steps that takes."""
    text = read(address)
    found.parts[address] = packed(text)
    folder = address.rpartition("/")[0]
    imported = [f"{folder}/{name.removeprefix('./')}" for name in _IMPORT.findall(text.decode())]
    return 1 + max((_script(each, read, found) for each in imported if each not in found.parts), default=0)


def measure(base: str, path: str, session: str) -> float:
    """Seconds until a Chromium on such a line has the document ready. Of this machine at this moment."""
    from playwright.sync_api import sync_playwright

    line = {"offline": False, "latency": ROUND_TRIP * 1000, "downloadThroughput": BYTES_PER_SECOND}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, base_url=base)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        page = context.new_page()
        context.new_cdp_session(page).send(
            "Network.emulateNetworkConditions", line | {"uploadThroughput": BYTES_PER_SECOND}
        )
        page.goto(path, wait_until="domcontentloaded")
        taken = page.evaluate("performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart")
        browser.close()
    return float(taken) / 1000


def main() -> int:
    """Print a table of pages of a running shop."""
    parser = argparse.ArgumentParser(prog="python -m bench.weight", description=__doc__)
    parser.add_argument("base", help="http://localhost:8000")
    parser.add_argument("paths", nargs="*", default=["/sell/", "/field/", "/field/posting/", "/"])
    parser.add_argument("--session", default="", help="value of a farmer's session cookie")
    parser.add_argument(
        "--measure", action="store_true", help="load it in a Chromium, too (uncompressed where the shop is)"
    )
    given = parser.parse_args()

    def read(path: str) -> bytes:
        asked = urllib.request.Request(given.base + path, headers={"Cookie": f"sessionid={given.session}"})
        with urllib.request.urlopen(asked, timeout=30) as response:
            return bytes(response.read())

    rows = ["| page | bytes | blocking scripts | styles | seconds on slow 3G |", "|---|---|---|---|---|"]
    for path in given.paths:
        found = weigh(read(path).decode(), read)
        taken = f" ({measure(given.base, path, given.session):.1f} taken)" if given.measure else ""
        rows.append(
            f"| {path} | {found.total:,} | {found.blocking_scripts} | {found.styles} | {found.seconds:.1f}{taken} |"
        )
    sys.stdout.write("\n".join(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
