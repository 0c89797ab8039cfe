"""The moderators' desk by keyboard in a real browser, under the strict content policy."""

import os

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.models import ListingRevision, ModerationDecision, Report
from marketplace.services import reports
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import submit

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in the thread of the tests
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer):
    """A moderator's laptop in English, failing on anything the browser complains of (the content policy too)."""
    client = Client()
    client.force_login(make_moderator())
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", base_url=live_server.url)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert complaints == []


def test_from_the_queue_to_a_decision_and_the_next_without_a_mouse(desk: Page):
    first, second = (submit(make_farmer(name)) for name in ("First farm", "Second farm"))
    desk.goto("/moderation/")

    desk.keyboard.press("j")
    expect(desk.locator(":focus")).to_contain_text("First farm")
    desk.keyboard.press("j")
    expect(desk.locator(":focus")).to_contain_text("Second farm")
    desk.keyboard.press("j")  # the last one stays
    desk.keyboard.press("k")
    expect(desk.locator(":focus")).to_contain_text("First farm")
    desk.keyboard.press("Control+j")
    expect(desk.locator(":focus")).to_contain_text("First farm")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="What stands out")).to_be_visible()
    desk.wait_for_load_state()  # the keys come with the script

    desk.keyboard.press("c")
    expect(desk.locator(":focus")).to_have_text("Ask for a change")
    desk.get_by_label("In your own words").focus()
    desk.keyboard.type("jack karat")  # typing is typing
    expect(desk.get_by_label("In your own words")).to_have_value("jack karat")
    desk.get_by_label("In your own words").blur()
    desk.keyboard.press("r")
    expect(desk.locator(":focus")).to_have_text("Reject")
    desk.keyboard.press("a")
    expect(desk.locator(":focus")).to_have_text("Approve")
    assert not ModerationDecision.objects.exists(), "no key decides by itself"
    desk.keyboard.press("Enter")

    expect(desk.get_by_role("heading", name="Second farm")).to_be_visible()
    desk.wait_for_load_state()
    assert ModerationDecision.objects.get().revision == first
    desk.keyboard.press("q")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-row]")).to_have_count(1)
    assert ListingRevision.objects.get(pk=second.pk).status == ListingRevision.Status.WAITING


def test_the_keys_are_explained_and_can_be_switched_off_for_good(desk: Page):
    submit(make_farmer("First farm"))
    desk.goto("/moderation/")

    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.get_by_label("Use these keys").uncheck()
    desk.get_by_role("button", name="Close").click()
    desk.reload()
    desk.keyboard.press("j")
    expect(desk.locator("[data-row]:focus")).to_have_count(0)

    desk.get_by_role("button", name="Keys").click()
    desk.get_by_label("Use these keys").check()
    desk.get_by_role("button", name="Close").click()
    desk.get_by_role("heading", level=1).click()
    desk.keyboard.press("j")
    expect(desk.locator("[data-row]:focus")).to_have_count(1)


def test_reports_are_gone_through_by_key_and_each_leads_to_its_own_form(desk: Page):
    for words in ("first", "second"):
        reports.report_listing(
            listing_id=make_listing().pk, reporter=make_user(), guest="", reason="FALSE", words=words, now=NOON
        )
    desk.goto("/moderation/reports/")
    desk.wait_for_load_state()

    desk.keyboard.press("j")
    expect(desk.locator(":focus")).to_contain_text("first")
    desk.keyboard.press("j")
    expect(desk.locator(":focus")).to_contain_text("second")
    while desk.evaluate("document.activeElement.tagName") not in {"TEXTAREA", "INPUT", "BODY"}:
        desk.keyboard.press("Tab")
    desk.keyboard.type("nothing of that")
    desk.locator("article").nth(1).get_by_role("button", name="Nothing wrong found").press("Enter")

    expect(desk.locator("[data-row]")).to_have_count(1)
    assert Report.objects.get(words="second").decision_reason == "nothing of that"
