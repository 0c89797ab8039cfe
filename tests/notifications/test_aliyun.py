"""Text messages over Aliyun's own client, against a stand-in that is up, down, slow, busy or lying."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications.channels import aliyun
from notifications.models import ChannelHealth, Delivery
from notifications.services import notify, send_code
from notifications.tasks import deliver_due
from tests.make import make_user
from tests.notifications.standins import Asked, Provider, provider

pytestmark = pytest.mark.django_db

OK = json.dumps({"Code": "OK", "Message": "OK", "BizId": "9001^0", "RequestId": "r"})
TEMPLATES = {
    "sign_in_code": {"template": "SMS_CODE", "params": ["code"]},
    "parcel_to_pack": {"template": "SMS_PACK", "params": ["number", "until"]},
    "*": {"template": "SMS_ANY", "params": ["title", "count"]},
}


def refusal(code: str, message: str = "-") -> str:
    return json.dumps({"Code": code, "Message": message, "RequestId": "r"})


@pytest.fixture
def sms(settings: Any) -> Iterator[Provider]:
    with provider(lambda asked: (200, OK)) as standin:
        settings.SMS_BACKEND, settings.SMS_ENDPOINT = "aliyun", standin.address
        settings.SMS_ACCESS_KEY_ID, settings.SMS_ACCESS_KEY_SECRET = "key", "secret"
        settings.SMS_SIGN_NAME, settings.SMS_TEMPLATES = "出山", TEMPLATES
        yield standin


def tell(recipient: Any = None, **values: Any) -> Delivery:
    recipient = recipient or make_user(language="zh-hans")
    told = notify(recipient=recipient, kind="parcel_to_pack", about="parcel:1", now=timezone.now(), **values)
    assert told is not None
    return told.deliveries.get()


def test_a_message_names_its_template_its_values_and_itself(sms: Provider) -> None:
    delivery = tell(number="P1", until="2026-11-26")

    deliver_due()

    asked: Asked = sms.asked[0]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.provider_id) == ("SENT", "9001^0")
    assert asked.values["PhoneNumbers"] == delivery.address.removeprefix("+86")
    assert asked.values["SignName"] == "出山"
    assert asked.values["TemplateCode"] == "SMS_PACK"
    assert json.loads(asked.values["TemplateParam"]) == {"number": "P1", "until": "11月26日"}
    assert asked.values["OutId"] == f"chushan-delivery-{delivery.pk}"


def test_a_kind_whose_values_are_not_all_there_uses_the_common_template(sms: Provider) -> None:
    tell(number="P1")

    deliver_due()

    assert sms.asked[0].values["TemplateCode"] == "SMS_ANY"
    assert json.loads(sms.asked[0].values["TemplateParam"]) == {"title": "有新包裹要打包", "count": "1"}


def test_a_long_value_is_cut_to_what_aliyun_takes(sms: Provider) -> None:
    tell(number="P" * 60, until="2026-11-26")

    deliver_due()

    number = json.loads(sms.asked[0].values["TemplateParam"])["number"]
    assert len(number) == aliyun.VALUE_MAX
    assert number.endswith("…")


def test_a_sign_in_code_is_a_value_and_never_an_error_text(sms: Provider) -> None:
    user = make_user()
    send_code(user=user, channel="SMS", address=user.phone or "", code="424242")

    deliver_due()

    assert json.loads(sms.asked[0].values["TemplateParam"]) == {"code": "424242"}
    assert Delivery.objects.get().last_error == ""


def test_numbers_outside_china_keep_their_countrys_code() -> None:
    assert aliyun._national("+8613800000000") == "13800000000"
    assert aliyun._national("+85261234567") == "85261234567"


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_NUMBER_ILLEGAL: the number does not exist"),
        ("isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL: the template is not approved"),
    ],
)
def test_what_aliyun_will_never_take_is_given_up_at_once(sms: Provider, code: str, kept: str) -> None:
    sms.answers = lambda asked: (200, refusal(code, "number 13800000000"))
    delivery = tell(number="P1")

    deliver_due()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.last_error) == ("FAILED", 1, kept)
    assert not ChannelHealth.objects.exists(), "that says nothing about the provider"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("触发分钟级流控Permits:1", timedelta(seconds=65)),
        ("触发小时级流控Permits:5", timedelta(hours=1)),
        ("触发天级流控Permits:10", timedelta(hours=12)),
    ],
)
def test_too_many_to_one_number_waits_as_long_as_aliyun_wants(sms: Provider, said: str, wait: timedelta) -> None:
    sms.answers = lambda asked: (200, refusal("isv.BUSINESS_LIMIT_CONTROL", said))
    delivery = tell(number="P1")
    before = timezone.now()

    deliver_due()

    delivery.refresh_from_db()
    assert delivery.status == "DUE"
    assert wait <= delivery.due_at - before < wait + timedelta(seconds=20)
    assert not ChannelHealth.objects.exists()


@pytest.mark.parametrize(
    ("status", "body", "kept"),
    [
        (200, refusal("isv.AMOUNT_NOT_ENOUGH"), "isv.AMOUNT_NOT_ENOUGH"),
        (200, refusal("OK"), "OK"),  # no BizId: it says yes and gives no receipt
        (200, "{}", "an answer without a code"),
        (200, "<html>welcome to our hotspot</html>", None),
        (503, "out of order", None),
        (400, refusal("Throttling.User", "slow down 13800000000"), "Throttling.User"),
        (0, "", None),
    ],
)
def test_a_provider_in_trouble_or_lying_is_tried_again_later(
    sms: Provider, status: int, body: str, kept: str | None
) -> None:
    sms.answers = lambda asked: (status, body)
    delivery = tell(number="P1")

    deliver_due()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("DUE", 1)
    assert "138" not in delivery.last_error
    assert kept is None or delivery.last_error == kept
    assert ChannelHealth.objects.get(channel="SMS").failures == 1


def test_a_provider_that_is_down_and_comes_back(sms: Provider, settings: Any) -> None:
    good, settings.SMS_ENDPOINT = settings.SMS_ENDPOINT, "http://127.0.0.1:9"
    delivery = tell(number="P1")
    deliver_due()
    settings.SMS_ENDPOINT = good
    Delivery.objects.update(due_at=timezone.now())

    deliver_due()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("SENT", 2)
    assert ChannelHealth.objects.get().failures == 0


def test_a_provider_that_hangs_is_not_waited_for(sms: Provider, monkeypatch: Any) -> None:
    monkeypatch.setattr(aliyun, "READ_MS", 300)
    released: list[float] = []

    def hang(asked: Asked) -> tuple[int, str]:
        time.sleep(1.5)
        released.append(time.monotonic())
        return 200, OK

    sms.answers = hang
    delivery = tell(number="P1")

    deliver_due()

    delivery.refresh_from_db()
    assert delivery.status == "DUE"
    assert released == [], "it was not given up before the answer came"


def test_without_any_template_that_fits_the_message_is_parked_and_says_so(sms: Provider, settings: Any) -> None:
    settings.SMS_TEMPLATES = {"sign_in_code": TEMPLATES["sign_in_code"]}
    delivery = tell(number="P1")

    deliver_due()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.last_error) == ("FAILED", "no template for parcel_to_pack")
    assert sms.asked == []
