"""Promise: a donor rounds up at checkout and finds the yuan in a grant, on a phone, in Chinese.

The box is ticked at checkout and paid for with the order; the farmer posts; two people who handle the fund give a grant of it,
with evidence, at a laptop; the donor is told, follows it to the grant, and reads its report. Web, database and the payment
provider's signed notification are real; every page passed is inspected.
"""

import time
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload

from accounts.models import User
from common.money import show_yuan
from fund.models import Grant
from marketplace.models import Listing
from orders.models import Order
from payments import tasks
from tests.acceptance.person import LAPTOP, PHONE, Exactly, Keyboard, Person, Thumb
from tests.acceptance.running_shop import running_shop
from tests.acceptance.test_claim_story import enter
from tests.fund import scene
from tests.make import make_address, make_listing, make_user
from tests.orders.making import make_cart, post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHAT_FOR = "二年级一周的热饭"


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    """A shop that asks staff for their second step."""
    with running_shop(STAFF_NEED_TOTP="1") as address:
        yield address


def at_the_desk(browser: Browser, shop: str, user: User) -> Person:
    """Staff at a laptop, their second step just taken."""
    TOTP.activate(user, generate_totp_secret())
    person = Person(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())
    enter(person, shop, user, second_step_at=time.time())
    return person


def test_a_donor_finds_the_yuan_in_a_grant(browser: Browser, shop: str) -> None:
    one, two, wang_user = scene.make_steward("One"), scene.make_steward("Two"), make_user("王小明")
    meals, payee = (
        scene.make_programme(one),
        scene.make_payee(one, name="Mountain school"),
    )  # letters that a keyboard has
    make_cart(wang_user, {make_listing(): 1})
    make_address(wang_user, is_default=True)
    Listing.objects.update(cover=None)  # no picture of it lies in the storage
    wang = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    enter(wang, shop, wang_user)

    # The donor rounds up, and pays it with the order.
    wang.open("/checkout/")
    wang.hands.pick(wang.page.get_by_role("main").get_by_role("checkbox"))
    wang.press("Place the order and pay")
    order = Order.objects.get()
    more = show_yuan(order.round_up_fen)
    assert order.round_up_for == meals.account.name
    wang.sees("Rounded up for the fund")
    wang.sees(Exactly(show_yuan(order.total_fen)))
    total = show_yuan(order.total_fen)
    wang.press(wang.words("Pay %(amount)s", amount=total))
    wang.press(wang.words("Pay %(amount)s", amount=total))
    assert tasks.send_sandbox_notifications() == 1
    wang.sees_in_time("Paid. Thank you!")
    post(order.parcels.get(), now=timezone.now())

    # Two people give a grant of it, with evidence.
    first, second = at_the_desk(browser, shop, one), at_the_desk(browser, shop, two)
    first.open("/fund/desk/grants/new/")
    first.choose("Programme", "School meals")
    first.choose("To an organisation", payee.name)
    first.write("How many yuan?", f"{order.round_up_fen / 100:.2f}")
    first.write("What is it for?", WHAT_FOR)
    first.press("Prepare it")
    grant = Grant.objects.get()
    first.open(f"/fund/desk/grants/{grant.pk}/")
    first.sees("You prepared this. Somebody else has to look at it and approve it.")
    second.open("/fund/desk/")
    second.arrive_by(second.page.get_by_role("main").get_by_role("link").filter(has_text=WHAT_FOR))
    second.press("Approve it")
    second.sees("Nothing yet. Without it the grant cannot be paid.")
    paper: FilePayload = {"name": "receipt.pdf", "mimeType": "application/pdf", "buffer": scene.PAPER}
    second.field("A paper: photo or PDF").set_input_files(paper)
    second.write("What does it show?", "银行回单")
    second.press("Add it")
    second.press("It is paid")
    second.write("What became of it?", "孩子们吃上了热饭。")
    second.write("How many people did it reach?", "32")
    second.press("Publish it")

    # The donor is told, and follows it.
    wang.open("/notifications/")
    wang.sees("Your gift has become part of something")
    wang.open(f"/orders/{order.number}/")
    wang.follow("See what it becomes part of")
    wang.sees(Exactly(more))
    wang.arrive_by(wang.page.get_by_role("link", name=WHAT_FOR))
    wang.sees(Exactly("孩子们吃上了热饭。"))
    wang.follow("The entries behind it")
    wang.sees(Exactly(f"-{more}"))
    for person in (wang, first, second):
        person.context.close()
