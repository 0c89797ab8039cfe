"""Sending a buyer to the provider. The payment is committed before the provider hears of it."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.acting import caller
from common.transactions import use_case
from orders.models import Order
from payments import on_delivery_queries
from payments.errors import AlreadyPaid, PaymentNotSetUp, ProviderUnavailable, TimeToPayIsOver
from payments.gateways import configured_gateway, configured_names, get_gateway
from payments.gateways.base import GatewayRefused, GatewayUnavailable, Visitor
from payments.gateways.direct import DIRECT, OFFLINE, ON_DELIVERY
from payments.gateways.offline.desk import code_for, in_force
from payments.models import Gift, Payment
from payments.services.querying import ask_provider, first_query_at

SEVERAL_FARMERS = _(
    "Here you pay each farmer directly, so please order from one farmer at a time: leave the others' boxes for a second order."
)
NO_CODE = _("Here you pay farmers directly, and this one cannot be paid yet: they have not put up a code of their own.")


@dataclass(frozen=True)
class SiteUrls:
    """Where this shop is reached, without a slash at the end: by buyers, and by whoever posts notifications."""

    public: str
    internal: str


def site_urls() -> SiteUrls:
    """As the settings say."""
    return SiteUrls(public=settings.SITE_URL, internal=settings.INTERNAL_URL or settings.SITE_URL)


def start_payment(
    *,
    order_id: int,
    buyer: User,
    now: datetime,
    urls: SiteUrls | None = None,
    gateway: str = "",
    is_phone: bool = False,
    wechat_openid: str = "",
) -> str:
    """The URL to send the buyer to; one of another scheme than the web's is to be shown as a code. Twice: the same payment.

    `gateway` is the buyer's choice of those that are set up, else the first. Whoever changes their mind has the first trade
    closed before there is a second: nobody can pay both. Raises PaymentNotSetUp, AlreadyPaid, TimeToPayIsOver,
    ProviderUnavailable.
    """
    order = Order.objects.visible_to(buyer).select_related("buyer").get(pk=order_id)
    possible = ways_to_pay(order, now).names
    chosen = configured_gateway(gateway or (possible[0] if possible else ""))
    if chosen is None or chosen.name not in possible:
        raise PaymentNotSetUp
    return at_provider(
        lambda: open_payment(order_id=order_id, buyer=buyer, gateway=chosen.name, now=now),
        chosen.name,
        now=now,
        urls=urls or site_urls(),
        visitor=Visitor(is_phone=is_phone, ip=caller().ip() or "127.0.0.1", wechat_openid=wechat_openid),
    )


def at_provider(
    open_it: Callable[[], Payment], gateway: str, *, now: datetime, urls: SiteUrls, visitor: Visitor
) -> str:
    """Where to send whoever pays what `open_it` finds or makes. Raises ProviderUnavailable and what `open_it` raises."""
    for _attempt in range(3):
        payment = open_it()
        if payment.gateway != gateway:
            ask_provider(payment_id=payment.pk, now=now, is_over=True)
            if Payment.objects.filter(pk=payment.pk, status=Payment.Status.STARTED).exists():
                raise ProviderUnavailable  # the first provider did not say that nobody can pay there any more
            continue
        try:
            return _send_to_provider(payment, urls, visitor)
        except GatewayUnavailable as error:
            raise ProviderUnavailable from error
        except GatewayRefused:
            # The trade has ended over there (failed, closed, or paid without our knowing), or was opened in another way
            # (a code on the laptop, now the phone): learn of it, close it, start anew.
            ask_provider(payment_id=payment.pk, now=now, is_over=True)
    raise ProviderUnavailable


class Ways(NamedTuple):
    """The names of the gateways by which an order can be paid; and why not on delivery, None where that goes without saying."""

    names: list[str]
    why_not_on_delivery: str | Promise | None


def ways_to_pay(order: Order, now: datetime) -> Ways:
    """How this order can be paid now, in the order of the setting.

    By the farmer's own code only what is of one farmer who has one, and not again once they said that no money came. On
    delivery only what is of one farmer who offers it, to a buyer whom we know (on_delivery_queries.why_not).
    """
    names = configured_names()
    why_not = on_delivery_queries.why_not(order, now)
    if ON_DELIVERY in names and why_not != "":
        names.remove(ON_DELIVERY)
    if OFFLINE in names:
        denied = Payment.objects.filter(order=order, gateway=OFFLINE, status=Payment.Status.FAILED).exists()
        # Nothing that a farmer is paid directly goes to the fund.
        if denied or order.round_up_fen or code_for(order.pk, now) is None:
            names.remove(OFFLINE)
    return Ways(names, why_not or None)


def why_unpayable(*, farmer_ids: Collection[int], now: datetime) -> str | Promise:
    """Why parcels of these farmers could not be paid together here, in words for their buyer; "" if they can.

    Where buyers can only pay a farmer directly, that is one farmer, who has a code in force or lets them pay on delivery.
    At most two queries.
    """
    names = configured_names()
    if not names or not farmer_ids or set(names) - set(DIRECT):
        return ""
    if len(farmer_ids) > 1:
        return SEVERAL_FARMERS
    if OFFLINE in names and in_force(now).filter(farmer__in=farmer_ids).exists():
        return ""
    on_delivery = ON_DELIVERY in names and on_delivery_queries.in_force().filter(farmer__in=farmer_ids).exists()
    return "" if on_delivery else NO_CODE


@use_case
def open_payment(*, order_id: int, buyer: User, gateway: str, now: datetime) -> Payment:
    """The order's live payment, or a new one. Raises AlreadyPaid or TimeToPayIsOver."""
    order = Order.objects.visible_to(buyer).select_for_update(no_key=True).get(pk=order_id)
    if order.status == Order.Status.PAID:
        raise AlreadyPaid
    if order.status != Order.Status.UNPAID or order.pay_by <= now:
        raise TimeToPayIsOver
    if live := Payment.objects.filter(order=order, status=Payment.Status.STARTED).first():
        return live
    return Payment.objects.create(
        order=order,
        gateway=gateway,
        reference=new_reference(now),
        amount_fen=order.total_fen,
        started_at=now,
        query_at=first_query_at(started_at=now, pay_by=order.pay_by),
    )


def new_reference(now: datetime) -> str:
    """What we call a payment towards the provider: nobody can guess it."""
    return f"P{now:%Y%m%d}{secrets.token_hex(8).upper()}"


def _send_to_provider(payment: Payment, urls: SiteUrls, visitor: Visitor) -> str:
    if payment.gift:
        number, back = payment.gift.number, gift_page(payment.gift)
        subject = gettext("Gift %(number)s to the Chushan fund") % {"number": number}
    else:
        number = payment.ordered.number
        back = reverse("payments:returned", args=[number])
        subject = gettext("Chushan order %(number)s") % {"number": number}
    return get_gateway(payment.gateway).create(
        payment,
        subject=subject,
        expires_at=payment.pay_by,
        notify_url=urls.internal + reverse("payments:notify", args=[payment.gateway]),
        return_url=urls.public + back,
        visitor=visitor,
    )


def gift_page(gift: Gift) -> str:
    """The page of a gift, as providers and notifications send people back to it."""
    return reverse("fund:gift", args=[gift.token])
