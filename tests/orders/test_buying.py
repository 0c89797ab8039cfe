"""The buyer's orders: seen by nobody else, followed to the end."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from orders.models import Order, Parcel
from orders.services import paying
from orders.tracking import clean_tracking_number
from tests.make import make_farmer, make_listing, make_user
from tests.orders.making import cancel_parcel, make_order, make_paid_order, make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(client) -> User:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    buyer = make_user("Buyer")
    client.force_login(buyer)
    return buyer


def page(client, order) -> str:
    return client.get(reverse("orders:order_detail", args=[order.number])).content.decode()


def test_an_unpaid_order_shows_the_time_left_and_where_to_pay(client, buyer):
    order = make_order(buyer, now=timezone.now() - timedelta(minutes=5))

    html = page(client, order)

    assert "data-countdown" in html
    assert "10 minutes" in html
    assert reverse("payments:pay", args=[order.number]) in html


@pytest.mark.parametrize("released", [True, False])
def test_after_the_time_is_over_the_page_says_so_kindly(client, buyer, released):
    order = make_order(buyer, now=timezone.now() - timedelta(minutes=16))
    if released:
        paying.release_order(order_id=order.pk, now=timezone.now())

    html = page(client, order)

    assert "not paid in time" in html
    assert "Order it again" in html
    assert "data-countdown" not in html


def test_a_parcel_on_its_way_shows_courier_number_and_the_button_to_receive(client, buyer):
    parcel = make_parcel(Parcel.State.ON_THE_WAY, buyer=buyer)

    html = page(client, parcel.order)

    assert "SF1234567890123" in html
    assert "I have received it" in html
    assert "Cancel this parcel" not in html


def test_the_buyer_says_it_has_come(client, buyer):
    parcel = make_parcel(Parcel.State.ON_THE_WAY, buyer=buyer)

    response = client.post(reverse("orders:parcel_receive", args=[parcel.number]))

    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.RECEIVED
    assert parcel.claim_until == parcel.received_at + timedelta(hours=48)
    assert response["Location"].endswith(f"#{parcel.number}")
    assert "Rate the Navel orange" in page(client, parcel.order)


def test_saying_so_twice_changes_nothing_more(client, buyer):
    parcel = make_parcel(Parcel.State.ON_THE_WAY, buyer=buyer)
    url = reverse("orders:parcel_receive", args=[parcel.number])
    client.post(url)
    parcel.refresh_from_db()
    first = parcel.received_at

    client.post(url)

    parcel.refresh_from_db()
    assert parcel.received_at == first
    assert parcel.events.filter(event="RECEIVE").count() == 1


def test_a_parcel_to_pack_may_be_cancelled_and_says_by_when_it_is_posted(client, buyer):
    parcel = make_parcel(buyer=buyer)

    html = page(client, parcel.order)

    assert reverse("payments:parcel_cancel", args=[parcel.number]) in html
    assert "at the latest" in html


def test_cancelling_gives_all_back_and_the_last_one_cancels_the_order(buyer):
    chen, li = make_listing(make_farmer("Chen"), packs=5), make_listing(make_farmer("Li"), packs=5)
    order = make_paid_order(buyer, {chen: 2, li: 1})
    first, second = order.parcels.all()

    assert cancel_parcel(parcel_id=first.pk, actor=buyer, reason="", now=timezone.now()) == first.total_fen

    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert (chen.lots.get().sold, chen.lots.get().left) == (0, 5)
    cancel_parcel(parcel_id=second.pk, actor=li.farmer.user, reason="Hail took them.", now=timezone.now())
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert [parcel.refunded_fen for parcel in order.parcels.all()] == [first.total_fen, second.total_fen]


def test_strangers_find_nothing_and_change_nothing(client, buyer):
    parcel = make_parcel(Parcel.State.ON_THE_WAY)

    assert client.get(reverse("orders:order_detail", args=[parcel.order.number])).status_code == 404
    assert client.post(reverse("orders:parcel_receive", args=[parcel.number])).status_code == 404
    client.force_login(parcel.farmer.user)
    assert client.get(reverse("orders:order_detail", args=[parcel.order.number])).status_code == 404
    assert client.post(reverse("orders:parcel_receive", args=[parcel.number])).status_code == 404
    client.logout()
    assert client.get(reverse("orders:order_list")).status_code == 302

    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.ON_THE_WAY


def test_the_list_goes_on_where_it_stopped(client, buyer):
    orders = [make_order(buyer) for _ in range(12)]
    other = make_order()

    html = client.get(reverse("orders:order_list")).content.decode()
    rest = client.get(reverse("orders:order_list"), {"after": orders[2].number}).content.decode()

    assert f"?after={orders[2].number}" in html
    assert orders[1].number not in html
    assert orders[1].number in rest
    assert other.number not in html + rest


@pytest.mark.parametrize("count", [1, 6])
def test_lists_and_orders_cost_the_same_queries_however_long(client, buyer, count, django_assert_num_queries):
    wanted = {make_listing(make_farmer(f"Farmer {n}")): 1 for n in range(count)}
    orders = [make_paid_order(buyer, wanted) for _ in range(count)]

    with django_assert_num_queries(7):  # session, user, orders, parcels, lines, cart count, unread count
        client.get(reverse("orders:order_list"))
    with django_assert_num_queries(11):  # and the parcels' events, reviews, the ledger, what goes back by hand
        page(client, orders[0])


@pytest.mark.parametrize(
    ("courier", "typed", "kept"),
    [
        ("SF", "sf 1234-5678-90123", "SF1234567890123"),
        ("SF", "ＳＦ１２３４５６７８９０１２３", "SF1234567890123"),
        ("EMS", "EA123456789CN", "EA123456789CN"),
        ("ZTO", "75123456789012", "75123456789012"),
        ("JD", "JDVA12345678901", "JDVA12345678901"),
        ("OTHER", "AB12345678", "AB12345678"),
    ],
)
def test_tracking_numbers_as_people_type_them(courier, typed, kept):
    assert clean_tracking_number(courier, typed) == kept
