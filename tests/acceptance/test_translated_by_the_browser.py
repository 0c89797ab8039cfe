"""Promise: a farmer who has the browser translate the shop can still use it.

Chrome's translation puts two <font> elements in the place of each piece of text. Here each page is changed so before it is
used: an entry is written and sent, and the boxes left are changed with htmx. Numbers, codes and names stay as they are.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from field.kinds import KINDS
from tests.acceptance.person import PHONE
from tests.acceptance.running_shop import running_shop
from tests.acceptance.test_entries_without_signal import session_of
from tests.make import make_listing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRANSLATE = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
    while (walk.nextNode()) texts.push(walk.currentNode);
    for (const text of texts) {
        if (!text.data.trim() || text.parentElement.closest("script, textarea, [translate=no]")) continue;
        const outer = document.createElement("font"), inner = document.createElement("font");
        inner.textContent = "ئۇيغۇرچە " + text.data.length;
        outer.append(inner);
        text.replaceWith(outer);
    }
    document.documentElement.lang = "ug";
    document.documentElement.classList.add("translated-ltr");
}"""


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    with running_shop() as address:
        yield address


def open_translated(page: Page, path: str) -> None:
    page.goto(path, wait_until="networkidle")
    page.evaluate(TRANSLATE)


def test_entries_and_stock_work_on_a_translated_page(browser: Browser, shop):
    listing = make_listing()
    lot = listing.lots.get()
    context = browser.new_context(**PHONE, locale="en-GB", base_url=shop)
    context.add_cookies([{"name": "sessionid", "value": session_of(listing.farmer.user), "url": shop}])
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))

    open_translated(page, f"/field/harvest/?thing={listing.pk}")
    page.locator("[name=packs]").fill("8")
    page.locator("[name=when][value=today]").check(force=True)
    page.locator("form[data-entry] button:not([type=button])").tap()
    page.wait_for_url(f"**/sell/listings/{listing.pk}/")
    fresh = listing.lots.exclude(pk=lot.pk).get()
    assert fresh.harvested == 8

    open_translated(page, f"/sell/listings/{listing.pk}/")
    form = page.locator(f'form[action="/sell/lots/{fresh.pk}/stock/"]')
    form.locator("[name=left]").fill("5")
    form.locator("button").last.tap()
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator(f'form[action="/sell/lots/{fresh.pk}/stock/"] [name=left]')).to_have_value("5")
    fresh.refresh_from_db()
    assert fresh.left == 5

    open_translated(page, "/field/posting/")
    open_translated(page, "/field/")
    expect(page.locator("[data-arrived] li")).to_have_count(1)
    expect(page.locator(".field-kinds a")).to_have_count(len(KINDS))
    hint = page.locator("[data-install]")
    page.evaluate("dispatchEvent(new Event('beforeinstallprompt', { cancelable: true }))")
    expect(hint).to_be_visible()
    hint.locator("[data-install-never]").tap()
    page.reload(wait_until="networkidle")
    page.evaluate("dispatchEvent(new Event('beforeinstallprompt', { cancelable: true }))")
    expect(hint).to_be_hidden()  # sent away for good
    assert said == []
    context.close()
