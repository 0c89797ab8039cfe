"""Filters, further pages and the cart's button in a real browser, with JavaScript and without."""

import os

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.queries.shelves import PAGE_SIZE
from tests.make import make_farmer, make_listing
from tests.marketplace.shelves import fill_shelf

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in the thread of the tests
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(live_server: LiveServer) -> str:
    """The address of a shop with more on its shelves than one page holds, one of it from a farm not led by a woman."""
    fill_shelf(PAGE_SIZE)
    make_listing(make_farmer("Zhao"), price_fen=100)
    return live_server.url


@pytest.fixture
def phone(browser: Browser):
    """Opens pages as on a phone in English, failing on anything the browser complains of."""
    pages: list[tuple[Page, list[str]]] = []

    def open_page(address: str, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en-US", java_script_enabled=scripts
        )
        complaints: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        pages.append((page, complaints))
        page.goto(address)
        return page

    yield open_page
    for page, complaints in pages:
        page.context.close()
        assert [
            text for text in complaints if text.startswith("error") and "404" not in text
        ] == []  # the photos are not there


def cards(page: Page):
    return page.locator(".shelf > li:not(.more)")


def test_filters_and_further_pages_come_without_loading_the_page_again(shop, phone):
    page = phone(f"{shop}/produce/")
    page.evaluate("window.stayed = true")

    page.get_by_role("link", name="Show more").click()
    expect(cards(page)).to_have_count(PAGE_SIZE + 1)
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Sort by").select_option("price")
    expect(page).to_have_url(f"{shop}/produce/?sort=price")
    expect(cards(page).first).to_contain_text("Zhao")
    page.get_by_label("Women-led only").check()
    expect(cards(page)).to_have_count(PAGE_SIZE)
    expect(page).to_have_url(f"{shop}/produce/?sort=price&women=on")
    assert page.evaluate("window.stayed")

    page.go_back()
    expect(page.get_by_role("banner")).to_be_visible()
    expect(cards(page).first).to_contain_text("Zhao")


def test_all_of_it_works_without_javascript(shop, phone):
    page = phone(f"{shop}/produce/", scripts=False)

    page.get_by_text("Filter and sort").click()
    page.get_by_label("Sort by").select_option("price")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(cards(page).first).to_contain_text("Zhao")
    page.get_by_role("link", name="Show more").click()
    expect(cards(page)).to_have_count(1)
    page.get_by_role("link", name="Back to the first page").click()
    cards(page).first.get_by_role("link").click()
    page.get_by_label("How many").fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page).to_have_url(f"{shop}/cart/")


def test_the_cart_says_so_on_the_listings_own_page(shop, phone):
    page = phone(f"{shop}/produce/")

    cards(page).first.get_by_role("link").click()
    page.get_by_role("button", name="One more").click()
    expect(page.get_by_label("How many")).to_have_value("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("status").filter(has_text="It is in your cart.").first).to_be_visible()
    page.get_by_role("link", name="Go to the cart").click()
    expect(page).to_have_url(f"{shop}/cart/")
