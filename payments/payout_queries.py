"""Reads about payouts: who may handle them, who is to be paid, what each payout is made of."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from accounts.models import Farmer, User
from orders.models import OrderLine
from payments.models import Account, Entry, Leg, Payout, PayoutBatch

PERMISSION = "payments.handle_payouts"
Kind = Account.Kind


def may_handle_payouts(user: User | AnonymousUser) -> bool:
    """Staff who were given the permission in the administration."""
    return isinstance(user, User) and user.is_active and user.is_staff and user.has_perm(PERMISSION)


def under_way() -> QuerySet[Payout]:
    """Of the farmer at hand: what is being prepared or on its way."""
    return Payout.objects.filter(farmer=OuterRef("pk"), state__in=Payout.UNDER_WAY)


def wrong_payee() -> QuerySet[Payout]:
    """Of the farmer at hand: what came back from the very account that they still have."""
    return Payout.objects.filter(
        farmer=OuterRef("pk"),
        is_payee_wrong=True,
        payee_kind=OuterRef("payee_kind"),
        payee_account=OuterRef("payee_account"),
        payee_name=OuterRef("payee_name"),
    )


def may_be_paid() -> QuerySet[Farmer]:
    """Verified, nothing under way, and with an account that no bank has refused."""
    return Farmer.objects.verified().exclude(Exists(under_way())).exclude(Exists(wrong_payee()))


@dataclass(frozen=True)
class Waiting:
    """A farmer with money to be paid out, or to be taken off (below 0), and why it would not go into a batch now."""

    farmer: Farmer
    fen: int

    @property
    def hindrance(self) -> str:
        """ "": none. Else "UNDER_WAY", "PAYEE", "STATUS" or "NOTHING"."""
        if self.farmer.status != Farmer.Status.VERIFIED:
            return "STATUS"
        if self.farmer.is_under_way:  # type: ignore[attr-defined]  # annotated
            return "UNDER_WAY"
        if self.farmer.is_payee_wrong:  # type: ignore[attr-defined]  # annotated
            return "PAYEE"
        return "" if self.fen > 0 else "NOTHING"


def waiting() -> list[Waiting]:
    """Farmers with released money that is in no payout, the largest sums first. Two queries."""
    sums = dict(
        Leg.objects.filter(account__kind=Kind.FARMER_DUE)
        .values_list("account__farmer_id")
        .annotate(fen=Sum("fen"))
        .exclude(fen=0)
        .order_by()
    )
    farmers = Farmer.objects.filter(pk__in=sums).select_related("county")
    annotated = farmers.annotate(is_under_way=Exists(under_way()), is_payee_wrong=Exists(wrong_payee()))
    return sorted(
        (Waiting(farmer, -sums[farmer.pk]) for farmer in annotated), key=lambda each: (-each.fen, each.farmer.pk)
    )


def batches() -> QuerySet[PayoutBatch]:
    """Batches with how many payouts stand where, and their sum, newest first. One query."""
    standing: dict[str, Any] = {
        name: Count("payouts", filter=Q(payouts__state=state))
        for name, state in [("under_way", "SENT"), ("paid", "PAID"), ("returned", "RETURNED")]
    }
    return PayoutBatch.objects.select_related("prepared_by", "approved_by", "sent_by", "dropped_by").annotate(
        count=Count("payouts"), fen=Sum("payouts__amount_fen"), **standing
    )


def lines_of(payout: Payout) -> list[tuple[OrderLine, int]]:
    """What a payout is made of: each order line with its fen, postage included, below 0 where money went back. 2 queries."""
    legs = Leg.objects.filter(entry__ref=f"payout:{payout.pk}", account__kind=Kind.FARMER_PAYOUT)
    sums = list(legs.values_list("line_id").annotate(fen=Sum("fen")).order_by("line_id"))
    lines = OrderLine.objects.select_related("parcel").in_bulk([line_id for line_id, _fen in sums])
    return [(lines[line_id], -fen) for line_id, fen in sums]


def below_nothing(batch: PayoutBatch) -> dict[int, int]:
    """Fen that were taken off each payout of a batch because they went back to buyers, by payout, above 0. One query."""
    legs = Leg.objects.filter(
        entry__payout__batch=batch, entry__kind=Entry.Kind.PAYOUT, account__kind=Kind.FARMER_PAYOUT, fen__gt=0
    )
    return dict(legs.values_list("entry__payout_id").annotate(fen=Sum("fen")).order_by())
