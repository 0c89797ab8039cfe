"""Promise: the whole job can be done in English, on a laptop, with the keyboard alone.

A household joins with an e-mail address and lists its harvest; a moderator approves; a guest finds it, fills a cart from
two farmers, signs in for the first time and pays; the farmers post; the buyer receives and reviews; everybody is told. The
price goes down while it is in the guest's cart. Each thing is reached by Tab, can be seen to have the focus, and is
pressed with Enter or Space; every page passed is inspected, in dark colours.
"""

import pytest
from playwright.sync_api import Browser

from marketplace.models import Listing
from tests.acceptance.person import LAPTOP, Exactly, Keyboard
from tests.acceptance.roles import Box, Buyer, Farmer, Home, Household, Moderator
from tests.make import make_moderator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHEN, ZHAO, MODERATOR, BUYER = "chen@example.com", "13900010002", "13900010003", "olivia@example.com"
HOUSEHOLD = Household("Chen Guilan's farm", "Jiangxi", "Xunwu County", "Changning", "Xincun", "陈桂兰", "13900010001")
ORANGES = Box("Navel orange", "5", "49.80", "20", "Thin skin, much juice. Picked in the morning, posted by noon.")
HOME = Home("Olivia Wang", "13900010004", "Jiangsu", "Nanjing City", "Xuanwu District", "Zhujiang Road 88, room 502")
REVIEW = "Very sweet, and not one was bad."


def test_a_box_of_oranges_is_sold_with_the_keyboard(browser: Browser, shop: str, neighbour: Listing) -> None:
    make_moderator(phone=f"+86{MODERATOR}")
    chen = Farmer(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())
    zhao = Farmer(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())
    moderator = Moderator(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())
    olivia = Buyer(browser, shop, language="en", screen=LAPTOP, hands=Keyboard())

    # A household joins.
    chen.open("/")
    chen.skip_to_the_content()
    chen.follow("Sell what you grow")
    chen.sign_in(CHEN)
    chen.apply(HOUSEHOLD)
    moderator.open("/moderation/farmers/")
    moderator.sign_in(MODERATOR)
    moderator.has_news("A farmer is waiting to be verified")
    moderator.verify(HOUSEHOLD, "Called them, and the village office.")
    chen.has_news("You can sell now")
    chen.was_sent(CHEN, Exactly(f"{HOUSEHOLD.name} is verified."))

    # It lists its harvest, and a moderator agrees.
    chen.open("/sell/")
    chen.follow("Sell something")
    chen.list_harvest(ORANGES)
    moderator.approve(ORANGES.produce, ORANGES.words, HOUSEHOLD.town)
    chen.has_news("Your listing is on sale")

    # A guest finds it and fills a cart from two farmers; the price is changed meanwhile.
    olivia.open("/")
    olivia.search("navel orange")
    olivia.open_offer(HOUSEHOLD.name)
    olivia.sees(Exactly(ORANGES.words))
    olivia.ask_for_postage(HOME.province)
    olivia.sees(Exactly("Postage ¥19.00 for one box; boxes sent together pay for the first kilogram once."))
    olivia.put_in_cart(packs=2)
    listing = Listing.objects.get(farmer__name=HOUSEHOLD.name)
    chen.change_on_the_spot(listing.pk, "Price of a box, in yuan", "47.80", "Buyers see the new price now.")
    olivia.search("baixiangguo")
    olivia.open_offer(neighbour.farmer.name)
    olivia.press("Buy now")
    olivia.sees(Exactly(HOUSEHOLD.name))
    olivia.sees(Exactly(neighbour.farmer.name))
    olivia.sees("price changed")

    # Signing in for the first time keeps the cart; then an address, and the money.
    olivia.follow("Go to checkout")
    olivia.sign_in(BUYER)
    olivia.sees(Exactly(f"{ORANGES.produce} · 5 kg × 2"))
    olivia.sees(Exactly("Passion fruit · 3 kg × 1"))
    olivia.add_address(HOME)
    order = olivia.pay()
    olivia.has_news("Order placed", "Payment received")

    # Both farmers see what to pack, and post it.
    chen.was_sent(CHEN, Exactly(f"{order}-"))
    chen.post(ORANGES.produce, "SF Express", "SF1234567890123", to=HOME)
    zhao.open("/sell/")
    zhao.sign_in(ZHAO)
    zhao.post("Passion fruit", "ZTO Express", "78123456789012", to=HOME)
    zhao.has_news("A new parcel to pack")

    # The buyer follows it, has it, and says how it was.
    olivia.open(f"/orders/{order}/")
    olivia.sees("on the way", within=olivia.parcel_of(HOUSEHOLD.name))
    olivia.sees(Exactly("SF1234567890123"), within=olivia.parcel_of(HOUSEHOLD.name))
    olivia.sees(Exactly("78123456789012"), within=olivia.parcel_of(neighbour.farmer.name))
    olivia.was_sent(BUYER, Exactly("SF1234567890123"))
    olivia.press("I have received it", within=olivia.parcel_of(HOUSEHOLD.name))
    olivia.review(ORANGES.produce, "very good", REVIEW)
    moderator.show_review(REVIEW)
    olivia.search("orange")
    olivia.open_offer(HOUSEHOLD.name)
    olivia.sees(Exactly(REVIEW))
    olivia.finds_nothing_private_in_photos()

    # Everybody was told what they must know.
    olivia.has_news("Your parcel is on its way", "Your parcel is on its way", "Your review is shown")
    chen.has_news("A new parcel to pack", "The buyer has the parcel", "A buyer rated you")
