"""Promise: a claim ends fairly and to the fen, for both sides, at their own screens.

Three bad oranges of 25, counted, with a photo: the farmer agrees, the money goes back at the provider, and buyer and farmer
read the same figures. Another box was crushed on the way, and the farmer sees it differently: a moderator decides, after the
second step, that it was the courier, and the farmer keeps all of theirs. Web, database and the provider's books are real.
"""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload

from accounts.models import User
from common.money import show_yuan, yuan
from marketplace.models import Listing
from marketplace.services.photos import process_photo
from orders.models import Order, Parcel
from orders.services import parcels
from payments import earnings, statements, tasks
from payments.gateways.sandbox import NAME, provider
from payments.gateways.sandbox.gateway import SandboxGateway
from payments.models import Claim, SandboxTrade
from payments.services import settling, starting
from tests.acceptance.person import LAPTOP, PHONE, Exactly, Keyboard, Person, Thumb
from tests.acceptance.running_shop import running_shop
from tests.accounts.test_second_step import app_code
from tests.make import make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.pictures import telling_jpeg
from tests.orders.making import post
from tests.payments.scene import make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    """A shop that asks staff for their second step and pays at once only what is very small."""
    with running_shop(STAFF_NEED_TOTP="1", CLAIMS_AT_ONCE_FEN="300") as address:
        yield address


def pay(order: Order, now: datetime) -> None:
    """At the sandbox provider, which knows of the trade, and whose word is then believed."""
    payment = starting.open_payment(order_id=order.pk, buyer=order.buyer, gateway=NAME, now=now)
    home = "http://127.0.0.1/"
    trade = provider.create_trade(
        reference=payment.reference,
        subject=order.number,
        amount_fen=payment.amount_fen,
        notify_url=home,
        return_url=home,
        expires_at=order.pay_by,
        now=now,
    )
    provider.decide(token=trade.token, decision=provider.Decision.PAY, now=now)
    paid = SandboxGateway().query(payment).paid
    assert paid
    settling.settle(paid, now)


def arrived(packs: dict, buyer: User, now: datetime) -> Parcel:
    """A paid box that its buyer has in their hands."""
    order = make_order(packs, buyer=buyer)
    pay(order, now)
    parcel = order.parcels.select_related("farmer__user", "order").get()
    post(parcel, now=now)
    return parcels.receive_parcel(parcel_id=parcel.pk, actor=buyer, now=now)


def enter(person: Person, shop: str, user: User, second_step_at: float | None = None) -> None:
    """Signed in on this screen since a while; staff with the second step taken then."""
    client = Client()
    client.force_login(user)
    if second_step_at:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": second_step_at, "type": "totp"}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    person.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": shop}])


def claim(buyer: Person, parcel: Parcel, kind: str, words: str, bad: int, out_of: int) -> None:
    """From the order: what is wrong, how many of how many, and a photo."""
    buyer.open(f"/orders/{parcel.order.number}/")
    buyer.follow("Something is wrong with it")
    buyer.pick(kind)
    buyer.write("What exactly?", words)
    photo: FilePayload = {"name": "IMG_0003.jpg", "mimeType": "image/jpeg", "buffer": telling_jpeg()}
    buyer.field("Photos of what arrived").set_input_files(photo)
    for _ in range(bad):
        buyer.hands.press(buyer.page.get_by_role("button", name=buyer.words("One more"), exact=True))
    buyer.write("Of how many pieces in all?", str(out_of))
    buyer.press("Tell the farmer")
    buyer.sees("The farmer has been told.")
    buyer.sees(buyer.words("%(bad)s of %(out_of)s pieces", bad=bad, out_of=out_of))


def seen_by_the_provider(parcel: Parcel) -> int:
    """Photos made ready and refunds sent, as the worker would; what the provider gave back of the order, by its own books."""
    for place in Claim.objects.get(parcel=parcel).photo_places.all():
        process_photo(photo_id=place.photo_id, now=timezone.now())
    tasks.send_refunds()
    return SandboxTrade.objects.get(reference=parcel.order.payments.get().reference).refunded_fen


