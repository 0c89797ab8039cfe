"""Waiting for a service worker to have kept pages."""

import time

from playwright.sync_api import Page

PATIENCE = 30.0
HAS_ALL = "async pages => (await Promise.all(pages.map(page => caches.match(page)))).every(Boolean)"


def wait_until_kept(page: Page, addresses: list[str]) -> None:
    """Return once all of these can be read without signal (wait_for_function takes a promise for a yes)."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(HAS_ALL, addresses):
        assert time.monotonic() < end, f"not kept: {addresses}"
        page.wait_for_timeout(100)
