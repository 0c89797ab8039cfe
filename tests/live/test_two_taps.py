"""Buying in the room: a box into the cart, and the order, while the broadcast goes on."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from live.models import Broadcast
from live.services import airing
from orders.models import Order, OrderLine
from tests.live.scene import live
from tests.make import make_address, make_listing, make_user
from tests.orders.making import make_route

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true", "Accept-Language": "en"}


@pytest.fixture
def room() -> Broadcast:
    make_route()
    return live(make_listing(price_fen=4980, packs=20), now=timezone.now(), packs=1)


@pytest.fixture
def buyer(client: Client) -> User:
    buyer = make_user("Wang Fang")
    client.force_login(buyer)
    return buyer


def tap(client: Client, room: Broadcast) -> str:
    """What the room shows after "Buy a box"."""
    return client.post(reverse("live:item_buy", args=[room.pk, room.items.get().pk]), headers=PART).content.decode()


def order(client: Client, shown: str) -> Any:
    """Tap "Place the order" of what is shown."""
    assert "Place the order" in shown
    fields = dict(re.findall(r'type="hidden" name="(address|checkout_key|expected_total_fen)" value="([^"]*)"', shown))
    return client.post("/checkout/", fields, headers=PART)


def test_two_taps_order_at_the_live_price_and_a_third_changes_nothing(client, buyer, room):
    make_address(buyer)

    shown = tap(client, room)
    answer = order(client, shown)
    again = order(client, shown)

    placed = Order.objects.get()
    pay = reverse("payments:pay", args=[placed.number])
    assert ("live price" in shown, "¥39.90" in shown) == (True, True)
    assert [pay in said.content.decode() for said in (answer, again)] == [True, True]
    assert OrderLine.objects.get().unit_price_fen == 3990
    assert pay in client.get(reverse("live:broadcast_detail", args=[room.pk])).content.decode(), (
        "also when it is loaded anew"
    )
    assert 'id="cart-count-top" class="count" hidden' in answer.content.decode()


def test_a_price_that_is_over_is_said_and_asked_again_in_the_room(client, buyer, room):
    make_address(buyer)
    shown = tap(client, room)
    airing.end_broadcast(broadcast_id=room.pk, farmer=room.farmer, now=timezone.now())

    answer = order(client, shown)

    asked = answer.content.decode()
    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert "The total has changed" in asked
    assert "<html" not in asked
    order(client, asked)
    assert OrderLine.objects.get().unit_price_fen == 4980


def test_who_comes_too_late_is_told_in_the_room(client, buyer, room):
    make_address(buyer)
    shown = tap(client, room)
    room.items.get().listing.lots.update(closed_at=timezone.now())

    answer = order(client, shown)

    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert "Sold out" in answer.content.decode()
    assert "Place the order" not in answer.content.decode()


def test_who_has_no_address_or_has_not_signed_in_goes_on_at_the_checkout(client, room):
    for user in (None, make_user()):
        if user:
            client.force_login(user)
        shown = tap(client, room)
        assert 'href="/checkout/"' in shown
        assert "Place the order" not in shown
