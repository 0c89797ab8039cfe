"""The cart: for guests and buyers, across farmers, rechecked on each view."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.models import Listing
from orders.models import Cart, CartLine
from orders.services import carts
from tests.make import make_address, make_farmer, make_listing, make_lot, make_produce, make_region, make_user
from tests.orders.making import make_cart, make_order, make_route

pytestmark = pytest.mark.django_db


@pytest.fixture
def oranges() -> Listing:
    make_route()
    return make_listing(packs=5)


def add(client: Client, listing: Listing, packs: Any = 1, **headers: Any) -> Any:
    return client.post(reverse("orders:cart_add", args=[listing.pk]), {"packs": packs}, headers=headers)


def page(client: Client) -> str:
    return client.get(reverse("orders:cart")).content.decode()


@pytest.fixture(autouse=True)
def in_english(client: Client) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def test_a_guest_gathers_from_two_farmers_and_sees_them_apart(client, oranges):
    other = make_listing(make_farmer("Li Ming's household"))

    assert add(client, oranges, 2).status_code == 302
    add(client, oranges)
    add(client, other)

    html = page(client)
    assert html.index("Chen Guilan") < html.index("Li Ming")
    assert "¥149.40" in html
    assert [line.packs for line in CartLine.objects.all()] == [3, 1]
    assert Cart.objects.get().user is None


def test_with_htmx_a_fragment_says_how_it_went(client, oranges):
    good = add(client, oranges, 5, **{"HX-Request": "true"})
    bad = add(client, oranges, 1, **{"HX-Request": "true"})

    assert (good.status_code, bad.status_code) == (200, 422)
    assert "in your cart" in good.content.decode()
    assert "Only 5 boxes are left" in bad.content.decode()


def test_with_htmx_the_counts_in_the_frame_follow(client, oranges):
    added = add(client, oranges, 5, **{"HX-Request": "true"}).content.decode()
    line = CartLine.objects.get()
    taken_out = client.post(
        reverse("orders:cart_change", args=[line.pk]), {"packs": "0"}, headers={"HX-Request": "true"}
    ).content.decode()

    for place in ("top", "tab"):
        assert f'<span id="cart-count-{place}" class="count" hx-swap-oob="true">5</span>' in added
        assert f'<span id="cart-count-{place}" class="count" hidden hx-swap-oob="true">0</span>' in taken_out
    assert "hx-swap-oob" not in page(client)


@pytest.mark.parametrize(
    ("packs", "words"),
    [
        ("0", "at least one box"),
        ("-3", "at least one box"),
        ("1000", "At most 999 boxes"),
        ("99999999999999999999", "At most 999 boxes"),
        ("2.5", "whole number"),
        ("many", "whole number"),
        ("", "how many boxes"),
        ("6", "Only 5 boxes are left"),
    ],
)
def test_absurd_quantities_are_refused_in_words(client, oranges, packs, words):
    response = add(client, oranges, packs, **{"HX-Request": "true"})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not CartLine.objects.exists()


def test_what_is_not_on_sale_cannot_be_added(client, oranges):
    Listing.objects.update(status=Listing.Status.PAUSED)

    response = add(client, oranges, **{"HX-Request": "true"})

    assert "no longer on sale" in response.content.decode()
    assert client.post(reverse("orders:cart_add", args=[999_999]), {"packs": 1}).status_code == 404


def test_nobody_puts_their_own_produce_in(client, oranges):
    client.force_login(oranges.farmer.user)

    response = add(client, oranges, **{"HX-Request": "true"})

    assert "your own produce" in response.content.decode()
    assert not CartLine.objects.exists()


def test_a_line_is_changed_and_removed(client, oranges):
    add(client, oranges)
    line = CartLine.objects.get()
    url = reverse("orders:cart_change", args=[line.pk])

    client.post(url, {"packs": 4})
    line.refresh_from_db()
    assert line.packs == 4

    assert client.post(url, {"packs": 0}).status_code == 302
    assert not CartLine.objects.exists()
    assert "Your cart is empty" in page(client)


def test_a_wrong_number_is_said_beside_the_line_and_kept(client, oranges):
    add(client, oranges)
    line = CartLine.objects.get()

    response = client.post(reverse("orders:cart_change", args=[line.pk]), {"packs": "77"})

    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="77"' in html
    assert "Only 5 boxes are left" in html
    line.refresh_from_db()
    assert line.packs == 1


def test_anothers_line_is_not_found_and_not_changed(client, oranges):
    make_cart(make_user(), {oranges: 1})
    line = CartLine.objects.get()
    url = reverse("orders:cart_change", args=[line.pk])

    assert client.post(url, {"packs": 3}).status_code == 404
    client.force_login(make_user("stranger"))
    assert client.post(url, {"packs": 0}).status_code == 404

    line.refresh_from_db()
    assert line.packs == 1


def test_the_page_says_what_changed_since(client, oranges):
    gone = make_listing(produce=make_produce("mango", name_zh="芒果", name_en="Mango"))
    add(client, oranges, 4)
    add(client, gone)
    Listing.objects.filter(pk=oranges.pk).update(price_fen=5200)
    Listing.objects.filter(pk=gone.pk).update(status=Listing.Status.TAKEN_DOWN)
    oranges.lots.update(harvested=2)

    html = page(client)

    assert "¥49.80" in html
    assert "¥52.00 a box" in html
    assert "price changed" in html
    assert "Only 2 boxes are left" in html
    assert html.index("No longer on sale") < html.index("Mango")


def test_the_chosen_province_shows_postage_and_whether_it_survives(client, oranges):
    lychee = make_produce("lychee", name_zh="荔枝", name_en="Lychee", shelf_life_days=4, cold="YES")
    add(client, oranges)
    add(client, make_listing(make_farmer("Li"), produce=lychee))
    assert "Choose a province to see the postage" in page(client)

    client.post(reverse("orders:cart_province"), {"province": "310000"})

    html = page(client)
    assert "¥24.00" in html  # 8 + 4 × 4
    assert "arrives 3 to 7 days after you pay" in html
    assert "It keeps for 4 days and needs at least 5 to reach you" in html
    assert "has to be changed before you can order" in html


def test_where_no_courier_goes_the_page_says_so(client, oranges):
    make_region("650000", "新疆", "Xinjiang", "PROVINCE")
    add(client, oranges)

    client.post(reverse("orders:cart_province"), {"province": "650000"})

    assert "No courier takes it" in page(client)
    assert client.post(reverse("orders:cart_province"), {"province": "nowhere"}).status_code == 404


def test_a_guests_cart_is_merged_at_sign_in(client, oranges):
    buyer, other = make_user(), make_listing(make_farmer("Li"))
    make_address(buyer)
    make_cart(buyer, {oranges: 1})
    add(client, oranges, 3)
    add(client, other)
    request = client.get(reverse("orders:cart")).wsgi_request

    carts.merge_guest_cart(request, buyer)
    carts.merge_guest_cart(request, buyer)

    assert {line.listing: line.packs for line in buyer.cart.lines.all()} == {oranges: 3, other: 1}
    assert Cart.objects.count() == 1
    assert request.session["province"] == "310000"
    assert "cart" not in request.session


def test_a_farmers_own_produce_is_left_out_when_merging(client, oranges):
    add(client, oranges)
    request = client.get(reverse("orders:cart")).wsgi_request

    carts.merge_guest_cart(request, oranges.farmer.user)

    assert not CartLine.objects.exists()


def test_ordering_again_fills_the_cart_with_what_is_left(client, oranges):
    gone, buyer = make_listing(make_farmer("Li")), make_user()
    order = make_order(buyer, {oranges: 4, gone: 1})
    Listing.objects.filter(pk=gone.pk).update(status=Listing.Status.PAUSED)
    url = reverse("orders:order_again", args=[order.number])

    client.force_login(make_user("stranger"))
    assert client.post(url).status_code == 404
    assert not CartLine.objects.exists()

    client.force_login(buyer)
    client.post(url)
    assert [(line.listing, line.packs) for line in buyer.cart.lines.all()] == [(oranges, 1)]


@pytest.mark.parametrize("farmers", [1, 10])
def test_the_cart_costs_the_same_queries_for_one_farmer_or_ten(client, farmers, django_assert_num_queries):
    buyer = make_user()
    wanted = {make_listing(make_farmer(f"Farmer {n}")): 1 for n in range(farmers)}
    for listing in wanted:
        make_lot(listing)
    cart = make_cart(buyer, wanted)
    cart.province_id = "310000"
    cart.save()
    client.force_login(buyer)

    with django_assert_num_queries(
        11
    ):  # session, user, cart, lines, listings, counties, lots, rates, provinces, two counts
        client.get(reverse("orders:cart"))
