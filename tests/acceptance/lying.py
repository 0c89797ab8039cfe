"""What tests of providers that lie ask of the shop."""

from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from payments.models import Entry, Leg, Payment, Refund
from payments.services import querying
from tests.payments.providers.scene import stand

WECHAT, ALIPAY = "wechat", "alipay"
NO_ANSWERS = [500, "drop", "hang", "garbage", "unsigned", "forged"]


def ask(payment: Payment, moment: datetime | None = None) -> None:
    """The task that asks about open payments comes round."""
    querying.ask_provider(payment_id=payment.pk, now=moment or timezone.now())


def balanced() -> bool:
    """Every fen that the provider has is somebody's, and nothing was booked twice."""
    trades = Entry.objects.filter(kind__in=["PAID", "UNWANTED"]).values_list("payment")
    return not Leg.objects.aggregate(fen=Sum("fen"))["fen"] and len(trades) == len(set(trades))


def untouched(payment: Payment) -> bool:
    return stand(payment) == ("STARTED", "UNPAID") and not Entry.objects.exists() and not Refund.objects.exists()
