"""The sandbox provider behaves like somebody else's: signs, repeats itself, gives back once, and is not there in production."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments.checks import gateway_is_set_up
from payments.gateways import UnknownGateway, configured_gateway, get_gateway
from payments.gateways.base import BadSignature, FailedEvent, MalformedNotification, PaidEvent, StaleNotification
from payments.gateways.sandbox import notifier, provider, signing
from payments.gateways.sandbox.provider import Decision, ProviderSaysNo
from payments.models import SandboxTrade
from tests.make import NOON

pytestmark = pytest.mark.django_db


def make_trade(reference: str = "P1", amount_fen: int = 4980, **fields: object) -> SandboxTrade:
    defaults = {
        "subject": "Chushan order 1",
        "notify_url": "http://127.0.0.1:9/notify",
        "return_url": "http://localhost/paid/",
        "expires_at": NOON + timedelta(minutes=15),
        "now": NOON,
    }
    return provider.create_trade(reference=reference, amount_fen=amount_fen, **{**defaults, **fields})


def paid_trade(**fields: object) -> SandboxTrade:
    return provider.decide(token=make_trade(**fields).token, decision=Decision.PAY, now=NOON)


class Shop:
    """A web server that gives the answers it is told to and remembers what it was sent."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.bodies: list[bytes] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                shop.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = shop.answers.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.server.shutdown()
    shop.server.server_close()


# --- Its books ---


def test_opening_a_trade_twice_opens_one():
    assert make_trade().pk == make_trade().pk


def test_a_reference_stands_for_one_amount():
    make_trade()

    with pytest.raises(ProviderSaysNo):
        make_trade(amount_fen=1)


def test_a_trade_is_decided_once():
    trade = paid_trade()

    with pytest.raises(ProviderSaysNo):
        provider.decide(token=trade.token, decision=Decision.FAIL, now=NOON)

    trade.refresh_from_db()
    assert trade.status == "PAID"


def test_nobody_can_pay_after_the_time_is_over():
    trade = make_trade()

    with pytest.raises(ProviderSaysNo):
        provider.decide(token=trade.token, decision=Decision.PAY, now=trade.expires_at)


def test_a_closed_trade_cannot_be_paid_and_a_paid_one_not_closed():
    make_trade()
    provider.close_trade(reference="P1", now=NOON)
    with pytest.raises(ProviderSaysNo):
        provider.decide(token=SandboxTrade.objects.get().token, decision=Decision.PAY, now=NOON)

    paid_trade(reference="P2")
    with pytest.raises(ProviderSaysNo):
        provider.close_trade(reference="P2", now=NOON)


def test_a_refund_reference_gives_back_once_and_never_more_than_was_paid():
    trade = paid_trade()

    def give_back(reference: str, fen: int) -> None:
        provider.refund_trade(trade_number=trade.trade_number, refund_reference=reference, amount_fen=fen, now=NOON)

    give_back("R1", 3000)
    give_back("R1", 3000)
    with pytest.raises(ProviderSaysNo):
        give_back("R1", 1)
    with pytest.raises(ProviderSaysNo):
        give_back("R2", 1981)
    trade.refresh_from_db()
    assert trade.refunded_fen == 3000


# --- What it says, and who may say it ---


def signed(body: bytes, at: datetime = NOON) -> dict[str, str]:
    return signing.sign(body, at)


def test_our_adapter_reads_what_the_provider_signed():
    trade = paid_trade()
    body = notifier.body_of(trade)

    event = get_gateway("sandbox").parse_notification(body, signed(body), NOON)

    assert isinstance(event, PaidEvent)
    assert (event.reference, event.amount_fen, event.currency) == ("P1", 4980, "CNY")
    assert (event.trade_number, event.paid_at) == (trade.trade_number, NOON)


def test_a_failed_trade_is_read_as_failed():
    trade = provider.decide(token=make_trade().token, decision=Decision.FAIL, now=NOON)
    body = notifier.body_of(trade)

    event = get_gateway("sandbox").parse_notification(body, signed(body), NOON)

    assert isinstance(event, FailedEvent)