def test_three_bad_oranges_and_one_crushed_box(browser: Browser, shop: str) -> None:
    now = timezone.now()
    farmer_user, moderator_user = make_user("陈桂兰"), make_moderator()
    farmer = make_farmer("陈桂兰家", user=farmer_user)
    buyer_user, listing = make_user("王小明"), make_listing(farmer)
    Listing.objects.update(cover=None)  # no picture of it lies in the storage
    bad, crushed = (arrived({listing: 1}, buyer_user, now) for _ in range(2))
    line, other = bad.lines.get(), crushed.lines.get()
    secret = generate_totp_secret()
    TOTP.activate(moderator_user, secret)
    wang = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    chen = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    judge = Person(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())
    enter(wang, shop, buyer_user)
    enter(chen, shop, farmer_user)
    enter(judge, shop, moderator_user, second_step_at=time.time() - 3600)

    # Three of 25 are bad, and the farmer agrees.
    claim(wang, bad, "spoiled or damaged", "打开三个已经烂了", 3, 25)
    chen.open(f"/parcels/{bad.number}/claim/")
    chen.sees(Exactly("打开三个已经烂了"))
    chen.press(chen.words("Agree and give back %(amount)s", amount="¥5.98"))
    assert seen_by_the_provider(bad) == 598
    for side in (wang, chen):
        side.open(f"/parcels/{bad.number}/claim/")
        side.sees(side.words("Agreed: %(amount)s goes back to the buyer.", amount="¥5.98"))

    # Another was crushed; the farmer sees it differently, and a moderator decides.
    claim(wang, crushed, "crushed or wet on the way", "箱子压扁了", 5, 25)
    chen.open(f"/parcels/{crushed.number}/claim/")
    chen.page.get_by_role("main").locator("summary").first.tap()
    chen.write("How do you see it?", "装箱时都是好的")
    chen.press("Send it, and let a moderator decide")
    seen_by_the_provider(crushed)
    judge.open("/moderation/claims/")
    judge.arrive_by(judge.page.get_by_role("main").get_by_role("link").filter(has_text=farmer.name))
    judge.sees(Exactly("箱子压扁了"))
    judge.sees(Exactly("装箱时都是好的"))
    judge.pick("all that was asked for, ¥9.96")
    judge.pick("on the way, with the courier")
    judge.write("Why? Buyer and farmer read this.", "照片上箱子压扁了")
    judge.press("Decide it")
    judge.sees("Is it you?")  # the second step was an hour ago; what was typed is kept
    assert Claim.objects.get(parcel=crushed).state == "OPEN"
    judge.hands.write(judge.page.get_by_role("main").get_by_role("textbox"), app_code(secret))
    judge.press("Go on")
    judge.press("Send it now")
    judge.sees("Nothing waits")
    assert seen_by_the_provider(crushed) == 996

    # Both read the same figures: the bad ones come off what is the farmer's, the crushed ones do not.
    kept = earnings.take_home([line.pk, other.pk])
    back_of_the_fund = 598 - (line.farmer_fen - kept[line.pk])
    assert 0 <= back_of_the_fund <= 6  # the fund's hundredth of it
    assert kept[other.pk] == other.farmer_fen
    for parcel, its_line in ((bad, line), (crushed, other)):
        wang.open(f"/orders/{parcel.order.number}/")
        wang.sees(Exactly(show_yuan(kept[its_line.pk])))
        chen.open(reverse("orders:parcel_detail", args=[parcel.number]))
        chen.sees(Exactly(show_yuan(kept[its_line.pk])))
    chen.open("/sell/money/")
    chen.sees("you bear nothing of it")
    statement = statements.statement_of(farmer, *timezone.localtime(now).timetuple()[:2])
    both = Parcel.objects.filter(pk__in=[bad.pk, crushed.pk]).prefetch_related("lines")
    assert statement.closing_fen == sum(money.total_fen for money in earnings.with_money(list(both)))
    sheet = chen.context.request.get(
        f"/sell/money/{timezone.localtime(now):%Y/}{timezone.localtime(now).month}/"
    ).text()
    assert yuan(statement.closing_fen) in sheet
    for person in (wang, chen, judge):
        person.context.close()
