"""When something was wrong with a harvest, its other buyers are asked whether theirs is fine, while they can still say so."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from common.transactions import needs_transaction
from notifications.services import notify
from orders.models import OrderLine, Parcel
from payments.models import Claim

#: What is wrong with a whole harvest, if it is wrong with one box: not what happens to one parcel on its way.
OF_THE_HARVEST = (Claim.Kind.SPOILED, Claim.Kind.WRONG)


@needs_transaction
def ask_others(claim: Claim, now: datetime) -> int:
    """Ask who received of the same lots within the last 48 hours, once for an order and a lot; a step.

    Only where money goes back for the grower's fault. Nobody learns who claimed. How many were asked just now.
    """
    if claim.kind not in OF_THE_HARVEST or claim.cause != Claim.Cause.GROWER or not claim.decided_fen:
        return 0
    bad = OrderLine.objects.filter(claim_items__claim=claim)
    lots = (bad if claim.items.exists() else OrderLine.objects.filter(parcel=claim.parcel_id)).values("lot")
    others = OrderLine.objects.filter(
        lot__in=lots,
        parcel__state=Parcel.State.RECEIVED,
        parcel__received_at__gt=now - settings.CLAIM_WINDOW,
        parcel__claim_until__gt=now,
    ).exclude(parcel__order=claim.parcel.order_id)
    told = [_ask(line, now) for line in others.select_related("parcel__order__buyer", "parcel__farmer").order_by("pk")]
    return sum(told)


def _ask(line: OrderLine, now: datetime) -> bool:
    parcel = line.parcel
    asked = notify(
        recipient=parcel.order.buyer,
        kind="claim_lot_asked",
        about=f"order:{parcel.order_id}:lot:{line.lot_id}",
        now=now,
        link=reverse("payments:claim_create", args=[parcel.number]),
        produce_zh=line.produce_zh,
        produce_en=line.produce_en,
        farmer=parcel.farmer.name,
        until=parcel.claim_until,
    )
    return asked is not None