@pytest.mark.parametrize("name", ["Sandbox-Key", "Sandbox-Timestamp", "Sandbox-Nonce", "Sandbox-Signature"])
@pytest.mark.parametrize("value", ["", "other", "0", "９", "A" * 88, "x" * 5000])
def test_a_header_that_is_not_the_providers_is_refused(name, value):
    body = notifier.body_of(paid_trade())
    headers = {**signed(body), name: value}

    with pytest.raises((BadSignature, StaleNotification, MalformedNotification)):
        get_gateway("sandbox").parse_notification(body, headers, NOON)


def test_one_changed_byte_breaks_the_signature():
    body = notifier.body_of(paid_trade())
    changed = body.replace(b"4980", b"4981")
    assert changed != body

    with pytest.raises(BadSignature):
        get_gateway("sandbox").parse_notification(changed, signed(body), NOON)


def test_another_installations_signature_is_refused(settings):
    body = notifier.body_of(paid_trade())
    ours, settings.SECRET_KEY = settings.SECRET_KEY, "another-installation"
    theirs = signed(body)
    settings.SECRET_KEY = ours

    with pytest.raises(BadSignature):
        get_gateway("sandbox").parse_notification(body, theirs, NOON)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_or_future_signature_is_refused(minutes):
    body = notifier.body_of(paid_trade())

    with pytest.raises(StaleNotification):
        get_gateway("sandbox").parse_notification(body, signed(body, NOON + timedelta(minutes=minutes)), NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": "4980"},
        {"amount_fen": 4980.0},
        {"amount_fen": True},
        {"amount_fen": None},
        {"event_id": ""},
        {"event_id": "a b"},
        {"event_id": "x" * 65},
        {"reference": None},
        {"trade_number": ["a"]},
        {"paid_at": "yesterday"},
        {"paid_at": "2026-11-24T12:00:00"},
        {"event_type": "trade.maybe"},
        {"extra": "\x00"},
    ],
)
def test_a_signed_message_that_makes_no_sense_is_refused(change):
    body = json.dumps({**json.loads(notifier.body_of(paid_trade())), **change}).encode()

    with pytest.raises(MalformedNotification):
        get_gateway("sandbox").parse_notification(body, signed(body), NOON)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 60_000])
def test_a_signed_body_that_is_no_object_is_refused(body):
    with pytest.raises(MalformedNotification):
        get_gateway("sandbox").parse_notification(body, signed(body), NOON)


# --- How it says it ---


def test_it_posts_until_the_shop_says_success(shop):
    trade = paid_trade(notify_url=shop.url)
    shop.answers = [(500, b""), (200, b"ok"), (302, b"success"), (200, b"success")]

    now, taken = NOON, []
    for _ in range(4):
        taken.append(notifier.send_due(now))
        now += timedelta(minutes=4)

    trade.refresh_from_db()
    assert taken == [0, 0, 0, 1]
    assert trade.notify_at is None
    assert len({json.loads(body)["event_id"] for body in shop.bodies}) == 1


def test_it_waits_longer_each_time_and_gives_up_in_the_end():
    trade = paid_trade()  # port 9: nobody answers
    waits = []
    for _ in range(len(notifier.AGAIN_AFTER)):
        trade.refresh_from_db()
        at = trade.notify_at
        notifier.send_due(at)
        trade.refresh_from_db()
        waits.append(trade.notify_at - at)
    notifier.send_due(trade.notify_at)

    trade.refresh_from_db()
    assert waits == notifier.AGAIN_AFTER
    assert trade.notify_at is None


@pytest.mark.parametrize(
    ("decision", "seconds"), [(Decision.PAY, 0), (Decision.PAY_NOTIFY_10S, 10), (Decision.PAY_NOTIFY_60S, 60)]
)
def test_it_notifies_when_it_was_told_to(shop, decision, seconds):
    provider.decide(token=make_trade(notify_url=shop.url).token, decision=decision, now=NOON)
    shop.answers = [(200, b"success")]

    early = notifier.send_due(NOON + timedelta(seconds=seconds - 1))
    assert (early, notifier.send_due(NOON + timedelta(seconds=seconds))) == (0, 1)


