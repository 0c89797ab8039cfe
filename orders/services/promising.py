"""Orders to be paid on delivery: promised, the money came, not taken, back again. All are steps of payments' use-cases.

No money is anywhere until the farmer has it. The order is locked first, as in paying.py, so of two things that happen at
once one is first and the other finds out.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from common.transactions import needs_transaction
from marketplace.services import stock
from notifications.services import notify
from notifications.webhooks import publish
from orders.clock import Event
from orders.errors import WrongMove
from orders.models import Order, Parcel
from orders.services.moves import move
from orders.services.paying import ask_to_pack


@needs_transaction
def promise_order(*, order_id: int, buyer: User, now: datetime) -> Order:
    """The buyer will pay when it comes: what was held is sold, and the farmer is asked to pack; a step.

    Raises WrongMove when it is unpaid no more, its time to pay is over, or it is not one farmer's; NotAllowed for another's.
    """
    order = Order.objects.select_for_update(no_key=True).select_related("buyer").get(pk=order_id)
    parcel_ids = list(order.parcels.values_list("pk", flat=True))
    if order.status != Order.Status.UNPAID or len(parcel_ids) != 1:
        raise WrongMove
    stock.sell_holds(order.number, now)
    ask_to_pack(parcel_ids[0], now, event=Event.PROMISE, actor=buyer)
    order.status = Order.Status.PROMISED
    order.save(update_fields=["status"])
    _tell(order.buyer, "order_promised", order, now, about=f"order:{order.pk}")
    return order


@needs_transaction
def note_money(order: Order, now: datetime) -> None:
    """The farmer has the money of a promised order: it is paid, and its parcel has arrived; a step.

    The caller holds the order. Raises WrongMove for a parcel that was not even posted.
    """
    parcel = order.parcels.get()
    arrives: dict[str, Any] = {}
    if parcel.state == Parcel.State.ON_THE_WAY:
        arrives = {"received_at": now, "claim_until": now + settings.CLAIM_WINDOW}
    parcel = move(parcel_id=parcel.pk, event=Event.COME, actor=None, now=now, **arrives)
    order.status, order.paid_at = Order.Status.PAID, now
    order.save(update_fields=["status", "paid_at"])
    _tell(order.buyer, "order_paid", order, now, about=f"order:{order.pk}", audience="on_delivery")
    publish("order.paid", to=[order.buyer_id], now=now, order=order.number, total_fen=order.total_fen)
    if arrives:
        _publish("parcel.received", parcel, now)


@needs_transaction
def refuse_order(*, order_id: int, actor: User, reason: str, now: datetime) -> Parcel:
    """It was not taken, says its buyer or its farmer: no money will come, and the parcel goes back; a step.

    Raises WrongMove unless it is on its way and still to be paid, NotAllowed for anybody else.
    """
    order = Order.objects.select_for_update(no_key=True).select_related("buyer").get(pk=order_id)
    parcel = move(parcel_id=order.parcels.get().pk, event=Event.REFUSE, actor=actor, now=now, note=reason)
    order.status = Order.Status.REFUSED
    order.save(update_fields=["status"])
    sides = [(order.buyer, "buyer"), (parcel.farmer.user, "farmer")]
    for person, audience in sides:
        if person.pk != actor.pk:
            link = "" if audience == "buyer" else reverse("orders:parcel_detail", args=[parcel.number])
            more = {"audience": audience, "reason": reason, "farmer": parcel.farmer.name}
            _tell(person, "parcel_refused", order, now, about=f"parcel:{parcel.pk}", link=link, **more)
    _publish("parcel.refused", parcel, now)
    return parcel


@needs_transaction
def put_back(*, order_id: int, farmer: User, now: datetime) -> Parcel:
    """What was not taken is with its farmer again, as good as new: its packs go back on sale; a step.

    Raises WrongMove when they are on sale already or it was taken, NotAllowed for anybody else.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    parcel = move(parcel_id=order.parcels.get().pk, event=Event.COME_BACK, actor=farmer, now=now)
    if not stock.return_packs([line.hold_id for line in parcel.lines.all()], now):
        raise WrongMove
    return parcel


def _tell(person: User, kind: str, order: Order, now: datetime, *, about: str, link: str = "", **context: Any) -> None:
    notify(
        recipient=person,
        kind=kind,
        about=about,
        now=now,
        link=link or reverse("orders:order_detail", args=[order.number]),
        number=order.number,
        amount_fen=order.total_fen,
        **context,
    )


def _publish(event: str, parcel: Parcel, now: datetime) -> None:
    both = [parcel.order.buyer_id, parcel.farmer.user_id]
    publish(event, to=both, now=now, order=parcel.order.number, parcel=parcel.number, state=str(parcel.state))
