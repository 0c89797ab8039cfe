"""The farmer's money page and the take-home that both sides read: one figure, from the ledger."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from common.transactions import use_case
from orders.services import parcels
from payments import earnings
from payments.models import Refund
from payments.services import cancel_and_refund, refunding, start_payment
from tests.make import make_farmer, make_listing
from tests.orders.making import post
from tests.payments import on_delivery_scene
from tests.payments.offline_scene import came, make_code
from tests.payments.scene import first_parcel, make_order, make_paid_order

pytestmark = pytest.mark.django_db

owe = use_case(refunding.owe_refund)


@pytest.fixture
def farmer():
    return make_farmer()


@pytest.fixture
def parcel(farmer, settings):
    """Two boxes at 49.80 and postage, paid; 1 % is the fund's."""
    settings.FUND_SHARE_BASIS_POINTS = 100
    return first_parcel(make_paid_order(make_order({make_listing(farmer, price_fen=4980): 2})))


def see(client, user, name="payments:farm_money", *args, language="en", **data) -> str:
    client.force_login(user)
    return client.get(reverse(name, args=args), data, headers={"accept-language": language}).text


def deliver(parcel) -> None:
    parcels.post_parcel(
        parcel_id=parcel.pk, actor=parcel.farmer.user, courier="SF", tracking_number="SF1234567890123",
        now=timezone.now(),
    )  # fmt: skip
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())


def test_before_the_first_sale_it_says_what_will_stand_there(client, farmer):
    assert "Nothing sold yet" in see(client, farmer.user)


def test_what_is_paid_is_held_until_it_is_posted(client, parcel, farmer):
    page = see(client, farmer.user)

    assert earnings.money_of(farmer) == earnings.Money(held_fen=9861 + parcel.postage_fen, due_fen=0)
    assert "¥98.61" in page
    assert "The buyer paid ¥99.60" in page
    assert "fund ¥0.99" in page
    assert "a first part is released when you have posted" in page


def test_what_is_released_and_until_when_the_rest_is_held(client, parcel, farmer):
    deliver(parcel)
    money = earnings.parcels_of(farmer)[0]

    assert money.free_fen == money.total_fen * 70 // 100
    parcel.refresh_from_db()
    assert money.held_until == parcel.claim_until
    assert "if nobody complains" in see(client, farmer.user)


def test_both_sides_read_the_same_take_home_after_money_went_back(client, parcel, farmer):
    deliver(parcel)
    owe(
        payment=parcel.order.payments.get(), amount_fen=3000, reason=Refund.Reason.CLAIM, now=timezone.now(), parcel=parcel
    )  # fmt: skip
    line = parcel.lines.get()
    kept = earnings.take_home([line.pk])[line.pk]

    assert 9861 - 3000 < kept < 9861 - 2900  # the fund gives back its part too
    shown = f"¥{kept // 100}.{kept % 100:02d}"
    assert shown in see(client, parcel.order.buyer, "orders:order_detail", parcel.order.number)
    assert shown in see(client, farmer.user, "orders:parcel_detail", parcel.number)
    assert shown in see(client, farmer.user)
    assert "claim agreed or decided" in see(client, farmer.user)


def test_a_cancelled_parcel_is_nobodys_and_says_why(client, parcel, farmer):
    cancel_and_refund(parcel_id=parcel.pk, actor=parcel.order.buyer, reason="", now=timezone.now())

    assert earnings.money_of(farmer) == earnings.Money(held_fen=0, due_fen=0)
    assert "parcel cancelled" in see(client, farmer.user)


def test_a_neighbour_sees_nothing_of_it(client, parcel):
    assert parcel.number not in see(client, make_farmer("Neighbour").user)


def test_a_settled_parcel_is_all_released(parcel, farmer):
    deliver(parcel)
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now() + timedelta(days=3))

    assert earnings.money_of(farmer) == earnings.Money(held_fen=0, due_fen=9861 + parcel.postage_fen)


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_costs_the_same_queries_however_much_there_is(
    client, farmer, count, django_assert_num_queries, settings
):
    for _ in range(count):
        make_paid_order(make_order({make_listing(farmer): 1, make_listing(farmer): 2}))
        cancelled = first_parcel(make_paid_order(make_order({make_listing(farmer): 1})))
        cancel_and_refund(parcel_id=cancelled.pk, actor=cancelled.order.buyer, reason="", now=timezone.now())
    client.force_login(farmer.user)

    # session, user, farmer; balances, parcels, lines, legs, refunds, payouts, unpaid; cart and unread counts
    with django_assert_num_queries(14):
        client.get(reverse("payments:farm_money"))


def test_it_goes_on_page_by_page(client, farmer, monkeypatch):
    monkeypatch.setattr(earnings, "PAGE_SIZE", 2)
    numbers = [first_parcel(make_paid_order(make_order({make_listing(farmer): 1}))).number for _ in range(3)]

    page = see(client, farmer.user)
    assert [number in page for number in numbers] == [False, True, True]
    older = earnings.parcels_of(farmer)[1].parcel.pk
    assert numbers[0] in see(client, farmer.user, after=str(older))


def test_the_listing_says_where_the_price_goes(client, settings):
    settings.FUND_SHARE_BASIS_POINTS = 100
    listing = make_listing(price_fen=4980)

    page = client.get(reverse("marketplace:listing_detail", args=[listing.pk]), headers={"accept-language": "en"}).text

    assert "Of ¥49.80, ¥49.31 are the farmer" in page
    assert "¥0.49 go to the fund" in page
    assert "to this shop" not in page


@pytest.mark.parametrize(
    ("gateways", "shown", "hidden"),
    [
        ("sandbox,offline", ["Of ¥49.80, ¥49.31 are", "¥0.49 go to the fund", "directly, and all of the ¥49.80"], []),
        ("offline", ["Of ¥49.80, ¥49.80 are the farmer"], ["fund", "Pay the farmer directly"]),
        ("sandbox", ["Of ¥49.80, ¥49.31 are", "¥0.49 go to the fund"], ["Pay the farmer directly"]),
        ("on_delivery", ["Of ¥49.80, ¥49.80 are the farmer"], ["fund", "Pay the farmer directly"]),
    ],
)
def test_where_the_price_goes_is_what_the_ledger_then_says_whichever_way_it_is_paid(
    client, settings, gateways, shown, hidden
):
    settings.PAYMENT_GATEWAY, settings.FUND_SHARE_BASIS_POINTS = gateways, 100
    farmer = make_farmer()
    make_code(farmer)
    if "on_delivery" in gateways:
        on_delivery_scene.offer(farmer)
    listing = make_listing(farmer, price_fen=4980)

    page = client.get(reverse("marketplace:listing_detail", args=[listing.pk]), headers={"accept-language": "en"}).text

    panel = page[page.index('class="stack tight shares"') :].partition("</div>")[0]
    assert [words for words in shown if words not in panel] == []
    assert [words for words in hidden if words in panel] == []
    for name in gateways.split(","):
        order = make_order({listing: 1})
        if name == "offline":
            start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway=name)
            came(order)
        elif name == "on_delivery":
            on_delivery_scene.promise(order)
            post(first_parcel(order), now=timezone.now())
            on_delivery_scene.came(first_parcel(order))
        else:
            make_paid_order(order)
        line = first_parcel(order).lines.get()
        assert earnings.take_home([line.pk]) == {line.pk: 4931 if name == "sandbox" else 4980}
