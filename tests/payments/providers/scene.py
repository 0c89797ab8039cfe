"""A shop that takes money through a stand-in: what tests of both providers start from."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from payments.models import Payment, Refund
from payments.services import cancel_and_refund, refunding, start_payment
from payments.services.starting import SiteUrls
from tests.payments.providers.alipay import Alipay
from tests.payments.providers.base import Letter, Provider
from tests.payments.providers.wechat import WeChat

PROVIDERS: dict[str, type[Provider]] = {"wechat": WeChat, "alipay": Alipay}
URLS = SiteUrls(public="https://shop.example", internal="https://shop.example")


def use(provider: Provider, settings: Any) -> None:
    """Point the shop at the stand-in."""
    settings.PAYMENT_GATEWAY = provider.name
    for name, value in provider.settings().items():
        setattr(settings, name, value)


def begin(provider: Provider, order: Order, *, is_phone: bool = False) -> Payment:
    """The buyer goes to the provider's page; nothing is paid yet."""
    url = start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), urls=URLS, is_phone=is_phone)
    if isinstance(provider, Alipay):
        provider.visit(url)
    return Payment.objects.get(order=order, status=Payment.Status.STARTED)


def post(client: Client, provider: Provider, letter: Letter) -> int:
    """The provider posts a notification: the status it gets."""
    url = reverse("payments:notify", args=[provider.name])
    response = client.post(url, letter.body, content_type=letter.content_type, headers=letter.headers)
    assert (response.status_code == 200) == (response.content == b"success")
    return response.status_code


def stand(payment: Payment) -> tuple[str, str]:
    """How payment and order are now."""
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    return payment.status, payment.order.status


def give_back(order: Order) -> Refund:
    """The buyer cancels the first parcel, and what is due is sent."""
    parcel = order.parcels.order_by("pk")[0]
    refund = cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())
    assert refund
    send_due()
    refund.refresh_from_db()
    return refund


def send_due(now: datetime | None = None) -> None:
    """What the task of refunds does."""
    for refund_id in refunding.claim_refunds(now or timezone.now()):
        refunding.send_refund(refund_id=refund_id, now=now or timezone.now())
