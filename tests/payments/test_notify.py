"""The door providers knock at: what is forged, stale, too big or not for us is turned away and changes nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments.gateways.sandbox import signing
from payments.models import GatewayMessage, Payment, Refund
from payments.views import notifying
from tests.payments.scene import make_order, make_payment

pytestmark = pytest.mark.django_db

URL = "/payments/notify/sandbox/"


@pytest.fixture
def payment(order) -> Payment:
    return make_payment(order)


def message(payment: Payment, **changes: Any) -> bytes:
    number = f"SBX{payment.pk}"
    said = {
        "event_id": f"{number}:PAID",
        "event_type": "trade.paid",
        "merchant_id": "sandbox-merchant-1",
        "reference": payment.reference,
        "trade_number": number,
        "amount_fen": payment.amount_fen,
        "currency": "CNY",
        "paid_at": timezone.now().isoformat(),
    }
    return json.dumps({**said, **changes}).encode()


def knock(client: Client, body: bytes, headers: dict[str, str] | None = None, content_type="application/json"):
    headers = signing.sign(body, timezone.now()) if headers is None else headers
    return client.post(URL, body, content_type=content_type, headers=headers)


def nothing_happened(payment: Payment) -> bool:
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    return (payment.status, payment.order.status) == ("STARTED", "UNPAID") and not Refund.objects.exists()


def test_the_address_is_the_one_providers_are_given():
    assert reverse("payments:notify", args=["sandbox"]) == URL


def test_a_true_message_is_applied_and_answered_with_success(client: Client, payment):
    response = knock(client, message(payment))

    payment.refresh_from_db()
    assert (response.status_code, response.content) == (200, b"success")
    assert payment.status == "SUCCEEDED"


def test_it_needs_no_csrf_token_and_no_session(payment):
    response = knock(Client(enforce_csrf_checks=True), message(payment))

    assert response.content == b"success"
    assert not response.cookies


def test_a_forged_message_is_refused_and_not_stored(client: Client, payment):
    body = message(payment)
    for headers in ({}, {**signing.sign(body, timezone.now()), "Sandbox-Signature": "AAAA"}):
        assert knock(client, body, headers).status_code == 400

    assert nothing_happened(payment)
    assert not GatewayMessage.objects.exists()


def test_a_tampered_amount_is_refused(client: Client, payment):
    headers = signing.sign(message(payment), timezone.now())

    response = knock(client, message(payment, amount_fen=1), headers)

    assert response.status_code == 400
    assert nothing_happened(payment)
    assert not GatewayMessage.objects.exists()


def test_a_stale_message_is_refused(client: Client, payment):
    body = message(payment)

    response = knock(client, body, signing.sign(body, timezone.now() - timedelta(minutes=6)))

    assert response.status_code == 400
    assert nothing_happened(payment)


def test_a_replay_while_fresh_is_answered_and_changes_nothing(client: Client, payment):
    body = message(payment)
    headers = signing.sign(body, timezone.now())
    knock(client, body, headers)

    response = knock(client, body, headers)

    assert response.content == b"success"
    assert GatewayMessage.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 1},
        {"currency": "USD"},
        {"merchant_id": "somebody-else"},
        {"reference": "P20261124NOBODYS"},
    ],
)
def test_a_signed_message_that_does_not_match_is_kept_aside_and_answered(client: Client, payment, change):
    response = knock(client, message(payment, **change))

    assert response.content == b"success"  # it is stored: asking the provider to repeat it would not help
    assert GatewayMessage.objects.get().outcome == "QUARANTINED"
    assert nothing_happened(payment)


def test_another_orders_reference_pays_that_order_or_none(client: Client, payment):
    other = make_payment(make_order())

    knock(client, message(payment, reference=other.reference, amount_fen=other.amount_fen + 1))

    assert nothing_happened(payment)
    assert nothing_happened(other)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(client: Client, payment, content_type):
    assert knock(client, message(payment), content_type=content_type).status_code == 415
    assert nothing_happened(payment)


def test_a_huge_body_is_refused_unread(client: Client, payment):
    body = message(payment, extra="x" * notifying.MAX_BYTES)

    assert knock(client, body).status_code == 413
    assert nothing_happened(payment)


def test_a_length_that_lies_gets_an_empty_body(client: Client, payment):
    body = message(payment)

    response = client.post(URL, body, content_type="application/json", headers={"Content-Length": "0"})

    assert response.status_code == 400
    assert nothing_happened(payment)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options"])
def test_other_methods_are_refused(client: Client, method):
    assert getattr(client, method)(URL).status_code == 405


def test_a_gateway_nobody_knows_is_not_there(client: Client):
    assert client.post("/payments/notify/alipay/", b"{}", content_type="application/json").status_code == 404


def test_in_production_the_sandboxs_door_is_walled_up(client: Client, payment, settings):
    settings.CHUSHAN_ENV, settings.EMBEDDED = "production", False

    assert knock(client, message(payment)).status_code == 404
    assert nothing_happened(payment)


def test_success_is_never_said_before_it_is_true(client: Client, payment, monkeypatch):
    def broken(*_said: Any, **_also: Any) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(notifying, "take", broken)
    client.raise_request_exception = False

    response = knock(client, message(payment))

    assert response.status_code == 500
    assert b"success" not in response.content


def test_a_failure_lets_the_buyer_try_again(client: Client, payment):
    response = knock(client, message(payment, event_type="trade.failed", event_id="f"))

    payment.refresh_from_db()
    assert response.content == b"success"
    assert payment.status == "FAILED"


def test_a_message_costs_a_bounded_number_of_queries(client: Client, payment, django_assert_max_num_queries):
    body = message(payment)
    knock(client, body)

    with django_assert_max_num_queries(6):  # a repeat: savepoints, and the look for it
        knock(client, body)
