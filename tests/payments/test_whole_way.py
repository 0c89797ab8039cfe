"""From the button to the money and back, over real HTTP: the provider really posts to the running shop."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from django.test import Client
from django.utils import timezone

from orders.models import Order
from orders.services.paying import release_order
from payments import tasks
from payments.models import GatewayMessage, Payment, Refund, SandboxTrade
from tests.payments.scene import first_parcel, make_order

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """A buyer's browser: cookies, forms, no JavaScript."""

    def __init__(self, address: str, order: Order) -> None:
        client = Client()
        client.force_login(order.buyer)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        self.session.headers["Accept-Language"] = "en"
        self.address = address

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.address + path, timeout=10)

    def submit(self, url: str, **fields: str) -> requests.Response:
        """Send the form on the page at `url`, following where it leads."""
        page = self.session.get(url, timeout=10)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, page.text
        return self.session.post(url, {"csrfmiddlewaretoken": token[1], **fields}, timeout=10)


@pytest.fixture
def order(db: Any) -> Order:
    return make_order()


@pytest.fixture
def browser(live_server, order) -> Iterator[Browser]:
    browser = Browser(live_server.url, order)
    yield browser
    browser.session.close()


def pay(browser: Browser, order: Order, decision: str) -> requests.Response:
    """Press the button, then one of the provider's; gives the page the provider sends the browser back to."""
    cashier = browser.submit(f"{browser.address}/orders/{order.number}/pay/")
    assert "/sandbox-provider/" in cashier.url
    assert "沙箱支付" in cashier.text
    return browser.submit(cashier.url, decision=decision)


def status_of(order: Order) -> str:
    order.refresh_from_db()
    return order.status


def test_a_payment_goes_the_whole_way(browser, order):
    back = pay(browser, order, "pay")
    assert back.url.endswith(f"/orders/{order.number}/paid/")
    assert "Confirming" in back.text
    assert status_of(order) == "UNPAID"

    assert tasks.send_sandbox_notifications() == 1

    assert status_of(order) == "PAID"
    assert "Paid. Thank you!" in browser.get(f"/orders/{order.number}/paid/").text
    assert GatewayMessage.objects.get().outcome == "APPLIED"


def test_told_twice_it_is_paid_once(browser, order):
    pay(browser, order, "pay_notify_twice")

    assert [tasks.send_sandbox_notifications() for _ in range(3)] == [1, 1, 0]
    assert status_of(order) == "PAID"
    assert GatewayMessage.objects.count() == 1


def test_never_told_it_asks(browser, order):
    pay(browser, order, "pay_silent")
    assert tasks.send_sandbox_notifications() == 0

    Payment.objects.update(query_at=timezone.now())
    assert tasks.query_open_payments() == 1

    assert status_of(order) == "PAID"


def test_a_failed_payment_is_said_and_paid_again(browser, order):
    pay(browser, order, "fail")
    tasks.send_sandbox_notifications()
    assert "did not go through" in browser.get(f"/orders/{order.number}/paid/").text

    pay(browser, order, "pay")
    tasks.send_sandbox_notifications()

    assert status_of(order) == "PAID"
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["FAILED", "SUCCEEDED"]


def test_told_after_the_last_box_was_sold_the_money_really_goes_back(browser, order):
    pay(browser, order, "pay_notify_60s")
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))
    release_order(order_id=order.pk, now=timezone.now())
    lot = first_parcel(order).lines.get().lot
    lot.refresh_from_db()
    lot.closed_at = timezone.now()
    lot.save(update_fields=["closed_at"])
    SandboxTrade.objects.update(notify_at=timezone.now())

    assert tasks.send_sandbox_notifications() == 1
    assert "Your money goes back to you" in browser.get(f"/orders/{order.number}/paid/").text
    assert tasks.send_refunds() == 1

    trade = SandboxTrade.objects.get()
    assert status_of(order) == "RELEASED"
    assert trade.refunded_fen == trade.amount_fen == order.total_fen
    assert Refund.objects.get().status == "DONE"


def test_a_cancelled_parcel_is_paid_back_at_the_provider(browser, order):
    pay(browser, order, "pay")
    tasks.send_sandbox_notifications()
    parcel = first_parcel(order)

    browser.submit(f"{browser.address}/parcels/{parcel.number}/cancel/", reason="")
    tasks.send_refunds()

    assert SandboxTrade.objects.get().refunded_fen == parcel.total_fen
    assert status_of(order) == "CANCELLED"


def test_while_the_shop_is_down_the_provider_keeps_trying(browser, order):
    pay(browser, order, "pay")
    real = SandboxTrade.objects.get().notify_url
    SandboxTrade.objects.update(notify_url="http://127.0.0.1:9/")
    assert tasks.send_sandbox_notifications() == 0

    SandboxTrade.objects.update(notify_url=real, notify_at=timezone.now())
    assert tasks.send_sandbox_notifications() == 1

    assert status_of(order) == "PAID"
