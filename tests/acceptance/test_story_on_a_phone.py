"""Promise: a box of oranges goes from the mountain to the city, on cheap phones, in Chinese.

A household signs up, is verified and lists its harvest with a photo; a moderator approves; a guest finds it in pinyin,
fills a cart from two farmers, signs in and pays; the farmers post; the buyer receives and reviews; everybody is told.
Web, worker, clock, database and the payment provider's notification are real; every page passed is inspected.
"""

import pytest
from playwright.sync_api import Browser

from accounts.models import User
from marketplace.models import Listing
from orders.services import carts
from tests.acceptance.person import PHONE, Exactly, Thumb
from tests.acceptance.roles import Box, Buyer, Farmer, Home, Household, Moderator
from tests.make import make_moderator, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHEN, ZHAO, MODERATOR, BUYER = "13900010001", "13900010002", "13900010003", "13900010004"
HOUSEHOLD = Household("陈桂兰家", "江西省", "寻乌县", "长宁镇", "新村", "陈桂兰", CHEN)
ORANGES = Box("脐橙", "5", "49.80", "20", "皮薄汁多，早上摘下午发。")
HOME = Home("王小明", "13900010004", "江苏省", "南京市", "玄武区", "珠江路 88 号 502 室")
REVIEW = "很甜，一个坏的都没有。"


def known_buyer(listing: Listing) -> User:
    """Somebody who put two boxes into the cart some other day, on some other phone."""
    buyer = make_user("王小明", phone=f"+86{BUYER}")
    carts.add_to_cart(cart_id=carts.open_cart(user=buyer).pk, listing_id=listing.pk, packs=2)
    return buyer


def test_a_box_of_oranges_reaches_the_city(browser: Browser, shop: str, neighbour: Listing) -> None:
    make_moderator(phone=f"+86{MODERATOR}")
    known_buyer(neighbour)
    chen = Farmer(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    zhao = Farmer(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    moderator = Moderator(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    wang = Buyer(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())

    # A household joins.
    chen.open("/")
    chen.follow("Sell", within=chen.tabs)
    chen.sign_in(CHEN)
    chen.apply(HOUSEHOLD)
    moderator.open("/me/")
    moderator.sign_in(MODERATOR)
    moderator.has_news("A farmer is waiting to be verified")
    moderator.verify(HOUSEHOLD, "打过电话，村委会也确认了。")
    chen.has_news("You can sell now")
    chen.was_sent(
        CHEN,
        chen.words("%(farmer)s is verified. Put up your first harvest: it takes a few minutes.", farmer=HOUSEHOLD.name),
    )

    # It lists its harvest, and a moderator agrees.
    chen.follow("Sell", within=chen.tabs)
    chen.follow("Sell something")
    chen.list_harvest(ORANGES)
    moderator.approve(ORANGES.produce, ORANGES.words, HOUSEHOLD.town)
    chen.has_news("Your listing is on sale")

    # A guest finds it, asks for postage, and fills a cart from two farmers.
    wang.open("/")
    wang.search("qicheng")
    wang.open_offer(HOUSEHOLD.name)
    wang.sees(Exactly(ORANGES.words))
    wang.finds_nothing_private_in_photos()
    wang.ask_for_postage(HOME.province)
    wang.sees(
        wang.words(
            "Postage %(postage)s for one box; boxes sent together pay for the first kilogram once.", postage="¥19.00"
        )
    )
    wang.put_in_cart()
    wang.search("baixiangguo")
    wang.open_offer(neighbour.farmer.name)
    wang.press("Buy now")
    wang.sees(Exactly(HOUSEHOLD.name))
    wang.sees(Exactly(neighbour.farmer.name))

    # Signing in brings what was in the cart before; then an address, and the money.
    wang.follow("Go to checkout")
    wang.sign_in(BUYER)
    wang.sees(Exactly(f"{ORANGES.produce} · 5 公斤 × 1"))
    wang.sees(Exactly("百香果 · 3 公斤 × 2"))
    wang.add_address(HOME)
    order = wang.pay()
    wang.has_news("Order placed", "Payment received")

    # Both farmers see what to pack, and post it.
    chen.was_sent(CHEN, Exactly(f"{order}-"))
    chen.post(ORANGES.produce, "SF Express", "SF1234567890123", to=HOME)
    zhao.open("/sell/")
    zhao.sign_in(ZHAO)
    zhao.post("百香果", "ZTO Express", "78123456789012", to=HOME)
    zhao.has_news("A new parcel to pack")

    # The buyer follows it, has it, and says how it was.
    wang.open(f"/orders/{order}/")
    wang.sees("on the way", within=wang.parcel_of(HOUSEHOLD.name))
    wang.sees(Exactly("SF1234567890123"), within=wang.parcel_of(HOUSEHOLD.name))
    wang.sees(Exactly("78123456789012"), within=wang.parcel_of(neighbour.farmer.name))
    wang.was_sent(BUYER, Exactly("SF1234567890123"))
    wang.press("I have received it", within=wang.parcel_of(HOUSEHOLD.name))
    wang.review(ORANGES.produce, "very good", REVIEW)
    moderator.show_review(REVIEW)
    guest = Buyer(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    guest.open("/")
    guest.search("qicheng")
    guest.open_offer(HOUSEHOLD.name)
    guest.sees(Exactly(REVIEW))
    guest.finds_nothing_private_in_photos()

    # Everybody was told what they must know.
    wang.has_news("Your parcel is on its way", "Your parcel is on its way", "Your review is shown")
    chen.has_news("A new parcel to pack", "The buyer has the parcel", "A buyer rated you")
