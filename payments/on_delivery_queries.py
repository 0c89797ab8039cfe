"""Reads about paying on delivery: who may promise it, what a farmer has not been paid for yet, what takes too long."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from common.money import show_yuan
from orders.clock import Event
from orders.models import Order, Parcel, ParcelEvent
from payments.gateways import configured_names
from payments.gateways.on_delivery import NAME
from payments.models import OnDeliveryTerms, Payment

NO_PHONE = _("To pay when it comes, please first confirm a phone number of yours: the courier calls it.")
NOT_TAKEN = _("You did not take a parcel lately that was to be paid when it came, so please pay beforehand for now.")
STILL_OPEN = _("You still have parcels to pay for when they come. Once those are paid, you can do it again.")


def is_set_up() -> bool:
    """Whether this shop lets farmers offer it."""
    return NAME in configured_names()


def terms_of(farmer: Farmer) -> OnDeliveryTerms | None:
    """What this farmer said about it; None if nothing."""
    return OnDeliveryTerms.objects.filter(farmer=farmer).first()


def in_force() -> QuerySet[OnDeliveryTerms]:
    """The terms of verified farmers who offer it."""
    return OnDeliveryTerms.objects.filter(is_offered=True, farmer__status=Farmer.Status.VERIFIED)


def why_not(order: Order, now: datetime) -> str | Promise | None:
    """Why the buyer of an unpaid order cannot pay it on delivery, in words for them; "" if they can.

    None where there is nothing to say: the shop or the farmer does not offer it, it is several farmers', or it was rounded
    up for the fund, to which nothing goes that a farmer is paid directly. At most three queries.
    """
    if not is_set_up() or order.round_up_fen:
        return None
    offered = ("farmer__on_delivery__is_offered", "farmer__on_delivery__most_fen", "farmer__status")
    parcels = list(Parcel.objects.filter(order=order).values_list(*offered)[:2])
    if len(parcels) != 1 or not parcels[0][0] or parcels[0][2] != Farmer.Status.VERIFIED:
        return None
    most_fen = min(parcels[0][1], settings.ON_DELIVERY_MOST_FEN)
    if order.total_fen > most_fen:
        return _("Up to %(most)s you can pay this farmer when it comes.") % {"most": show_yuan(most_fen)}
    if not order.buyer.phone or not order.buyer.phone_verified:
        return NO_PHONE
    return _standing(order.buyer, now)


def _standing(buyer: User, now: datetime) -> str | Promise:
    """Whether the buyer kept what they promised before. Two queries."""
    since = now - settings.ON_DELIVERY_REFUSED_FOR
    refused = ParcelEvent.objects.filter(event=Event.REFUSE, parcel__order__buyer=buyer, happened_at__gt=since)
    if refused.count() >= settings.ON_DELIVERY_REFUSALS:
        return NOT_TAKEN
    theirs = Order.objects.filter(buyer=buyer, status=Order.Status.PROMISED).aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(parcels__posted_at__lte=now - settings.ON_DELIVERY_UNPAID_AFTER))
    )
    return STILL_OPEN if theirs["late"] or theirs["all"] >= settings.ON_DELIVERY_OPEN else ""


def of_farmer(user: User) -> QuerySet[Payment]:
    """Payments on delivery of this farmer's orders."""
    return Payment.objects.filter(gateway=NAME, order__parcels__farmer__user=user)


def promised_to(farmer: Farmer) -> QuerySet[Parcel]:
    """This farmer's parcels that were promised to be paid on delivery, whatever became of them but for the cancelled."""
    stands = Payment.objects.filter(gateway=NAME).exclude(status=Payment.Status.CLOSED)
    known = [Order.Status.PROMISED, Order.Status.PAID, Order.Status.REFUSED]
    mine = Parcel.objects.filter(farmer=farmer, order__payments__in=stands, order__status__in=known)
    return mine.select_related("order").prefetch_related("lines__hold")


def waiting_for_money(farmer: Farmer) -> QuerySet[Parcel]:
    """Posted parcels of this farmer's that are still to be paid, the longest on their way first."""
    posted = Parcel.objects.filter(farmer=farmer, order__status=Order.Status.PROMISED, posted_at__isnull=False)
    return posted.select_related("order").order_by("posted_at", "pk")


def unpaid_too_long(now: datetime) -> QuerySet[Parcel]:
    """Posted long ago, and no word of the money: somebody has to ask."""
    return Parcel.objects.filter(
        order__status=Order.Status.PROMISED, posted_at__lte=now - settings.ON_DELIVERY_UNPAID_AFTER
    )
