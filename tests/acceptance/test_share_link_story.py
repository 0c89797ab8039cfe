"""Promise: a share link leads to an order and the order to a reward, and never to a second level, oneself or a ring.

Li shares a listing from her phone; Wang opens the link on his and orders; the box arrives well; Li reads what she was given,
and uses the coupon. What is refused stands beside, each with the same thing done rightly. Web and database are real.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone
from playwright.sync_api import Browser

from marketplace.models import Listing, RevisionPhoto, ShareLink
from orders.models import Coupon, Order, Parcel
from orders.services import parcels
from payments import tasks
from payments.models import Leg, Refund, ShareReward
from tests.acceptance.person import PHONE, Exactly, Person, Thumb
from tests.acceptance.running_shop import running_shop
from tests.acceptance.test_claim_story import enter, pay
from tests.make import make_farmer, make_listing
from tests.marketplace.test_sharing import make_link
from tests.orders.making import make_route, post
from tests.orders.test_attribution import bought_by, person


@pytest.fixture
def shop(transactional_db: None) -> Iterator[str]:
    with running_shop() as address:
        yield address


def arrives_well(order: Order) -> Parcel:
    """Paid at the provider, posted, received, and nobody complains; then the sweep runs, twice."""
    now = timezone.now()
    pay(order, now)
    parcel = order.parcels.select_related("farmer__user", "order__buyer").get()
    post(parcel, now=now)
    parcels.receive_parcel(parcel_id=parcel.pk, actor=order.buyer, now=now)
    parcels.run_timer(parcel_id=parcel.pk, now=now + timedelta(days=3))
    for _twice in range(2):
        tasks.follow_shares()
    return parcel


def balance(kind: str) -> int:
    return int(Leg.objects.filter(account__kind=kind).aggregate(fen=Sum("fen", default=0))["fen"])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_link_an_order_a_reward_and_the_coupon_used(browser: Browser, shop: str) -> None:
    make_route()
    listing = make_listing(make_farmer("陈桂兰家"), price_fen=10_000)
    RevisionPhoto.objects.all().delete()  # no picture of it lies in the storage
    Listing.objects.update(cover=None)
    sharer, buyer = person("李梅"), person("王小明")
    li = Person(browser, shop, language="zh-hans", screen=PHONE, hands=Thumb())
    wang = Person(browser, shop, language="en", screen=PHONE, hands=Thumb())
    enter(li, shop, sharer)
    enter(wang, shop, buyer)

    # Li shares it; Wang opens her link and orders.
    li.open(f"/listings/{listing.pk}/")
    li.follow("Share")
    li.press("Make my own link")
    link = ShareLink.objects.get(sharer=sharer)
    li.sees(li.words("Your link: %(address)s", address=f"{shop}/s/{link.code}/"))
    wang.page.goto(f"{shop}/s/{link.code}/")
    assert wang.page.url == f"{shop}/listings/{listing.pk}/"
    wang.press("Buy now")
    wang.follow("Go to checkout")
    wang.press("Place the order and pay")
    order = Order.objects.get(buyer=buyer)
    assert (order.attribution.link, order.attribution.refused) == (link, "")

    # It arrives well, and Li is given a hundredth of it.
    arrives_well(order)
    reward = ShareReward.objects.get()
    assert (reward.fen, reward.coupon.owner, balance("SHARING"), balance("COUPONS")) == (100, sharer, 100, -100)
    li.open("/me/shares/")
    li.sees(li.counted("opened %(n)s time", "opened %(n)s times", 1))
    li.sees(li.counted("%(n)s order", "%(n)s orders", 1))
    li.sees(Exactly("¥1.00"))

    # She uses it.
    li.open(f"/listings/{listing.pk}/")
    li.press("Buy now")
    li.follow("Go to checkout")
    li.pick(Exactly("¥1.00"))
    li.press("Place the order and pay")
    hers = Order.objects.get(buyer=sharer)
    assert hers.coupon_use.coupon == reward.coupon
    arrives_well(hers)
    assert Refund.objects.get(payment__order=hers).amount_fen == 100
    assert (balance("SHARING"), balance("COUPONS"), Coupon.objects.count()) == (100, 0, 1)


@pytest.mark.django_db
def test_no_second_level_no_self_no_ring_and_the_same_done_rightly() -> None:
    first, second, third = (person(name) for name in ("甲", "乙", "丙"))
    by_first, by_second, by_third = (make_link(who) for who in (first, second, third))

    # A second level: the first led the second, the second leads the third. Only the second is given anything.
    arrives_well(bought_by(second, by_first).order)
    arrives_well(bought_by(third, by_second).order)
    given = {reward.attribution.link.sharer: reward.fen for reward in ShareReward.objects.all()}
    assert set(given) == {first, second}
    assert ShareReward.objects.filter(attribution__link__sharer=first).count() == 1, "not for what the third bought"

    # Oneself, and a ring: noted, and nothing given. The control is the two above.
    for refused, buyer, link in (("SELF", first, by_first), ("RING", first, by_third), ("RING", first, by_second)):
        attribution = bought_by(buyer, link)
        assert attribution.refused == refused
        arrives_well(attribution.order)
    assert ShareReward.objects.count() == 2
    assert balance("SHARING") == sum(given.values()) == -balance("COUPONS")
