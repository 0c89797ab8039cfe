"""Reads of payments that are more than a get."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from orders.models import Order, Parcel
from payments.models import Claim, ClaimAppeal, ClaimItem, ClaimPhoto, Payment
from payments.models.claims import ClaimQuerySet

SAID = (Payment.Status.STARTED, Payment.Status.CLOSED)


class Standing(StrEnum):
    """How an order stands with its money, in the buyer's eyes."""

    NOT_STARTED = "not_started"
    CONFIRMING = "confirming"
    FAILED = "failed"
    PAID = "paid"
    PROMISED = "promised"
    GOING_BACK = "going_back"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True)
class PaymentView:
    """What the pages of a payment show. `is_twice`: the order is paid, and a second payment goes back. `is_said`: the buyer
    says that they paid into the farmer's own code, and the farmer has not said yet whether it came.
    """

    standing: Standing
    can_pay: bool
    is_twice: bool = False
    is_said: bool = False


def payment_view(order: Order, now: datetime) -> PaymentView:
    """One query. Only what the provider told us counts: coming back from its page proves nothing."""
    attempts = list(Payment.objects.filter(order=order).order_by("pk").values_list("status", "offline__said_at"))
    statuses = [status for status, _said_at in attempts]
    is_said = any(said_at and status in SAID for status, said_at in attempts)
    is_going_back = Payment.Status.TO_REFUND in statuses
    can_pay = order.status == Order.Status.UNPAID and order.pay_by > now
    if order.status == Order.Status.PAID:
        return PaymentView(Standing.PAID, can_pay=False, is_twice=is_going_back)
    if order.status == Order.Status.PROMISED:
        return PaymentView(Standing.PROMISED, can_pay=False, is_twice=is_going_back)
    if order.status in (Order.Status.CANCELLED, Order.Status.REFUSED):
        return PaymentView(Standing.CANCELLED, can_pay=False)
    if is_going_back:
        return PaymentView(Standing.GOING_BACK, can_pay=False)
    if Payment.Status.STARTED in statuses:
        return PaymentView(Standing.CONFIRMING, can_pay, is_said=is_said)
    if not can_pay:
        return PaymentView(Standing.OVER, can_pay, is_said=is_said)
    return PaymentView(Standing.FAILED if statuses else Standing.NOT_STARTED, can_pay)


def claims_with_all() -> ClaimQuerySet:
    """Claims with what their pages show: both sides, lines, counts, photos, the refund. Four queries, newest first."""
    photos, items = ClaimPhoto.objects.select_related("photo"), ClaimItem.objects.select_related("line")
    return Claim.objects.select_related(
        "parcel__order__buyer",
        "parcel__farmer__user",
        "parcel__farmer__county",
        "decided_by",
        "refund",
        "appeal__decided_by",
        "appeal__refund",
    ).prefetch_related("parcel__lines", Prefetch("items", items), Prefetch("photo_places", photos))


def claims_to_decide(moderator: User, now: datetime) -> ClaimQuerySet:
    """What waits for moderators, oldest first, without what a moderator is a side of."""
    waiting = (
        Claim.objects.for_moderators(now).select_related("parcel__farmer__county").prefetch_related("parcel__lines")
    )
    own = Q(parcel__order__buyer=moderator) | Q(parcel__farmer__user=moderator)
    return waiting.exclude(own).order_by("opened_at", "pk")


FLAG_PERIOD = timedelta(days=90)
FLAG_CLAIMS, FLAG_FARMERS = 3, 2


def claim_appeals_to_decide(moderator: User) -> QuerySet[ClaimAppeal]:
    """Appeals that wait for a moderator, oldest first, without what this one decided or is a side of."""
    waiting = ClaimAppeal.objects.filter(status=ClaimAppeal.Status.WAITING).exclude(claim__decided_by=moderator)
    own = Q(claim__parcel__order__buyer=moderator) | Q(claim__parcel__farmer__user=moderator)
    return waiting.exclude(own).select_related("claim__parcel__farmer__county", "by").order_by("made_at", "pk")


@dataclass(frozen=True)
class RecentClaims:
    """A buyer's claims of the last 90 days, this one too: how many, with how many farmers, paid at once, and what went back."""

    claims: int
    farmers: int
    at_once: int
    arrived: int
    given_fen: int

    @property
    def is_flagged(self) -> bool:
        """Again and again, and not with one farmer only. It refuses nothing: a moderator knows it, and decides."""
        return self.claims >= FLAG_CLAIMS and self.farmers >= FLAG_FARMERS


@dataclass(frozen=True)
class ClaimRecord:
    """How often each side was in a claim before: parcels that arrived, those of them claimed, those that got money back.

    `recent` are the buyer's claims across all farmers.
    """

    farmer: dict[str, int]
    buyer: dict[str, int]
    recent: RecentClaims


def recent_claims(buyer_id: int, now: datetime) -> RecentClaims:
    """What a buyer claimed in the last 90 days, beside what they received. Two queries."""
    since = now - FLAG_PERIOD
    found = Claim.objects.filter(parcel__order__buyer=buyer_id, opened_at__gt=since).aggregate(
        claims=Count("pk"),
        farmers=Count("parcel__farmer", distinct=True),
        at_once=Count("pk", filter=Q(state=Claim.State.PAID)),
        given_fen=Coalesce(Sum("decided_fen"), 0),
    )
    arrived = Parcel.objects.filter(order__buyer=buyer_id, received_at__gt=since).count()
    return RecentClaims(arrived=arrived, **found)


def claim_record(parcel: Parcel, now: datetime) -> ClaimRecord:
    """Of the parcel's farmer and of its buyer, this parcel left out of what was before. Four queries."""
    arrived = Parcel.objects.filter(received_at__isnull=False).exclude(pk=parcel.pk)
    return ClaimRecord(
        farmer=_counts(arrived.filter(farmer_id=parcel.farmer_id)),
        buyer=_counts(arrived.filter(order__buyer_id=parcel.order.buyer_id)),
        recent=recent_claims(parcel.order.buyer_id, now),
    )


def _counts(parcels: QuerySet[Parcel]) -> dict[str, int]:
    return parcels.aggregate(
        arrived=Count("pk", distinct=True),
        claimed=Count("pk", distinct=True, filter=Q(claims__isnull=False)),
        given=Count("pk", distinct=True, filter=Q(claims__decided_fen__isnull=False)),
    )


def claim_photos(user: User) -> QuerySet[ClaimPhoto]:
    """Photos of claims that are clean and that this person may see: one of the two sides, or a moderator."""
    visible = ClaimPhoto.objects.filter(claim__in=Claim.objects.visible_to(user), photo__status="READY")
    return visible.select_related("photo")
