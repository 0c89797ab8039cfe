"""An order is paid, or its time is over. Both lock the order first, so exactly one of them happens first."""

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import DomainError
from common.transactions import needs_transaction, use_case
from marketplace.services import stock
from notifications.services import notify
from notifications.webhooks import publish
from orders.clock import Event
from orders.errors import StockGone
from orders.models import Order, Parcel
from orders.services.moves import move
from orders.services.placing import hold_again


@needs_transaction
def mark_paid(*, order_id: int, now: datetime) -> bool:
    """A payment of this order was confirmed; a step of payments' own use-case. True: it became paid; False: it was.

    A released order takes its stock again. If there is none, StockGone is raised and everything written here is
    undone, while the caller's transaction goes on: it has a refund to record.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.status not in (Order.Status.UNPAID, Order.Status.RELEASED):
        return False
    if order.status == Order.Status.RELEASED:
        try:
            with transaction.atomic():  # a savepoint
                hold_again(order, now)
        except DomainError as error:
            raise StockGone from error
    stock.sell_holds(order.number, now)
    order.status, order.paid_at = Order.Status.PAID, now
    order.save(update_fields=["status", "paid_at"])
    for parcel_id in order.parcels.order_by("pk").values_list("pk", flat=True):
        ask_to_pack(parcel_id, now)
    notify(
        recipient=order.buyer,
        kind="order_paid",
        about=f"order:{order.pk}",
        now=now,
        link=reverse("orders:order_detail", args=[order.number]),
        number=order.number,
        amount_fen=order.total_fen,
    )
    publish("order.paid", to=[order.buyer_id], now=now, order=order.number, total_fen=order.total_fen)
    return True


@needs_transaction
def ask_to_pack(parcel_id: int, now: datetime, *, event: Event = Event.PAY, actor: User | None = None) -> None:
    """The parcel is the farmer's to pack from now on: paid, or promised by its buyer; a step. The caller holds the order."""
    parcel = move(parcel_id=parcel_id, event=event, actor=actor, now=now, post_by=_post_by(parcel_id, now))
    lines = list(parcel.lines.all())
    about_what: dict[str, Any] = {}
    if len({line.listing_id for line in lines}) == 1:
        about_what = {"produce_zh": lines[0].produce_zh, "produce_en": lines[0].produce_en}
    if event == Event.PROMISE:
        about_what |= {"audience": "on_delivery", "amount_fen": parcel.total_fen}
    notify(
        recipient=parcel.farmer.user,
        kind="parcel_to_pack",
        about=f"parcel:{parcel.pk}",
        now=now,
        link=reverse("orders:parcel_detail", args=[parcel.number]),
        number=parcel.number,
        packs=sum(line.packs for line in lines),
        until=parcel.post_by,
        **about_what,
    )
    publish("parcel.to_pack", to=[parcel.farmer.user_id], now=now, parcel=parcel.number, post_by=parcel.post_by)


def _post_by(parcel_id: int, now: datetime) -> datetime:
    """The promised days from now or, for presale, from the end of the last expected harvest."""
    last = Parcel.objects.filter(pk=parcel_id, lines__lot__picked_on=None).aggregate(
        until=Max("lines__lot__expected_until")
    )["until"]
    start = now
    if last is not None:
        start = max(now, datetime.combine(last, time.max, tzinfo=timezone.get_current_timezone()))
    return start + timedelta(days=settings.DAYS_TO_POST)


@needs_transaction
def wait_for_farmer(*, order_id: int, buyer: User, now: datetime) -> Order:
    """The buyer says that they paid the farmer directly: their packs are kept until the farmer had time to look; a step.

    The caller holds the payment. Raises WrongMove when the time to pay is over or the order is not unpaid.
    """
    return _keep_longer(order_id, Event.SAY_PAID, buyer, now, until=now + settings.OFFLINE_CONFIRM_TIME)


@needs_transaction
def pay_again(*, order_id: int, farmer: User, now: datetime) -> Order:
    """The farmer saw no money: the buyer has TIME_TO_PAY from now to pay after all; a step. Raises WrongMove as above."""
    return _keep_longer(order_id, Event.DENY, farmer, now, until=now + settings.TIME_TO_PAY)


def _keep_longer(order_id: int, event: Event, actor: User, now: datetime, *, until: datetime) -> Order:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    for parcel_id in order.parcels.order_by("pk").values_list("pk", flat=True):
        move(parcel_id=parcel_id, event=event, actor=actor, now=now)
    order.pay_by = until
    order.save(update_fields=["pay_by"])
    stock.keep_until(order.number, until)
    return order


@use_case
def release_order(*, order_id: int, now: datetime) -> bool:
    """Give up an order that was not paid in time: its packs go back on sale. Safe twice; True when it did something."""
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.status != Order.Status.UNPAID or order.pay_by > now:
        return False
    stock.release_holds(order.number, now)
    order.status = Order.Status.RELEASED
    order.save(update_fields=["status"])
    for parcel_id in order.parcels.order_by("pk").values_list("pk", flat=True):
        move(parcel_id=parcel_id, event=Event.RELEASE, actor=None, now=now)
    notify(
        recipient=order.buyer,
        kind="order_released",
        about=f"order:{order.pk}",
        now=now,
        link=reverse("orders:order_detail", args=[order.number]),
        number=order.number,
    )
    return True
