"""Carts of guests who never came back are deleted; everybody else's stay."""

from datetime import timedelta

import pytest
from django.conf import settings

from orders import tasks
from orders.models import Cart, CartLine
from orders.services import carts
from tests.make import NOON, make_listing, make_user

pytestmark = pytest.mark.django_db
LONG_AGO = NOON - carts.FORGET_AFTER - timedelta(hours=1)


def guest_cart(*, updated_at=LONG_AGO, added_at=LONG_AGO, **fields) -> Cart:
    cart = Cart.objects.create(**fields)
    CartLine.objects.create(cart=cart, listing=make_listing(), packs=1, price_seen_fen=4980)
    cart.lines.update(added_at=added_at)
    Cart.objects.filter(pk=cart.pk).update(updated_at=updated_at)
    return cart


def test_a_guest_cart_nobody_touched_for_long_goes():
    guest_cart()

    assert carts.forget_guest_carts(now=NOON) == 1
    assert not Cart.objects.exists()
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("fields", [{"updated_at": NOON}, {"added_at": NOON}])
def test_one_that_was_used_stays(fields):
    guest_cart(**fields)

    assert carts.forget_guest_carts(now=NOON) == 0


def test_the_cart_of_a_buyer_stays_for_good():
    guest_cart(user=make_user())

    tasks.forget_guest_carts()

    assert Cart.objects.count() == 1


def test_no_session_outlives_its_cart():
    assert carts.FORGET_AFTER.total_seconds() > settings.SESSION_COOKIE_AGE
