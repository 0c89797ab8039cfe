"""Selling on a phone in a real browser: photos shrunk before they are sent, the echo, stock changed in place."""

import os
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Farmer
from marketplace.models import Listing, Lot, Photo
from tests.make import make_farmer, make_listing, make_produce
from tests.marketplace import pictures
from tests.marketplace.selling import make_draft

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in the thread of the tests
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, farmer: Farmer):
    """Opens pages as the farmer, on a phone in English, failing on anything the browser complains of."""
    client = Client()
    client.force_login(farmer.user)
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", base_url=live_server.url)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def photo_file(width: int, height: int, name: str = "IMG_1.jpg") -> Any:
    data = pictures.encoded(pictures.picture(width, height), quality=95, exif=pictures.exif())
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def test_photos_are_shrunk_and_shown_and_go_along_with_the_step(phone: Page, farmer: Farmer):
    make_produce()
    make_produce("green-tea", name_zh="绿茶", name_en="Green tea")
    phone.goto("/sell/new/")

    phone.set_input_files("input[type=file]", [photo_file(4000, 3000), photo_file(900, 700, "IMG_2.jpg")])
    expect(phone.locator(".shots li input[name=photo]")).to_have_count(2)
    expect(phone.locator(".shots .sending")).to_have_count(0)
    expect(phone.locator("input[name=cover]").first).to_be_checked()
    phone.get_by_label("Search for your produce").fill("chengzi")
    expect(phone.get_by_role("radio", name="Green tea")).to_be_hidden()
    phone.get_by_role("radio", name="Navel orange").check()
    phone.get_by_role("button", name="Next: weight and price").click()
    expect(phone.get_by_role("heading", name="How much, and for how much?")).to_be_visible()

    sizes: list[tuple[int, int]] = []
    for photo in Photo.objects.order_by("pk"):
        sent = photo.original.read()
        assert pictures.SECRET not in sent or len(sizes) == 1  # what is small enough goes as it is
        sizes.append(Image.open(BytesIO(sent)).size)
    assert sizes == [(2000, 1500), (900, 700)]
    assert list(Listing.objects.get().revisions.get().photos.order_by("pk")) == list(Photo.objects.order_by("pk"))


def test_a_file_that_is_no_photo_is_refused_on_the_spot(phone: Page, farmer: Farmer):
    phone.goto("/sell/new/")

    phone.set_input_files("input[type=file]", [{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"not a photo"}])

    expect(phone.get_by_role("alert")).to_contain_text("not a photo we can read")
    expect(phone.locator(".shots li")).to_have_count(0)
    assert not Photo.objects.exists()


def test_without_a_connection_the_photo_stays_on_the_phone_to_be_sent_again(phone: Page, farmer: Farmer):
    phone.goto("/sell/new/")
    phone.context.set_offline(True)

    phone.set_input_files("input[type=file]", [photo_file(900, 700)])

    expect(phone.get_by_role("alert")).to_contain_text("No connection")
    assert phone.locator("input[type=file]").evaluate("input => input.files.length") == 1


def test_weight_and_price_are_said_back_while_typing(phone: Page, farmer: Farmer):
    draft = make_draft(farmer)
    phone.goto(f"/sell/listings/{draft.listing_id}/pack/")
    echo = phone.get_by_role("status").filter(has_text="jin =")

    phone.get_by_label("One box weighs").fill("１０")
    phone.get_by_role("radio", name="jin (500 g)").check()
    phone.get_by_label("Price of a box, in yuan").fill("49.8")
    expect(echo).to_contain_text("10 jin = 5 kg")
    expect(echo).to_contain_text("¥9.96 per kg")
    phone.get_by_role("radio", name="kg", exact=True).check()
    expect(echo).to_contain_text("20 jin = 10 kg")
    expect(echo).to_contain_text("¥4.98 per kg")


def test_stock_and_price_change_in_place(phone: Page, farmer: Farmer):
    listing = make_listing(farmer)
    phone.goto("/sell/")
    phone.evaluate("window.stayed = true")

    left = phone.get_by_label("Boxes left to sell")
    left.fill("many")
    left.press("Enter")
    expect(phone.get_by_role("alert")).to_contain_text("whole number")
    phone.get_by_label("Boxes left to sell").fill("7")
    phone.get_by_label("Boxes left to sell").press("Enter")
    expect(phone.get_by_text("✓ Saved")).to_be_visible()
    phone.get_by_label("Price of a box, in yuan").fill("52")
    phone.get_by_label("Price of a box, in yuan").press("Enter")
    expect(phone.get_by_text("Buyers see the new price now.")).to_be_visible()

    assert phone.evaluate("window.stayed") is True
    listing.refresh_from_db()
    assert (Lot.objects.get().left, listing.price_fen) == (7, 5200)
