"""Reads about paying farmers directly: whose code is shown, who may see it, what waits for the farmer's word."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from accounts.models import Farmer, User
from orders.models import Order
from payments.gateways.offline.desk import in_force
from payments.models import OfflinePayment, Payment, ReceivingCode

STILL_ASKED = timedelta(days=30)
OPEN = (Payment.Status.STARTED, Payment.Status.CLOSED, Payment.Status.FAILED)


def shown_code(farmer: Farmer, now: datetime) -> ReceivingCode | None:
    """The code that buyers of this farmer are shown now."""
    return in_force(now).filter(farmer=farmer).first()


def newest_code(farmer: Farmer) -> ReceivingCode | None:
    """The last picture that was sent, whatever became of it."""
    return ReceivingCode.objects.filter(farmer=farmer).select_related("photo").order_by("-pk").first()


def codes_visible_to(user: User) -> QuerySet[ReceivingCode]:
    """Its farmer's, and a buyer's who was shown it for an order of their own; moderators see all."""
    codes = ReceivingCode.objects.filter(photo__status="READY").select_related("photo")
    if user.is_moderator:
        return codes
    paying = OfflinePayment.objects.filter(payment__order__buyer=user).values("code")
    return codes.filter(Q(farmer__user=user) | Q(pk__in=paying))


def newest_of(order: Order) -> OfflinePayment | None:
    """The order's last payment by the farmer's code, with all that its pages show."""
    found = OfflinePayment.objects.filter(payment__order=order).order_by("-payment_id")
    return found.select_related("payment", "code__farmer__user", "code__photo").first()


def waiting_for_word(farmer: Farmer, now: datetime) -> QuerySet[OfflinePayment]:
    """Payments by this farmer's code of which they have not said that they came: those the buyer says were paid, first.

    Also those whose time is over, for thirty days: money that came late is still to be told.
    """
    open_ones = OfflinePayment.objects.filter(
        code__farmer=farmer, payment__status__in=OPEN, payment__started_at__gt=now - STILL_ASKED
    ).exclude(payment__order__status=Order.Status.PAID)
    return open_ones.filter(said_at__isnull=False).select_related("payment__order").order_by("-said_at")


def unanswered(now: datetime) -> QuerySet[OfflinePayment]:
    """What buyers say that they paid, whose time is over without the farmer's word: somebody has to ask."""
    return OfflinePayment.objects.filter(
        said_at__isnull=False,
        payment__status__in=[Payment.Status.STARTED, Payment.Status.CLOSED],
        payment__order__pay_by__lte=now,
    )
