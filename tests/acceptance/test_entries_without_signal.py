"""Promise: what a farmer writes down without signal arrives once, whatever happens to the phone and the line.

On a phone-sized screen in airplane mode: entries with photos of each kind. The browser is killed, opened again without
signal, where all still wait; back online they go up in order, the line drops after three of five photos and only the other
two go again, the answer to one entry is lost on the way, and each is done once. One met something that had changed
meanwhile: both are shown, and its farmer chooses.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from accounts.models import User
from field.kinds import KINDS
from field.models import Entry, EntryPhoto, HeldPhoto
from marketplace.models import Listing, Lot
from orders.models import Packing, ParcelEvent
from tests.acceptance.keeping import wait_until_kept
from tests.acceptance.person import PHONE
from tests.acceptance.running_shop import running_shop
from tests.make import make_farmer, make_listing, make_lot
from tests.orders.making import make_parcel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONGEST = 1280


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """The folder whose files say what the line does (tests.acceptance.forgetful_wsgi)."""
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "photos").touch()
    return folder


@pytest.fixture
def shop(transactional_db: None, line: Path) -> Iterator[str]:
    with running_shop(wsgi="tests.acceptance.forgetful_wsgi", LINE=str(line)) as address:
        yield address


@pytest.fixture
def snapshots(tmp_path: Path) -> list[Path]:
    """As a phone takes them: big, and no two alike."""
    files = [tmp_path / f"IMG_{number}.jpg" for number in range(5)]
    for file in files:
        Image.effect_noise((1600, 1200), 60).convert("RGB").save(file, quality=90)
    return files


def session_of(user: User) -> str:
    """The cookie of somebody who signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


