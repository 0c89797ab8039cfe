"""Notices on phones: encrypted for the device alone, sent to known push services only, without a private word."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.channels.webpush import is_push_service
from notifications.models import ChannelHealth, Delivery, Device
from notifications.services import notify
from notifications.tasks import deliver_due
from tests.make import make_user
from tests.notifications.standins import Provider, provider

pytestmark = pytest.mark.django_db

BROWSER = ec.generate_private_key(ec.SECP256R1())
SECRET = b"sixteen bytes ok"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


P256DH = b64(BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@pytest.fixture
def push(settings: Any) -> Iterator[Provider]:
    settings.PUSH_PRIVATE_KEY = new_key()
    settings.PUSH_CONTACT = "mailto:shop@example.com"
    with provider(lambda asked: (201, "")) as standin:
        settings.PUSH_SERVICES = [standin.address]
        yield standin


def new_key() -> str:
    out = io.StringIO()
    call_command("make_push_keys", stdout=out, stderr=io.StringIO())
    return out.getvalue().strip().removeprefix("PUSH_PRIVATE_KEY=")


def add_device(user: Any, standin: Provider, path: str = "/device") -> Device:
    return Device.objects.create(
        user=user, endpoint=standin.address + path, p256dh=P256DH, auth=b64(SECRET), added_at=timezone.now()
    )


def tell(user: Any, kind: str = "parcel_posted", number: str = "P1", **context: Any) -> None:
    notify(recipient=user, kind=kind, about=f"parcel:{number}", now=timezone.now(), number=number, **context)


def shown(body: bytes) -> dict[str, Any]:
    """What the browser reads."""
    plain = http_ece.decrypt(body, private_key=BROWSER, auth_secret=SECRET, version="aes128gcm")
    return json.loads(plain)


def test_a_notice_reaches_the_device_and_names_nobody(push: Provider) -> None:
    user = make_user(language="en")
    add_device(user, push)
    tell(user, farmer="Chen Guilan")

    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.channel, delivery.status, delivery.provider_id) == ("PUSH", "SENT", "1 of 1")
    notice = shown(push.asked[0].body)
    assert notice["title"] == "Your parcel is on its way"
    assert notice["url"] == f"/notifications/{delivery.notification_id}/"
    assert push.asked[0].headers["authorization"].startswith("vapid t=")
    assert b"Chen" not in push.asked[0].body


def test_of_money_a_locked_screen_says_only_that_there_is_news(push: Provider) -> None:
    user = make_user(language="en")
    add_device(user, push)
    tell(user, kind="claim_decided", audience="buyer", amount_fen=4980, reason="rotten")

    deliver_due()

    assert shown(push.asked[0].body)["title"] == "There is news for you"


def test_a_second_attempt_replaces_the_first_on_the_screen(push: Provider) -> None:
    user = make_user()
    add_device(user, push)
    tell(user)
    deliver_due()
    Delivery.objects.update(status="SENDING", sent_at=None, due_at=timezone.now())

    deliver_due()

    first, second = push.asked
    assert shown(first.body)["tag"] == shown(second.body)["tag"] == first.headers["topic"] == second.headers["topic"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten_and_the_person_told_another_way(push: Provider, status: int) -> None:
    user = make_user(email="a@example.com")
    add_device(user, push)
    tell(user)
    push.answers = lambda asked: (status, "")

    deliver_due()

    assert not Device.objects.exists()
    assert {(row.channel, row.status) for row in Delivery.objects.all()} == {("PUSH", "FAILED"), ("EMAIL", "SENT")}
    assert not ChannelHealth.objects.exists()


def test_one_device_that_is_gone_stops_no_other(push: Provider) -> None:
    user = make_user()
    add_device(user, push, "/old")
    add_device(user, push, "/new")
    tell(user)
    push.answers = lambda asked: (410, "") if asked.path == "/old" else (201, "")

    deliver_due()

    assert [device.endpoint.rsplit("/", 1)[1] for device in Device.objects.all()] == ["new"]
    assert Delivery.objects.get().status == "SENT"


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_a_push_service_in_trouble_is_tried_again(push: Provider, status: int) -> None:
    user = make_user()
    add_device(user, push)
    tell(user)
    push.answers = lambda asked: (status, "")

    deliver_due()

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts) == ("DUE", 1)
    assert Device.objects.count() == 1
    assert ChannelHealth.objects.get(channel="PUSH").failures == 1


def test_a_redirect_is_not_followed(push: Provider, settings: Any) -> None:
    user = make_user()
    add_device(user, push)
    tell(user)
    with provider(lambda asked: (201, "")) as elsewhere:
        push.answers = lambda asked: (307, elsewhere.address + "/inside")

        deliver_due()

        assert elsewhere.asked == []
    assert Delivery.objects.get().status == "DUE"


# --- Whose address may be called ---


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://evil.example\\@fcm.googleapis.com/",
        "https://xpush.apple.com/x",
        "https://push.apple.com.evil.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/x",
        "https://localhost/x",
        "https://fcm.googleapis.com:99999/x",
        "file:///etc/passwd",
        "gopher://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "",
    ],
)
def test_only_known_push_services_are_called(push: Provider, settings: Any, endpoint: str) -> None:
    settings.PUSH_SERVICES = ["https://fcm.googleapis.com", "https://*.push.apple.com"]
    client, user = Client(), make_user()
    client.force_login(user)

    assert not is_push_service(endpoint)
    response = client.post(
        reverse("notifications:device_add"), {"endpoint": endpoint, "p256dh": P256DH, "auth": b64(SECRET)}
    )

    assert response.status_code == 422
    assert not Device.objects.exists()


def test_known_push_services_are_known() -> None:
    for endpoint in (
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-db5p.notify.windows.com/w/?token=abc",
    ):
        assert is_push_service(endpoint)


def test_a_device_saved_before_the_list_was_shortened_is_forgotten(push: Provider, settings: Any) -> None:
    user = make_user()
    add_device(user, push)
    tell(user)
    settings.PUSH_SERVICES = []

    deliver_due()

    assert push.asked == []
    assert not Device.objects.exists()


# --- Switching on and off ---


def switch_on(client: Client, endpoint: str = "https://fcm.googleapis.com/1", **changes: str) -> int:
    sent = {"endpoint": endpoint, "p256dh": P256DH, "auth": b64(SECRET)} | changes
    return client.post(reverse("notifications:device_add"), sent).status_code


def test_a_browser_is_added_once_and_moves_with_the_person_who_uses_it() -> None:
    client, first, second = Client(), make_user(), make_user()
    client.force_login(first)
    assert [switch_on(client), switch_on(client)] == [204, 204]
    assert Device.objects.get().user == first

    client.force_login(second)
    switch_on(client)

    assert Device.objects.get().user == second


@pytest.mark.parametrize("changes", [{"p256dh": ""}, {"auth": "a b"}, {"p256dh": "x" * 500}, {"auth": "ü"}])
def test_keys_that_are_none_are_refused(changes: dict[str, str]) -> None:
    client = Client()
    client.force_login(make_user())

    assert switch_on(client, **changes) == 422
    assert not Device.objects.exists()


def test_ten_devices_are_enough() -> None:
    client = Client()
    client.force_login(make_user())

    answers = [switch_on(client, f"https://fcm.googleapis.com/{number}") for number in range(11)]

    assert answers == [204] * 10 + [422]


def test_a_stranger_cannot_switch_off_my_device() -> None:
    device = Device.objects.create(user=make_user(), endpoint="https://fcm.googleapis.com/1", added_at=timezone.now())
    client = Client()
    client.force_login(make_user())
    path = reverse("notifications:device_remove", args=[device.pk])

    assert client.post(path).status_code == 404
    assert Device.objects.count() == 1
    client.force_login(device.user)
    assert client.post(path).status_code == 302
    assert not Device.objects.exists()


def test_the_page_offers_notices_only_where_the_shop_has_a_key(push: Provider, settings: Any) -> None:
    client = Client()
    client.force_login(make_user())
    assert "data-push=" in client.get(reverse("notifications:choices")).content.decode()

    settings.PUSH_PRIVATE_KEY = ""

    assert "data-push=" not in client.get(reverse("notifications:choices")).content.decode()
