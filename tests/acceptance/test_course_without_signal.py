"""Promise: a bruise claim brings its farmer a lesson, and the course is finished on a phone that loses its signal.

The lesson is offered on the farmer's phone; the first is answered with signal, wrongly and then rightly; the others are read
and answered without, the browser is closed and opened again, and what waited goes up once. A stranger checks the certificate.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from accounts.models import User
from tests.acceptance.keeping import wait_until_kept
from tests.acceptance.person import PHONE, Person, Thumb
from tests.acceptance.running_shop import running_shop
from tests.make import make_farmer, make_listing
from tests.payments.claim_scene import claim_on, make_received
from tests.payments.scene import make_order
from training.models import Certificate, Course, LessonDone
from training.services.courses import load_courses
from training.tasks import offer_courses

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    load_courses()
    with running_shop() as address:
        yield address


def phone(playwright: Playwright, launch: dict[str, Any], folder: Path, shop: str, user: User) -> BrowserContext:
    """A browser that keeps what it keeps in `folder`, so that it can be closed and opened again."""
    context = playwright.chromium.launch_persistent_context(folder, **launch, **PHONE, locale="zh-CN", base_url=shop)
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": shop}])
    return context


def answer(page: Page, *, right: bool = True) -> None:
    """Tap an answer to each question of the lesson that is open, and send them."""
    position = int(page.url.rstrip("/").rsplit("/", 1)[1])
    for question in Course.objects.get(topic="PACKING").lessons.get(position=position).questions.all():
        chosen = question.answers.filter(is_right=right).first()
        page.get_by_role("group", name=question.text_zh).get_by_label(chosen.text_zh).tap()
    page.get_by_role("button", name="好了，下一节").tap()


def test_the_lesson_after_a_bruise_is_finished_without_signal(
    playwright, browser_type_launch_args, browser, shop, tmp_path
):
    parcel = make_received(make_order({make_listing(make_farmer("李阿姨家")): 1}))
    claim_on(parcel, kind="CRUSHED")
    offer_courses()
    course = Course.objects.get(topic="PACKING")
    lessons = course.lessons.count()
    context = phone(playwright, browser_type_launch_args, tmp_path, shop, parcel.farmer.user)
    page = context.new_page()

    page.goto("/training/")
    expect(page.get_by_text("有买家说收到的货磕了、坏了。")).to_be_visible()
    page.get_by_role("link", name="看看").first.tap()
    page.get_by_role("link", name="开始学").tap()
    page.wait_for_url("**/1/")
    answer(page, right=False)
    expect(page.get_by_role("alert").first).to_be_visible()
    answer(page)
    page.wait_for_url("**/2/")
    page.goto(f"/training/{course.slug}/")
    pages = [f"/training/{course.slug}/{position}/" for position in range(2, lessons + 1)]
    wait_until_kept(page, pages)
    context.set_offline(True)
    for address in pages:
        page.goto(address)
        answer(page)
        expect(page.get_by_text("没信号。已存在手机里")).to_be_visible()
    assert LessonDone.objects.count() == 1
    context.close()

    back = phone(playwright, browser_type_launch_args, tmp_path, shop, parcel.farmer.user)
    page = back.new_page()
    page.goto("/training/")
    expect(page.locator("[data-waiting]")).to_be_hidden(timeout=20_000)
    page.goto(f"/training/{course.slug}/")
    page.get_by_role("link", name="我的证书").tap()
    given = Certificate.objects.get()
    assert given.holder == "李阿姨家"
    assert LessonDone.objects.count() == lessons
    assert LessonDone.objects.latest("pk").done_at < timezone.now()
    back.close()

    stranger = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    stranger.open("/training/")
    stranger.follow("Check a certificate")
    stranger.write("The code on the certificate", given.code.lower())
    stranger.press("Check")
    stranger.sees(stranger.words("has finished the course"))
    expect(stranger.page.get_by_role("heading", name="李阿姨家")).to_be_visible()
    stranger.context.close()