class Phone:
    """A browser that keeps what it keeps in a folder, so that it can be killed and opened again."""

    def __init__(self, playwright: Playwright, launch: dict[str, Any], folder: Path, shop: str) -> None:
        self.playwright, self.launch, self.folder, self.shop = playwright, launch, folder, shop
        self.context = self.open()

    def open(self) -> BrowserContext:
        return self.playwright.chromium.launch_persistent_context(
            self.folder, **self.launch, **PHONE, locale="en-GB", base_url=self.shop, timezone_id="Asia/Shanghai"
        )

    def sign_in(self, user: User) -> None:
        until = int(timezone.now().timestamp()) + 86_400
        self.context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": self.shop, "expires": until}])

    def kill(self) -> None:
        """As when the battery falls out: SIGKILL to each of this browser's own processes."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.folder).encode() in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()


def write(page: Page, kind: str, photos: list[Path], **values: str) -> None:
    """Fill in an entry as its farmer would, and send it."""
    page.goto("/field/")
    page.get_by_role("navigation", name="Write down").get_by_role("link", name=kind).tap()
    for label, value in values.items():
        field = page.get_by_label(label.replace("_", " "))
        field.first.fill(value)
    page.locator("input[type=file]").set_input_files(photos)
    expect(page.locator("[data-shots] img")).to_have_count(len(photos), timeout=60_000)


def arrived(line: Path) -> int:
    """How many photos came up."""
    return len((line / "photos").read_text().splitlines())


def wait_until(page: Page, what: Callable[[], bool]) -> None:
    """While the page goes on with what it does."""
    for _tenth in range(600):
        if what():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came to that")


def send(page: Page) -> None:
    page.get_by_role("button", name="Done, send it").tap()
    expect(page.get_by_role("heading", name="Kept on this phone")).to_be_visible(timeout=15_000)


def test_entries_survive_airplane_mode_a_dead_battery_and_a_lost_answer(
    playwright, browser_type_launch_args, shop, line, snapshots, tmp_path
):
    farmer = make_farmer("李阿姨家")
    listing = make_listing(farmer, packs=None)
    lot = make_lot(listing, 20)
    parcel = make_parcel(wanted={listing: 1}, now=timezone.now())
    phone = Phone(playwright, browser_type_launch_args, tmp_path / "phone", shop)
    phone.sign_in(farmer.user)
    page = phone.context.new_page()
    page.goto("/field/")
    wait_until_kept(page, ["/field/", *(f"/field/{slug}/" for slug in KINDS)])
    phone.context.close()  # that was yesterday: what a browser writes down in its own time is written down
    phone.context = phone.open()
    page = phone.context.new_page()
    (line / "gone").touch()

    write(page, "Something new to sell", snapshots, One_box_weighs="5", How_many_boxes_they_have="30")
    page.get_by_label("What do they sell?").select_option(label="Navel orange")
    page.get_by_label("kg", exact=True).check()
    page.get_by_label("Price of a box").fill("49.80")
    page.get_by_label("Today", exact=True).check()
    send(page)
    write(page, "New harvest", snapshots[:1], How_many_boxes_you_have="8")
    page.get_by_label("Today", exact=True).check()
    send(page)
    write(page, "Weighed", snapshots[:1], What_does_all_of_it_weigh="120")
    page.get_by_label("jin (500 g)").check()
    expect(page.get_by_text("120 jin = 60 kg")).to_be_visible()
    send(page)
    write(page, "Parcel packed", snapshots[:1], What_does_the_closed_box_weigh="10.4")
    page.get_by_label("jin (500 g)").check()
    send(page)
    write(page, "Parcel posted", snapshots[:1], Tracking_number="SF1234567890123")
    page.get_by_label("SF Express").check()
    send(page)
    assert Entry.objects.count() == 0
    phone.kill()
    Lot.objects.filter(pk=lot.pk).update(harvested=15)  # on another phone, meanwhile

    phone.context = phone.open()
    page = phone.context.new_page()
    page.goto("/field/")
    expect(page.locator("[data-entries] [data-state=waiting]")).to_have_count(5)
    expect(page.get_by_role("complementary", name="Waiting on this phone")).to_be_visible()
    expect(page.locator("[data-bar-waits] [data-n]")).to_have_text("5")
    phone.sign_in(
        farmer.user
    )  # a browser writes cookies down half a minute later: a session of yesterday would be there
    (line / "cut").write_text("3")
    (line / "gone").unlink()
    page.get_by_role("button", name="Try now").tap()
    wait_until(page, (line / "dropped").exists)
    assert arrived(line) == 3
    expect(page.locator("[data-entries] [data-state=waiting]")).to_have_count(5)
    (line / "lose").touch()
    (line / "cut").unlink()
    page.goto("/field/")
    wait_until(page, lambda: not (line / "lose").exists())
    page.goto("/field/")
    expect(page.locator("[data-entries] [data-state=waiting]")).to_have_count(0, timeout=60_000)

    conflict = page.locator("[data-state=conflict]")
    expect(conflict).to_have_count(1)
    expect(conflict.get_by_text("15", exact=True)).to_be_visible()
    expect(conflict.get_by_text("120", exact=True)).to_be_visible()
    assert Lot.objects.get(pk=lot.pk).harvested == 15
    conflict.get_by_role("button", name="Mine holds").tap()
    expect(page.locator("[data-state=conflict]")).to_have_count(0)
    expect(page.locator("[data-entries] [data-state=waiting]")).to_have_count(0, timeout=30_000)
    page.goto("/field/")
    expect(page.locator("[data-arrived] li")).to_have_count(5)
    expect(page.locator("[data-field-bar]")).to_be_hidden()

    assert Lot.objects.get(pk=lot.pk).harvested == 12
    assert listing.lots.exclude(pk=lot.pk).get().harvested == 8
    offered = Listing.objects.exclude(pk=listing.pk).get()
    draft = offered.revisions.get()
    assert (offered.status, draft.status, draft.price_fen, draft.packs, draft.pack_grams) == (
        "DRAFT",
        "DRAFT",
        4980,
        30,
        5000,
    )
    assert Packing.objects.get(parcel=parcel).grams == 5200
    assert ParcelEvent.objects.filter(parcel=parcel, event="POST").count() == 1
    assert sorted(Entry.objects.values_list("state", flat=True)) == ["DONE"] * 5 + ["REPLACED"]
    photos = [place.photo for place in EntryPhoto.objects.select_related("photo")] + list(draft.photos.all())
    assert len(photos) == 4 + 5
    assert arrived(line) == HeldPhoto.objects.count() == 5, "each once, though five entries want the first"
    for photo in photos:
        with photo.original.open("rb") as taken, Image.open(taken) as picture:
            assert max(picture.size) == LONGEST
    phone.context.close()