def test_it_can_say_the_same_thing_twice(shop):
    provider.decide(token=make_trade(notify_url=shop.url).token, decision=Decision.PAY_NOTIFY_TWICE, now=NOON)
    shop.answers = [(200, b"success")] * 2

    assert [notifier.send_due(NOON) for _ in range(3)] == [1, 1, 0]
    assert shop.bodies[0] == shop.bodies[1]


def test_it_can_keep_quiet():
    trade = provider.decide(token=make_trade().token, decision=Decision.PAY_SILENT, now=NOON)

    assert (trade.status, trade.notify_at) == ("PAID", None)


# --- Its page ---


def test_the_cashier_takes_a_payment_and_sends_the_browser_back(client: Client):
    trade = make_trade(expires_at=timezone.now() + timedelta(minutes=5), now=timezone.now())
    url = reverse("payments:sandbox_cashier", args=[trade.token])

    page = client.get(url)
    assert "¥49.80" in page.content.decode()
    assert "沙箱支付" in page.content.decode()

    response = client.post(url, {"decision": "pay"})

    trade.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, trade.return_url)
    assert trade.status == "PAID"


def test_a_second_click_changes_nothing_and_goes_back_too(client: Client):
    trade = make_trade(expires_at=timezone.now() + timedelta(minutes=5), now=timezone.now())
    url = reverse("payments:sandbox_cashier", args=[trade.token])
    client.post(url, {"decision": "pay"})

    response = client.post(url, {"decision": "fail"})

    trade.refresh_from_db()
    assert (response.status_code, trade.status) == (302, "PAID")


@pytest.mark.parametrize("decision", ["", "free", "PAY"])
def test_a_button_that_is_not_there_decides_nothing(client: Client, decision):
    trade = make_trade(expires_at=timezone.now() + timedelta(minutes=5), now=timezone.now())

    client.post(reverse("payments:sandbox_cashier", args=[trade.token]), {"decision": decision})

    trade.refresh_from_db()
    assert trade.status == "WAITING"


def test_an_expired_trade_shows_no_button(client: Client):
    trade = make_trade()
    SandboxTrade.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = client.get(reverse("payments:sandbox_cashier", args=[trade.token])).content.decode()

    assert "<button" not in page


# --- And in production it is not there ---


@pytest.fixture
def production(settings):
    settings.CHUSHAN_ENV, settings.EMBEDDED = "production", False


@pytest.mark.usefixtures("production")
def test_production_refuses_to_start_with_it(settings):
    settings.PAYMENT_GATEWAY = "sandbox"

    assert [message.id for message in gateway_is_set_up() if message.is_serious()] == ["payments.E001"]
    with pytest.raises(ImproperlyConfigured):
        configured_gateway()


@pytest.mark.usefixtures("production")
def test_production_without_a_gateway_is_told_so(settings):
    settings.PAYMENT_GATEWAY = ""

    assert [message.id for message in gateway_is_set_up()] == ["payments.I001"]
    assert configured_gateway() is None


def test_a_gateway_nobody_knows_is_an_error(settings):
    settings.PAYMENT_GATEWAY = "alipai"

    assert [message.id for message in gateway_is_set_up()] == ["payments.E002"]
    with pytest.raises(UnknownGateway):
        configured_gateway()


def test_production_has_no_cashier_and_its_provider_does_nothing(settings, client: Client):
    trade = make_trade(expires_at=timezone.now() + timedelta(minutes=5), now=timezone.now())
    url = reverse("payments:sandbox_cashier", args=[trade.token])
    settings.CHUSHAN_ENV, settings.EMBEDDED = "production", False
    settings.SECURE_SSL_REDIRECT = False

    assert client.get(url).status_code == 404
    assert client.post(url, {"decision": "pay"}).status_code == 404
    for attempt in (
        lambda: provider.decide(token=trade.token, decision=Decision.PAY, now=NOON),
        lambda: provider.close_trade(reference="P1", now=NOON),
        lambda: get_gateway("sandbox"),
    ):
        with pytest.raises(ImproperlyConfigured):
            attempt()
    SandboxTrade.objects.update(notify_at=NOON)
    assert notifier.send_due(NOON) == 0
    trade.refresh_from_db()
    assert trade.status == "WAITING"
