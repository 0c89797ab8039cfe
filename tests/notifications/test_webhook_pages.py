"""The pages of webhooks, and the same by the API."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.transactions import use_case
from notifications.models import WebhookDelivery, WebhookSubscription
from notifications.tasks import send_webhooks
from notifications.webhooks import publish
from tests.api.asking import as_
from tests.make import make_user
from tests.notifications.hook_stand_in import subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    return make_user("Developer")


@pytest.fixture
def client(owner) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"notifications:webhook_{name}", args=args)


def test_add_test_read_the_log_and_send_again(client, settings):
    settings.WEBHOOK_ALLOWED_ADDRESSES = ["127.0.0.1"]
    with subscriber() as server:
        added = client.post(page("list"), {"url": server.url, "events": ["order.paid"]}, follow=True)
        hook = WebhookSubscription.objects.get()
        assert hook.secret in added.content.decode()
        client.post(page("test", hook.pk))
        send_webhooks()
        log = client.get(page("detail", hook.pk)).content.decode()
        assert "thank you" in log
        client.post(page("replay", WebhookDelivery.objects.get().pk))
        send_webhooks()
        assert len(server.heard) == 2
    client.post(page("pause", hook.pk))
    assert "Switch on" in client.get(page("detail", hook.pk)).content.decode()
    client.post(page("resume", hook.pk))
    client.post(page("secret", hook.pk))
    assert WebhookSubscription.objects.get().old_secret == hook.secret
    client.post(page("remove", hook.pk))
    assert not WebhookSubscription.objects.exists()


@pytest.mark.parametrize("url", ["ftp://example.com/", "nonsense", "http://user@example.com/"])
def test_an_address_that_cannot_be_is_answered_beside_the_field_and_kept(client, url):
    response = client.post(page("list"), {"url": url, "events": ["order.paid"]})

    assert response.status_code == 422
    assert "whole address" in response.content.decode()
    assert url in response.content.decode()


def test_the_log_shows_what_a_server_says_as_text(client, owner):
    hook = WebhookSubscription.objects.create(
        owner=owner, url="https://example.com/", events=["order.paid"], secret="x", created_at=timezone.now()
    )
    use_case(publish)("order.paid", to=[owner.pk], now=timezone.now())
    delivery = WebhookDelivery.objects.get()
    delivery.tries.create(number=1, started_at=timezone.now(), http_status=500, answer="<script>alert(1)</script>")

    assert "<script>alert" not in client.get(page("detail", hook.pk)).content.decode()


def test_a_log_asks_a_fixed_number_of_queries(client, owner, django_assert_max_num_queries):
    hook = WebhookSubscription.objects.create(
        owner=owner, url="https://example.com/", events=["order.paid"], secret="x", created_at=timezone.now()
    )
    for _event in range(40):
        use_case(publish)("order.paid", to=[owner.pk], now=timezone.now())

    with django_assert_max_num_queries(8):
        first = client.get(page("detail", hook.pk)).content.decode()
    assert "?after=" in first


def test_the_same_by_the_api(owner, settings):
    settings.WEBHOOK_ALLOWED_ADDRESSES = ["127.0.0.1"]
    api = as_(owner, "read")
    with subscriber() as server:
        made = api.post("webhooks/", {"url": server.url, "events": ["order.paid"]}).json()
        assert made["secret"].startswith("whsec_")
        assert "secret" not in api.get(f"webhooks/{made['id']}/").json()
        api.post(f"webhooks/{made['id']}/test/")
        send_webhooks()
        (sent,) = api.get(f"webhooks/{made['id']}/deliveries/").json()["results"]
        assert (sent["status"], sent["tries"][0]["http_status"]) == ("SENT", 200)
        assert api.post(f"webhooks/{made['id']}/deliveries/{sent['id']}/replay/").status_code == 202
        send_webhooks()
        assert [json.loads(body)["type"] for _headers, body in server.heard] == ["ping", "ping"]
    assert api.patch(f"webhooks/{made['id']}/", {"events": ["order.eaten"]}).status_code == 422
    assert api.post("webhooks/", {"url": "gopher://x", "events": ["order.paid"]}).status_code == 422
    assert api.delete(f"webhooks/{made['id']}/").status_code == 204
