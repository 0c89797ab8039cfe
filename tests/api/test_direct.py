"""Programs say of direct payments what the pages say: only the farmer's word pays, and each word counts once."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from payments.models import Leg, Refund
from payments.services import cancel_and_refund
from tests.api.asking import as_
from tests.make import make_address, make_farmer, make_listing, make_user
from tests.orders.making import make_cart
from tests.payments.claim_scene import enter, text
from tests.payments.offline_scene import came, farmer_of, make_code, make_direct_order, said
from tests.payments.scene import make_order

pytestmark = pytest.mark.django_db


def key() -> dict[str, str]:
    return {"Idempotency_Key": str(uuid.uuid4())}


def test_the_buyer_says_paid_and_the_farmer_that_it_came():
    order = make_direct_order()
    buyer, farmer = as_(order.buyer, "buy"), as_(farmer_of(order), "sell")
    assert farmer.get("sell/direct/").json()["results"] == []
    same = key()

    told = [buyer.post(f"orders/{order.number}/payment/said/", **same).json() for _time in range(2)]
    assert told[0] == told[1]
    assert (told[0]["status"], told[0]["amount_fen"]) == ("STARTED", order.total_fen)
    assert told[0]["said_at"]
    assert not Leg.objects.exists(), "the buyer's word pays nothing"
    [waiting] = farmer.get("sell/direct/").json()["results"]
    assert (waiting["order"], waiting["currency"]) == (order.number, "CNY")
    assert "buyer" not in waiting

    path = f"sell/direct/{order.number}/came/"
    assert farmer.post(path).status_code == 400, "with a key only"
    assert farmer.post(path, **key()).json()["status"] == "SUCCEEDED"
    assert farmer.post(path, **key()).json()["status"] == "SUCCEEDED"

    assert Order.objects.get().status == "PAID"
    assert Leg.objects.filter(account__kind="PROVIDER").count() == 1
    again = buyer.post(f"orders/{order.number}/payment/said/", **key())
    assert (again.status_code, again.json()["code"]) == (409, "already_paid")


def test_none_came_once_and_finding_it_later_counts():
    order = make_direct_order()
    farmer, path = as_(farmer_of(order), "sell"), f"sell/direct/{order.number}/none-came/"
    assert farmer.post(path, **key()).status_code == 409, "nobody said that they had paid"
    said(order)

    assert farmer.post(path, **key()).json()["status"] == "FAILED"
    assert farmer.post(path, **key()).status_code == 409
    assert farmer.post(f"sell/direct/{order.number}/came/", **key()).json()["status"] == "SUCCEEDED"


def test_what_was_sent_back_by_hand_is_said_once():
    order = came(make_direct_order())
    cancel_and_refund(parcel_id=order.parcels.get().pk, actor=order.buyer, reason="", now=timezone.now())
    farmer = as_(farmer_of(order), "sell")
    [owed] = farmer.get("sell/returns/").json()["results"]

    for _time in range(2):
        assert farmer.post(f"sell/returns/{owed['id']}/sent/", **key()).json()["status"] == "DONE"

    assert (owed["order"], owed["amount_fen"]) == (order.number, order.total_fen)
    assert farmer.get("sell/returns/").json()["results"] == []


def test_nobody_elses_word_is_heard_and_no_other_scope_is_enough():
    order = make_direct_order()
    said(order)
    paid = came(make_direct_order())
    cancel_and_refund(parcel_id=paid.parcels.get().pk, actor=paid.buyer, reason="", now=timezone.now())
    refund, before = Refund.objects.get(), list(Leg.objects.values_list("pk", "fen"))
    farmers = [
        f"sell/direct/{order.number}/came/",
        f"sell/direct/{order.number}/none-came/",
        f"sell/returns/{refund.pk}/sent/",
    ]
    buyers = f"orders/{order.number}/payment/said/"

    for person in (make_farmer("Other").user, make_user("Stranger"), order.buyer):
        assert [as_(person, "sell").post(path, **key()).status_code for path in farmers] == [404] * 3
    for person in (farmer_of(order), make_user("Stranger")):
        assert as_(person, "buy").post(buyers, **key()).status_code == 404
    assert as_(farmer_of(order), "buy").post(farmers[0], **key()).json()["code"] == "scope_missing"
    assert as_(order.buyer, "sell").post(buyers, **key()).json()["code"] == "scope_missing"
    other_way = make_order(buyer=order.buyer)
    assert as_(order.buyer, "buy").post(f"orders/{other_way.number}/payment/said/", **key()).status_code == 404

    assert list(Leg.objects.values_list("pk", "fen")) == before
    refund.refresh_from_db()
    assert refund.status != "DONE"


@pytest.mark.parametrize(
    ("gateways", "who", "why"),
    [
        ("offline", "two farmers", "one farmer at a time"),
        ("offline", "no code", "cannot be paid yet"),
        ("offline", "a code", ""),
        ("sandbox,offline", "two farmers", ""),
        ("", "no code", ""),
    ],
)
def test_the_checkout_says_before_ordering_what_could_not_be_paid(settings, gateways, who, why):
    settings.PAYMENT_GATEWAY = gateways
    buyer, farmer = make_user("Buyer"), make_farmer()
    address = make_address(buyer)
    if who != "no code":
        make_code(farmer)
    wanted = {make_listing(farmer): 1} | ({make_listing(make_farmer("Li")): 1} if who == "two farmers" else {})
    make_cart(buyer, wanted)

    page = text(enter(buyer).get(reverse("orders:checkout")))
    answer = as_(buyer, "buy").get(f"checkout/?address={address.pk}", Accept_Language="en").json()

    assert why in page
    assert ("Place the order" in page) == (not why)
    assert (why in answer["why_unpayable"]) if why else (answer["why_unpayable"] == "")
    assert answer["is_orderable"], "in all else it could be sent"
