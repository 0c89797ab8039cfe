"""Paying on delivery: the buyer promises, the farmer says that the money came, or one of them that it was not taken.

Only the farmer's word makes money of it: no time that runs out, and no word of the buyer's. It settles the order the way
a provider's notification does. Locks: User → Payment → Order → Parcel and Lot.
"""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from common.errors import InvalidInput, NotAllowed
from common.money import show_yuan
from common.transactions import needs_transaction, use_case
from notifications.services import notify
from orders.errors import WrongMove
from orders.models import Order, Parcel
from orders.services import promising
from payments import on_delivery_queries as queries
from payments.errors import NotOnDelivery, TimeToPayIsOver
from payments.gateways.direct import money_came
from payments.gateways.on_delivery import NAME
from payments.models import GatewayMessage, OnDeliveryTerms, Payment
from payments.services.settling import end_payment, settle
from payments.services.starting import start_payment

REASON_LENGTH = 200
Status = Payment.Status


@use_case
def set_terms(*, user_id: int, is_offered: bool, most_fen: int | None, now: datetime) -> OnDeliveryTerms:
    """Whether buyers may pay this farmer on delivery, and up to how much for an order (fen); None: all the shop allows.

    Orders that were promised before stay so. Raises NotAllowed for who is no verified farmer, or where the shop does not
    offer it; InvalidInput for an amount that is not above 0 or more than the shop allows.
    """
    farmer = Farmer.objects.filter(user=user_id, status=Farmer.Status.VERIFIED).first()
    if farmer is None or not queries.is_set_up():
        raise NotAllowed
    if most_fen is not None and not 0 < most_fen <= settings.ON_DELIVERY_MOST_FEN:
        most = show_yuan(settings.ON_DELIVERY_MOST_FEN)
        raise InvalidInput(_("Please type an amount up to %(most)s."), field="most_fen", most=most)
    most_fen = most_fen or settings.ON_DELIVERY_MOST_FEN
    terms, _is_new = OnDeliveryTerms.objects.update_or_create(
        farmer=farmer, defaults={"is_offered": is_offered, "most_fen": most_fen, "changed_at": now}
    )
    return terms


def promise(*, order_id: int, buyer: User, now: datetime) -> Payment:
    """The buyer promises to pay when it comes; twice is once. An open trade with a provider is closed before.

    Raises NotAllowed for another's order, PaymentNotSetUp and NotOnDelivery where it is not offered, AlreadyPaid,
    TimeToPayIsOver, ProviderUnavailable.
    """
    order = Order.objects.visible_to(buyer).filter(pk=order_id).first()
    if order is None:
        raise NotAllowed
    if order.status != Order.Status.PROMISED:
        start_payment(order_id=order_id, buyer=buyer, now=now, gateway=NAME)
    return _promise(order_id=order_id, buyer=buyer, now=now)


@use_case
def _promise(*, order_id: int, buyer: User, now: datetime) -> Payment:
    User.objects.select_for_update(no_key=True).get(pk=buyer.pk)  # what is open is counted one after the other
    payment = lock_promise_of(order_id)
    if payment is None:
        raise TimeToPayIsOver
    order = Order.objects.select_related("buyer").get(pk=order_id)
    if order.status == Order.Status.PROMISED:
        return payment
    if why := queries.why_not(order, now):
        raise NotOnDelivery(why)
    try:
        promising.promise_order(order_id=order_id, buyer=buyer, now=now)
    except WrongMove as error:
        raise TimeToPayIsOver from error
    payment.query_at = None
    payment.save(update_fields=["query_at"])
    return payment


@needs_transaction
def lock_promise_of(order_id: int) -> Payment | None:
    """The live payment on delivery of an order, locked, or None; a step. To be taken before Order and Parcel."""
    live = Payment.objects.filter(order=order_id, gateway=NAME, status=Status.STARTED)
    return live.select_for_update(no_key=True).first()


def say_came(*, order_number: str, farmer: User, now: datetime) -> GatewayMessage:
    """The farmer has the money: the order is paid, once however often it is said.

    Raises NotAllowed for an order that is not to be paid to this farmer on delivery, WrongMove before it was posted, or
    when it was cancelled or not taken.
    """
    payment = queries.of_farmer(farmer).filter(order__number=order_number).order_by("-pk").first()
    if payment is None:
        raise NotAllowed
    return settle(money_came(payment, farmer, now), now)


@use_case
def refuse(*, order_number: str, person: User, reason: str, now: datetime) -> Parcel:
    """It was not taken, says its buyer or its farmer: no money will come, and the parcel goes back. The other is told.

    Raises NotAllowed for anybody else, WrongMove unless it is on its way and still to be paid, InvalidInput.
    """
    reason = reason.strip()
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please say it in fewer words."), field="reason")
    order_id = _order_of(order_number, person)
    payment = lock_promise_of(order_id)
    parcel = promising.refuse_order(order_id=order_id, actor=person, reason=reason, now=now)
    if payment is None:
        raise WrongMove
    end_payment(payment, Status.FAILED)
    return parcel


@use_case
def came_back(*, order_number: str, farmer: User, now: datetime) -> Parcel:
    """What was not taken is back, as good as new: its boxes go on sale again. Raises NotAllowed, WrongMove."""
    return promising.put_back(order_id=_order_of(order_number, farmer), farmer=farmer, now=now)


def _order_of(number: str, person: User) -> int:
    """The order to be paid on delivery of which this person is a side."""
    payment = Payment.objects.filter(gateway=NAME, order__number=number).select_related("order").first()
    parcel = Parcel.objects.select_related("farmer").filter(order=payment.order_id).first() if payment else None
    if parcel is None or payment is None or person.pk not in (payment.ordered.buyer_id, parcel.farmer.user_id):
        raise NotAllowed
    return payment.ordered.pk


@needs_transaction
def ask_farmer(parcel: Parcel, now: datetime, occurrence: str = "") -> None:
    """The parcel has arrived, or should have: has the money come? A step."""
    notify(
        recipient=parcel.farmer.user,
        kind="on_delivery_ask",
        about=f"parcel:{parcel.pk}",
        now=now,
        link=reverse("payments:on_delivery_answer", args=[parcel.order.number]),
        occurrence=occurrence,
        number=parcel.number,
        amount_fen=parcel.total_fen,
    )
