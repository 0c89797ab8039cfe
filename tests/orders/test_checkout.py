"""The checkout page: one page, one button, and plain words when something changed meanwhile."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from marketplace.models import Listing
from orders.models import Order
from tests.make import make_address, make_farmer, make_listing, make_region, make_user
from tests.orders.making import make_cart

pytestmark = pytest.mark.django_db
CHECKOUT = "/checkout/"


@pytest.fixture
def buyer(client: Client) -> User:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    buyer = make_user("Buyer")
    client.force_login(buyer)
    return buyer


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(address|checkout_key|expected_total_fen)" value="([^"]*)"', html))


def test_a_guest_is_asked_to_sign_in_first(client):
    response = client.get(CHECKOUT)

    assert response.status_code == 302
    assert "next=/checkout/" in response["Location"]


def test_an_empty_cart_has_no_checkout(client, buyer):
    assert client.get(CHECKOUT)["Location"] == reverse("orders:cart")


def test_without_an_address_the_page_asks_for_one_and_has_no_button(client, buyer):
    make_cart(buyer, {make_listing(): 1})

    html = client.get(CHECKOUT).content.decode()

    assert f"{reverse('accounts:address_create')}?next=/checkout/" in html
    assert "Place the order" not in html


def test_the_button_places_what_the_page_shows_and_leads_to_paying(client, buyer):
    make_cart(buyer, {make_listing(): 2, make_listing(make_farmer("Li")): 1})
    make_address(buyer)
    html = client.get(CHECKOUT).content.decode()
    assert "Postage for 10 kg" in html

    response = client.post(CHECKOUT, {**hidden(html), "note": "ring twice"})

    order = Order.objects.get()
    assert response["Location"] == reverse("payments:pay", args=[order.number])
    assert order.note == "ring twice"
    assert str(order.total_fen) == hidden(html)["expected_total_fen"]


def test_pressing_twice_leads_to_the_same_order(client, buyer):
    make_cart(buyer, {make_listing(): 1})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())

    first, second = client.post(CHECKOUT, sent), client.post(CHECKOUT, sent)

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_a_changed_price_is_shown_and_asked_again(client, buyer):
    listing = make_listing()
    make_cart(buyer, {listing: 1})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())
    Listing.objects.update(price_fen=5200)

    response = client.post(CHECKOUT, {**sent, "note": "kept words"})

    html = response.content.decode()
    assert response.status_code == 409
    assert "The total has changed" in html
    assert "¥52.00 a box, was ¥49.80" in html
    assert "kept words" in html
    assert not Order.objects.exists()
    again = hidden(html)
    assert int(again["expected_total_fen"]) == int(sent["expected_total_fen"]) + 220
    assert client.post(CHECKOUT, again).status_code == 302
    assert Order.objects.count() == 1


def test_stock_that_went_meanwhile_is_said(client, buyer):
    listing = make_listing(packs=3)
    make_cart(buyer, {listing: 3})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())
    listing.lots.update(harvested=2)

    response = client.post(CHECKOUT, sent)

    assert response.status_code == 409
    assert "Only 2 boxes are left" in response.content.decode()
    assert "Place the order" not in response.content.decode()
    assert not Order.objects.exists()


def test_another_address_changes_postage_and_total(client, buyer):
    make_cart(buyer, {make_listing(): 1})
    make_address(buyer)
    far = make_address(buyer, province=make_region("650000", "新疆", "Xinjiang", "PROVINCE"))

    html = client.get(CHECKOUT, {"address": far.pk}).content.decode()

    assert hidden(html)["address"] == str(far.pk)
    assert "No courier takes it" in html
    assert "Place the order" not in html


@pytest.mark.parametrize(
    "bad",
    [
        {"checkout_key": "not-a-key"},
        {"expected_total_fen": "a lot"},
        {"expected_total_fen": "-1"},
        {"address": ""},
        {"address": "999999"},
        {"note": "x" * 201},
        {"note": "nul \x00"},
    ],
)
def test_bad_input_is_refused_and_nothing_saved(client, buyer, bad: dict[str, Any]):
    make_cart(buyer, {make_listing(): 1})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())

    response = client.post(CHECKOUT, {**sent, **bad})

    assert response.status_code in (409, 422)
    assert 'role="alert"' in response.content.decode()
    assert not Order.objects.exists()
    assert buyer.cart.lines.count() == 1


def test_anothers_address_is_refused(client, buyer):
    make_cart(buyer, {make_listing(): 1})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())

    response = client.post(CHECKOUT, {**sent, "address": make_address(make_user()).pk})

    assert response.status_code == 422
    assert not Order.objects.exists()


def test_posting_with_an_empty_cart_goes_back_to_it(client, buyer):
    address = make_address(buyer)
    make_cart(buyer, {})

    sent = {"address": address.pk, "checkout_key": uuid.uuid4(), "expected_total_fen": 0}

    assert client.post(CHECKOUT, sent)["Location"] == reverse("orders:cart")


@pytest.mark.parametrize("farmers", [1, 10])
def test_the_checkout_costs_the_same_queries_for_one_farmer_or_ten(client, buyer, farmers, django_assert_num_queries):
    make_cart(buyer, {make_listing(make_farmer(f"Farmer {n}")): 1 for n in range(farmers)})
    make_address(buyer)

    with django_assert_num_queries(
        13
    ):  # session, user, addresses, cart, lines, listings, counties, lots, rates, coupons, programmes, two counts
        client.get(CHECKOUT)


@pytest.mark.parametrize("farmers", [1, 5])
def test_placing_costs_two_queries_more_for_each_farmer(client, buyer, farmers, django_assert_max_num_queries):
    make_cart(buyer, {make_listing(make_farmer(f"Farmer {n}")): 1 for n in range(farmers)})
    make_address(buyer)
    sent = hidden(client.get(CHECKOUT).content.decode())

    with django_assert_max_num_queries(25 + 2 * farmers):
        client.post(CHECKOUT, sent)
