"""The pages and the API of paying on delivery: what each side reads, and what they can press."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.models import Hold
from orders.labels import labels_pdf
from orders.models import Order, Parcel
from payments.models import OnDeliveryTerms, Payment
from payments.services import on_delivery
from tests.make import make_farmer, make_listing, make_user
from tests.orders.making import post
from tests.payments.on_delivery_scene import (
    came,
    make_offered_order,
    make_on_the_way,
    make_promised,
    offer,
    refuse,
)
from tests.payments.scene import first_parcel, make_order

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_from_the_farmers_wish_to_the_farmers_word():
    farmer, buyer = make_farmer(), make_user("Buyer")
    grower, shopper = signed_in(farmer.user), signed_in(buyer)
    assert reverse("payments:on_delivery_terms") in read(grower, "payments:farm_money")
    grower.post(reverse("payments:on_delivery_terms"), {"is_offered": "on", "most_fen": "200"})
    assert OnDeliveryTerms.objects.get().most_fen == 20_000

    order = make_order({make_listing(farmer, price_fen=3333): 2}, buyer=buyer)
    amount = f"{order.total_fen / 100:.2f}"
    pay, page = reverse("payments:pay", args=[order.number]), reverse("orders:order_detail", args=[order.number])
    assert 'value="on_delivery"' in shopper.get(pay).content.decode()
    url = shopper.post(pay, {"gateway": "on_delivery"})["Location"]
    assert amount in shopper.get(url).content.decode()
    assert Order.objects.get().status == "UNPAID", "looking at it promises nothing"
    assert shopper.post(url)["Location"] == page
    for again in (pay, url, reverse("payments:returned", args=[order.number])):
        assert shopper.get(again)["Location"] == page
    assert amount in shopper.get(page).content.decode()

    parcel = first_parcel(order)
    for name in ("orders:parcel_list", "orders:parcel_detail"):
        assert amount in read(grower, name, *([parcel.number] if name.endswith("detail") else []))
    post(parcel, now=timezone.now())
    answer = reverse("payments:on_delivery_answer", args=[order.number])
    assert answer in read(grower, "payments:farm_money")
    assert answer in read(grower, "orders:parcel_detail", parcel.number)
    shopper.post(reverse("orders:parcel_receive", args=[parcel.number]))
    review = reverse("orders:review_create", args=[parcel.number, parcel.lines.get().listing_id])
    assert review not in shopper.get(page).content.decode(), "what is not paid is not reviewed"
    grower.post(answer, {"answer": "maybe"})
    assert Order.objects.get().status == "PROMISED"
    grower.post(answer, {"answer": "came"})

    assert Order.objects.get().status == "PAID"
    assert 'value="came"' not in grower.get(answer).content.decode()
    assert answer not in read(grower, "payments:farm_money")
    assert review in shopper.get(page).content.decode()


def test_not_taken_then_back():
    parcel = make_on_the_way()
    grower, shopper = signed_in(parcel.farmer.user), signed_in(parcel.order.buyer)
    away = reverse("payments:not_taken", args=[parcel.order.number])
    assert away in read(shopper, "orders:order_detail", parcel.order.number)
    assert shopper.post(away, {"reason": "x" * 201}).status_code == 422

    shopper.post(away, {"reason": "不想要了"})

    assert (Order.objects.get().status, Hold.objects.get().status) == ("REFUSED", "SOLD")
    assert shopper.get(away).status_code == 404
    answer = reverse("payments:on_delivery_answer", args=[parcel.order.number])
    assert "不想要了" in read(grower, "orders:parcel_detail", parcel.number)
    assert 'value="back"' in grower.get(answer).content.decode()
    grower.post(answer, {"answer": "back"})
    assert Hold.objects.get().status == "RETURNED"
    assert 'value="back"' not in grower.get(answer).content.decode()


def test_cancelling_what_is_promised_speaks_of_no_money():
    order = make_promised()
    shopper, url = signed_in(order.buyer), reverse("payments:parcel_cancel", args=[first_parcel(order).number])

    assert 'class="total"' not in shopper.get(url).content.decode()
    shopper.post(url, {"reason": ""})

    assert Order.objects.get().status == "CANCELLED"


def test_a_refund_of_money_that_came_at_the_door_is_given_by_hand_in_these_words():
    parcel = make_on_the_way()
    came(parcel)
    shopper, grower = signed_in(parcel.order.buyer), signed_in(parcel.farmer.user)
    claim = {"kind": "SPOILED", "words": "烂了", "how_much": "ALL"}
    shopper.post(reverse("payments:claim_create", args=[parcel.number]), claim)
    grower.post(reverse("payments:claim_agree", args=[Parcel.objects.get().claims.get().pk]))

    assert "tag warn" in read(shopper, "orders:order_detail", parcel.order.number)
    refund = Payment.objects.get().refunds.get()
    back = reverse("payments:offline_returned", args=[refund.pk])
    assert back in read(grower, "payments:farm_money")
    grower.post(back)
    refund.refresh_from_db()
    assert refund.status == "DONE"


@pytest.mark.parametrize("wrong", ["0", "1000000", "abc", "-5"])
def test_a_wrong_amount_is_said_beside_the_field(wrong):
    grower = signed_in(make_farmer().user)

    answer = grower.post(reverse("payments:on_delivery_terms"), {"is_offered": "on", "most_fen": wrong})

    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert not OnDeliveryTerms.objects.exists()


def test_who_cannot_is_told_why_before_they_press():
    buyer = make_user("Buyer")
    refuse(make_on_the_way(buyer))
    order = make_offered_order(buyer)
    shopper = signed_in(buyer)

    page = read(shopper, "payments:pay", order.number)
    assert 'value="on_delivery"' not in page
    assert shopper.post(reverse("payments:promise", args=[order.number]))["Location"] == reverse(
        "payments:pay", args=[order.number]
    )
    assert Order.objects.get(pk=order.pk).status == "UNPAID"


def test_the_label_says_what_to_collect():
    paid, promised = make_on_the_way(), make_promised()
    came(paid)

    plain, with_sum = (labels_pdf([first_parcel(order)], on_a4=False) for order in (paid.order, promised))

    assert len(with_sum) != len(plain)


def test_programs_promise_and_answer():
    farmer, buyer = make_farmer(), make_user("Buyer")
    offer(farmer)
    order = make_order({make_listing(farmer): 1}, buyer=buyer)
    shopper, grower = signed_in(buyer), signed_in(farmer.user)

    def send(client: Client, path: str, key: str, **body: object):
        headers = {"Idempotency-Key": key}
        return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    promised = send(shopper, f"orders/{order.number}/payment/promise/", "1")
    assert promised.status_code == 200, promised.content
    assert promised.json()["status"] == "PROMISED"
    assert send(grower, f"sell/on-delivery/{order.number}/came/", "2").status_code == 409
    [asked] = grower.get("/api/v1/sell/parcels/").json()["results"]
    assert asked["collect_fen"] == order.total_fen
    post(first_parcel(order), now=timezone.now())
    [listed] = grower.get("/api/v1/sell/on-delivery/").json()["results"]
    assert (listed["order"], listed["amount_fen"]) == (order.number, order.total_fen)
    assert send(shopper, f"sell/on-delivery/{order.number}/came/", "3").status_code in (403, 404)
    assert send(grower, f"sell/on-delivery/{order.number}/came/", "4").json()["status"] == "PAID"
    assert send(shopper, f"orders/{order.number}/payment/not-taken/", "5").json()["code"] == "wrong_move"
    assert grower.get("/api/v1/sell/on-delivery-terms/").json()["is_offered"] is True
    off = grower.put(
        "/api/v1/sell/on-delivery-terms/", {"is_offered": False, "most_fen": 5000}, content_type="application/json"
    )
    assert off.json() == {"is_offered": False, "most_fen": 5000, "currency": "CNY"}


def test_cancelling_by_the_api_gives_nothing_back():
    order = make_promised()
    number = first_parcel(order).number

    answer = signed_in(order.buyer).post(
        f"/api/v1/parcels/{number}/cancel/", {}, content_type="application/json", headers={"Idempotency-Key": "c"}
    )

    assert (answer.status_code, answer.content) == (204, b"")
    assert not on_delivery.queries.waiting_for_money(first_parcel(order).farmer).exists()
