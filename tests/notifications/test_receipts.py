"""Aliyun's delivery reports: believed only when everything agrees, counted once, and a lost message goes another way."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Delivery
from notifications.services import notify, send_code
from notifications.tasks import deliver_due
from tests.make import make_user

pytestmark = pytest.mark.django_db

TOKEN = "a-long-and-unguessable-word"


@pytest.fixture(autouse=True)
def secret(settings: Any) -> None:
    settings.SMS_RECEIPT_TOKEN = TOKEN


@pytest.fixture
def sent() -> Delivery:
    """A text message that the provider took, to somebody who has an e-mail address too."""
    user = make_user(email="chen@example.com")
    notify(recipient=user, kind="parcel_to_pack", about="parcel:1", now=timezone.now(), number="P1")
    deliver_due()
    Delivery.objects.update(provider_id="9001^0")
    return Delivery.objects.get()


def report(delivery: Delivery, **changes: Any) -> dict[str, Any]:
    return {
        "phone_number": delivery.address.removeprefix("+86"),
        "send_time": "2026-11-24 12:00:00",
        "report_time": "2026-11-24 12:00:05",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "9001^0",
        "out_id": f"chushan-delivery-{delivery.pk}",
    } | changes


def post(*reports: Any, token: str = TOKEN, body: str | None = None) -> Any:
    data = json.dumps(reports) if body is None else body
    path = reverse("notifications:aliyun_reports", args=[token])
    return Client(enforce_csrf_checks=True).post(path, data, content_type="application/json")


LOST = {"success": False, "err_code": "MK:0001"}


def test_a_report_that_it_arrived_is_noted(sent: Delivery) -> None:
    response = post(report(sent))

    assert (response.status_code, json.loads(response.content)["code"]) == (200, 0)
    sent.refresh_from_db()
    assert (sent.receipt, sent.receipt_code, sent.status) == ("ARRIVED", "DELIVERED", "SENT")
    assert sent.receipt_at is not None
    assert Delivery.objects.count() == 1


def test_a_lost_message_goes_out_by_email_once_however_often_it_is_reported(sent: Delivery) -> None:
    for _ in range(3):
        post(report(sent, **LOST), report(sent, **LOST))
    deliver_due()

    instead = Delivery.objects.exclude(pk=sent.pk).get()
    assert (instead.channel, instead.address, instead.is_fallback) == ("EMAIL", "chen@example.com", True)
    assert instead.status == "SENT"
    sent.refresh_from_db()
    assert (sent.receipt, sent.receipt_code) == ("LOST", "MK:0001")


def test_the_first_report_counts_whatever_comes_after(sent: Delivery) -> None:
    post(report(sent))
    post(report(sent, **LOST))

    sent.refresh_from_db()
    assert sent.receipt == "ARRIVED"
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"out_id": "chushan-delivery-999999999"},
        {"out_id": "somebody-elses"},
        {"out_id": "chushan-delivery-٣"},
        {"out_id": None},
        {"biz_id": "1234^0"},
        {"biz_id": ""},
        {"biz_id": "9001\x000"},
        {"phone_number": "13900000000"},
        {"phone_number": ""},
        {"success": "no"},
    ],
)
def test_a_report_that_does_not_agree_changes_nothing_and_is_taken(sent: Delivery, changes: dict[str, Any]) -> None:
    response = post("nonsense", None, report(sent, **(LOST | changes)))

    assert response.status_code == 200, "or Aliyun would send it again and again"
    sent.refresh_from_db()
    assert sent.receipt == ""
    assert Delivery.objects.count() == 1


def test_one_strange_report_stops_no_other(sent: Delivery) -> None:
    post({"success": True}, 7, report(sent))

    sent.refresh_from_db()
    assert sent.receipt == "ARRIVED"


@pytest.mark.parametrize("body", ["", "[", "{}", "[" * 100_000, "7", json.dumps([{}] * 1001)])
def test_what_is_no_list_of_reports_is_refused(body: str) -> None:
    assert post(body=body).status_code == 400


def test_a_body_that_is_too_big_is_not_read() -> None:
    assert post(body="[" + " " * 300_000 + "]").status_code == 400


def test_the_wrong_address_is_no_address(sent: Delivery, settings: Any) -> None:
    assert post(report(sent), token="guess").status_code == 404
    settings.SMS_RECEIPT_TOKEN = ""
    assert post(report(sent), token="x").status_code == 404
    settings.SMS_RECEIPT_TOKEN = "short"
    assert post(report(sent), token="short").status_code == 404

    sent.refresh_from_db()
    assert sent.receipt == ""


def test_a_report_settles_what_we_never_heard_the_end_of(sent: Delivery) -> None:
    """The provider timed out, but had sent: the report comes before the next attempt, which is then not made."""
    Delivery.objects.update(status="DUE", sent_at=None, provider_id="", attempts=1)

    post(report(sent))

    sent.refresh_from_db()
    assert (sent.status, sent.provider_id) == ("SENT", "9001^0")
    assert deliver_due() == 0


def test_nobody_reports_about_what_was_never_tried(sent: Delivery) -> None:
    Delivery.objects.update(status="DUE", sent_at=None, provider_id="", attempts=0)

    post(report(sent))

    sent.refresh_from_db()
    assert (sent.status, sent.receipt) == ("DUE", "")


def test_a_code_that_was_lost_goes_nowhere_else() -> None:
    user = make_user(email="chen@example.com")
    send_code(user=user, channel="SMS", address=user.phone or "", code="123456")
    deliver_due()
    Delivery.objects.update(provider_id="9001^0")

    post(report(Delivery.objects.get(), **LOST))

    assert Delivery.objects.get().receipt == "LOST"
