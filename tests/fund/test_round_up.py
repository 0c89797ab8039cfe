"""Rounding up at checkout: frozen into the order, held until a parcel is posted, back if all of it is cancelled."""

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from common.errors import InvalidInput
from fund import queries
from orders.models import Order
from orders.queries import round_up_choices
from payments.models import Leg, Refund
from payments.services import cancel_and_refund, refunding, settle
from payments.services.starting import ways_to_pay
from tests.fund import scene
from tests.make import make_address, make_farmer, make_listing, make_user
from tests.orders import making
from tests.payments.scene import make_payment, paid_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def meals():
    return scene.make_programme()


def rounded_up(meals, farmers: int = 1, **fields) -> Order:
    """An order of one box from each of so many farmers (57.80 + …), rounded up for school meals."""
    wanted = {make_listing(make_farmer()): 1 for _farmer in range(farmers)}
    return making.make_order(wanted=wanted, now=timezone.now(), round_up_for=meals.account.name, **fields)


def paid(order: Order) -> Order:
    settle(paid_event(make_payment(order)), timezone.now())
    order.refresh_from_db()
    return order


def balances() -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, fen in Leg.objects.values_list("account__kind", "fen"):
        found[kind] = found.get(kind, 0) - fen
    return {kind: fen for kind, fen in found.items() if kind in ("ROUND_UP_HELD", "FUND_PROGRAMME") and fen}


def test_it_is_part_of_what_is_paid_and_the_programmes_once_a_parcel_is_posted(meals):
    order = rounded_up(meals)
    assert (order.total_fen % 100, order.round_up_fen) == (0, 100 - (order.goods_fen + order.postage_fen) % 100)
    paid(order)
    assert balances() == {"ROUND_UP_HELD": order.round_up_fen}

    making.post(order.parcels.get(), now=timezone.now())

    assert balances() == {"FUND_PROGRAMME": order.round_up_fen}
    [mine] = queries.giving_of(order.buyer)
    assert (mine.fen, mine.waiting) == (order.round_up_fen, order.round_up_fen)
    one, two = scene.make_steward("One"), scene.make_steward("Two")
    grant = scene.paid_grant(meals, order.round_up_fen, one, two)
    [mine] = queries.giving_of(order.buyer)
    assert mine.parts == [(grant, order.round_up_fen)]


def test_two_parcels_give_it_once(meals):
    order = paid(rounded_up(meals, farmers=2))
    for parcel in order.parcels.order_by("pk"):
        making.post(parcel, now=timezone.now())
    assert balances() == {"FUND_PROGRAMME": order.round_up_fen}


def test_an_order_that_is_cancelled_as_a_whole_gives_it_back_one_that_is_not_keeps_it(meals):
    whole, part = paid(rounded_up(meals, farmers=2)), paid(rounded_up(meals, farmers=2))
    first = part.parcels.order_by("pk")[0]
    cancel_and_refund(parcel_id=first.pk, actor=part.buyer, reason="", now=timezone.now())
    for parcel in whole.parcels.order_by("pk"):
        cancel_and_refund(parcel_id=parcel.pk, actor=whole.buyer, reason="", now=timezone.now())

    refund = Refund.objects.get(reason="ROUND_UP")
    assert (refund.payment.order, refund.amount_fen) == (whole, whole.round_up_fen)
    assert balances() == {"ROUND_UP_HELD": part.round_up_fen}
    given = sum(Refund.objects.filter(payment__order=whole).values_list("amount_fen", flat=True))
    assert given == whole.total_fen
    refunding.finish_refund(refund_id=refund.pk, now=timezone.now())


def test_nothing_is_rounded_up_unless_asked_for_and_only_for_what_is_offered(meals):
    assert making.make_order(now=timezone.now()).round_up_fen == 0
    with pytest.raises(InvalidInput):
        making.make_order(now=timezone.now(), round_up_for="fund_programme:nowhere")
    with pytest.raises(IntegrityError, match="order_round_up_is_for_something"):
        Order.objects.update(round_up_for="x")


def test_what_is_rounded_up_is_never_paid_to_a_farmer_directly(meals, settings):
    settings.PAYMENT_GATEWAY = "sandbox,offline"
    assert "offline" not in ways_to_pay(rounded_up(meals), timezone.now()).names
    settings.PAYMENT_GATEWAY = "offline"
    assert round_up_choices(timezone.now()) == []


def test_the_checkout_offers_it_unticked_and_takes_it(client, meals):
    buyer = make_user("Buyer")
    cart = making.make_cart(buyer, {make_listing(): 1})
    address = make_address(buyer, is_default=True)
    client.force_login(buyer)
    page = client.get(reverse("orders:checkout"))
    assert meals.account.name in page.content.decode()
    assert "checked" not in page.content.decode().split('name="round_up"')[1][:20]
    said = {
        "address": address.pk,
        "checkout_key": "6b1f6f0c-2f39-4c0c-9d1e-0d6d6a1c9a11",
        "expected_total_fen": making.total_of(cart),
        "round_up": "on",
        "round_up_for": meals.account.name,
    }
    wrong = client.post(reverse("orders:checkout"), said | {"round_up_for": "fund_programme:nowhere"})
    assert (wrong.status_code, Order.objects.count()) == (422, 0)
    client.post(reverse("orders:checkout"), said)
    order = Order.objects.get()
    assert (order.round_up_for, order.total_fen % 100) == (meals.account.name, 0)
    assert order.round_up_fen > 0


def test_a_choice_that_is_gone_stops_nobody_who_does_not_round_up(client, meals):
    buyer = make_user("Buyer")
    cart = making.make_cart(buyer, {make_listing(): 1})
    client.force_login(buyer)
    said = {
        "address": make_address(buyer).pk,
        "checkout_key": "6b1f6f0c-2f39-4c0c-9d1e-0d6d6a1c9a12",
        "expected_total_fen": making.total_of(cart),
        "round_up_for": "fund_programme:closed-since",
    }
    assert client.post(reverse("orders:checkout"), said).status_code == 302
    assert Order.objects.get().round_up_fen == 0
