"""What sharing earns and costs: once, when a parcel has settled, borne by the operator, to the fen."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from common.transactions import use_case
from orders.errors import CouponGone
from orders.models import Coupon, CouponUse, Order, Parcel
from orders.services import coupons as coupon_services
from orders.services import parcels
from orders.sharing import coupons_of
from payments import tasks
from payments.earnings import take_home
from payments.gateways.base import PaidEvent
from payments.models import Leg, Payment, Refund, ShareReward
from payments.services import cancelling
from payments.services.refunding import owe_refund
from payments.services.settling import mark_of
from payments.services.sharing import follow_settled
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_listing
from tests.marketplace.test_sharing import make_link
from tests.orders import making
from tests.orders.test_attribution import person
from tests.payments import scene

pytestmark = pytest.mark.django_db
EVENT = PaidEvent(
    gateway="wechat",
    event_id="E1",
    reference="R1",
    trade_number="T1",
    merchant_id="M",
    amount_fen=1,
    currency="CNY",
    paid_at=NOON,
)


def balance(kind: str) -> int:
    return Leg.objects.filter(account__kind=kind).aggregate(fen=Sum("fen", default=0))["fen"]


def order_by(buyer, link=None, *, price_fen=10_000, farmer=None, **fields) -> Parcel:
    """A paid parcel of one box, ordered by a link, perhaps with a coupon."""
    listing = make_listing(farmer, price_fen=price_fen)
    order = making.make_order(buyer, {listing: 1}, now=timezone.now(), led_by=link.code if link else "", **fields)
    return scene.make_paid_order(order).parcels.get()


def settle(parcel: Parcel) -> Parcel:
    """It is posted, received, and nobody complains."""
    now = timezone.now()
    making.post(parcel, now=now)
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=now)
    parcels.run_timer(parcel_id=parcel.pk, now=now + timedelta(days=3))
    parcel.refresh_from_db()
    assert parcel.state == "SETTLED"
    return parcel


def coupon_for(owner, fen=300) -> Coupon:
    return Coupon.objects.create(owner=owner, fen=fen, given_at=timezone.now())


def test_the_reward_comes_when_the_parcel_settles_and_only_then():
    sharer, buyer = person("Sharer"), person("Buyer")
    parcel = order_by(buyer, make_link(sharer))

    tasks.follow_shares()
    assert not ShareReward.objects.exists(), "not while it may still go back"
    settle(parcel)
    for _twice in range(2):
        tasks.follow_shares()

    reward = ShareReward.objects.get()
    assert (reward.way, reward.fen, reward.coupon.owner) == ("COUPON", 100, sharer)
    assert (balance("SHARING"), balance("COUPONS")) == (100, -100)
    assert take_home([parcel.lines.get().pk]) == {parcel.lines.get().pk: 9900}, "the farmer's part is what it always is"
    assert list(sharer.notifications.values_list("kind", flat=True)) == ["share_rewarded"]


def test_to_the_fund_as_the_sharer_chose(client):
    sharer = person("Sharer")
    client.force_login(sharer)
    assert client.post("/me/shares/", {"to_fund": "1"}).status_code == 302
    parcel = settle(order_by(person("Buyer"), make_link(sharer)))
    before = balance("FUND")
    tasks.follow_shares()

    assert ShareReward.objects.get().way == "FUND"
    assert (balance("FUND") - before, balance("SHARING"), Coupon.objects.count()) == (-100, 100, 0)
    assert "¥1.00" in client.get("/me/shares/").content.decode()
    assert follow_settled(parcel_id=parcel.pk, now=timezone.now()) is False


@pytest.mark.parametrize("why", ["OWN", "RING", "REFUNDED", "BLOCKED"])
def test_nothing_and_why(why):
    sharer, buyer = person("Sharer"), person("Buyer")
    link = make_link(sharer)
    parcel = order_by(buyer, link, farmer=make_farmer(user=sharer) if why == "OWN" else None)
    if why == "RING":  # the buyer leads the sharer afterwards
        assert order_by(sharer, make_link(buyer)).order.attribution.refused == "RING"
    settle(parcel)
    if why == "BLOCKED":
        type(sharer).objects.filter(pk=sharer.pk).update(is_active=False)
    if why == "REFUNDED":
        Parcel.objects.filter(pk=parcel.pk).update(refunded_fen=parcel.goods_fen)
    tasks.follow_shares()

    reward = ShareReward.objects.get(parcel=parcel)
    assert (reward.way, reward.why, reward.fen) == ("NOTHING", why, 0)
    assert (balance("SHARING"), Coupon.objects.count()) == (0, 0)


@pytest.mark.parametrize(("same", "why"), [(True, "SELF"), (False, "")])
def test_nothing_for_an_order_of_another_account_that_the_sharer_paid_for(same, why):
    """Neither phone nor address nor account gives it away: only the provider knows whose money it was."""
    sharer, puppet = person("Sharer"), person("Puppet")
    own = order_by(sharer)
    parcel = settle(order_by(puppet, make_link(sharer)))
    for place, each in enumerate((own, parcel)):
        payer = "o-one-person" if same else f"o-{place}"
        mark = mark_of(replace(EVENT, payer=payer))
        Payment.objects.filter(order=each.order).update(payer_mark=mark)
    tasks.follow_shares()

    assert parcel.order.attribution.refused == ""
    assert ShareReward.objects.get(parcel=parcel).why == why


def test_a_payer_nobody_names_is_no_payer_in_common():
    assert mark_of(EVENT) == ""
    sharer = person("Sharer")
    order_by(sharer)
    parcel = settle(order_by(person("Buyer"), make_link(sharer)))
    tasks.follow_shares()

    assert ShareReward.objects.get(parcel=parcel).way == "COUPON"


def test_a_refused_attribution_and_a_cancelled_parcel_earn_nothing():
    sharer, buyer = person("Sharer"), person("Buyer")
    link = make_link(sharer)
    own = settle(order_by(sharer, link))
    gone = order_by(buyer, link)
    cancelling.cancel_and_refund(parcel_id=gone.pk, actor=buyer, reason="", now=timezone.now())
    tasks.follow_shares()

    assert not ShareReward.objects.exists()
    with pytest.raises(IntegrityError, match="no reward is due"), transaction.atomic():
        ShareReward.objects.create(
            parcel=own, attribution=own.order.attribution, way="FUND", fen=1, given_at=timezone.now()
        )


def test_a_coupon_comes_back_once_the_parcel_settled_and_the_farmer_loses_nothing(client):
    buyer = person("Buyer")
    coupon = coupon_for(buyer)
    parcel = order_by(buyer, coupon_id=coupon.pk)
    assert list(coupons_of(buyer)) == []
    client.force_login(buyer)
    assert "¥3.00" in client.get(f"/orders/{parcel.order.number}/").content.decode()
    settle(parcel)
    for _twice in range(2):
        tasks.follow_shares()

    refund = Refund.objects.get()
    parcel.refresh_from_db()
    assert (refund.amount_fen, refund.reason, parcel.refunded_fen, balance("COUPONS")) == (300, "COUPON", 300, 300)
    assert take_home([parcel.lines.get().pk]) == {parcel.lines.get().pk: 9900}
    assert list(coupons_of(buyer)) == []


@pytest.mark.parametrize("how", ["cancelled", "released", "refunded"])
def test_a_coupon_is_given_back_when_nothing_came_of_it(how):
    buyer = person("Buyer")
    coupon = coupon_for(buyer)
    if how == "released":
        order = making.make_order(buyer, {make_listing(): 1}, now=timezone.now(), coupon_id=coupon.pk)
        making.paying.release_order(order_id=order.pk, now=order.pay_by + timedelta(seconds=1))
    elif how == "cancelled":
        parcel = order_by(buyer, coupon_id=coupon.pk)
        cancelling.cancel_and_refund(parcel_id=parcel.pk, actor=buyer, reason="", now=timezone.now())
    else:
        parcel = settle(order_by(buyer, coupon_id=coupon.pk, price_fen=400))
        payment = parcel.order.payments.get()
        with transaction.atomic():
            give_nearly_all_back(parcel, payment)
        tasks.follow_shares()

    assert list(coupons_of(buyer)) == [coupon]
    assert not Refund.objects.filter(reason="COUPON").exists()
    again = order_by(buyer, coupon_id=coupon.pk)
    assert again.coupon_use.coupon == coupon


def give_nearly_all_back(parcel, payment):
    """As an appeal does, so that less than the coupon is left of what the produce cost."""
    parcels.give_more_back(parcel_id=parcel.pk, back_fen=200)
    owe_refund(payment=payment, amount_fen=200, reason=Refund.Reason.CLAIM, now=timezone.now(), parcel=parcel)


def test_who_may_use_a_coupon_and_for_what(client):
    buyer, other = person("Buyer"), person("Other")
    with pytest.raises(CouponGone):
        making.make_order(buyer, {make_listing(): 1}, now=timezone.now(), coupon_id=coupon_for(other).pk)
    assert not Order.objects.exists()
    client.force_login(buyer)
    large = coupon_for(buyer, 5000)
    cart = making.make_cart(buyer, {make_listing(): 1})
    sent = {
        "address": buyer.addresses.get().pk,
        "expected_total_fen": making.total_of(cart),
        "checkout_key": "0" * 32,
        "coupon": large.pk,
        "note": "放门口",
    }
    page = client.post("/checkout/", sent)
    assert page.status_code == 422
    assert "放门口" in page.content.decode()
    assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_checkouts_in_one_moment_use_a_coupon_once(monkeypatch):
    buyer = person("Buyer")
    coupon = coupon_for(buyer)
    first, second = (making.make_order(buyer, {make_listing(): 1}, now=timezone.now()) for _order in range(2))
    put = use_case(coupon_services.put_coupon)
    results = at_once(
        *[partial(put, order, coupon.pk, timezone.now()) for order in (first, second)]
    )  # without the buyer's row held, as place_order holds it: only PostgreSQL is left

    assert CouponUse.objects.filter(coupon=coupon).count() == 1
    assert sorted(names(results)) in (["CouponUse", "IntegrityError"], ["CouponGone", "CouponUse"])
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX coupon_used_once")
    try:  # the control: without the index, what was looked at a moment ago is no longer so
        CouponUse.objects.all().update(returned_at=None)
        third, fourth = (making.make_order(buyer, {make_listing(): 1}, now=timezone.now()) for _order in range(2))
        CouponUse.objects.all().update(returned_at=timezone.now())
        meet, looked = threading.Barrier(2), CouponUse.objects.filter

        def meeting(**wanted):
            found = looked(**wanted).exists()
            meet.wait(timeout=20)
            return type("Found", (), {"exists": staticmethod(lambda: found)})

        monkeypatch.setattr(coupon_services.CouponUse.objects, "filter", meeting)
        at_once(*[partial(put, order, coupon.pk, timezone.now()) for order in (third, fourth)])
        monkeypatch.undo()
        assert CouponUse.objects.filter(coupon=coupon, returned_at=None).count() == 2
    finally:
        monkeypatch.undo()
        CouponUse.objects.filter(returned_at=None).update(returned_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX coupon_used_once ON orders_couponuse (coupon_id) WHERE returned_at IS NULL"
            )
