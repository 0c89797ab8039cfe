"""What farmers earned, read from the ledger: per line, per parcel, and all in all. Every figure is a sum of legs (fen)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, Sum

from accounts.models import Farmer
from orders.models import OrderLine, Parcel
from payments.models import Account, Leg, Refund

PAGE_SIZE = 20
Kind = Account.Kind
FARMERS = [Kind.FARMER_HELD, Kind.FARMER_DUE, Kind.FARMER_PAYOUT]
KEPT = [*FARMERS, Kind.FARMER_DIRECT]


@dataclass(frozen=True)
class Money:
    """What a farmer has with us: held until parcels have arrived well, and free to be paid out (minus: owed to us)."""

    held_fen: int
    due_fen: int


def money_of(farmer: Farmer) -> Money:
    """The balances of a farmer's accounts now. 1 query."""
    sums = dict(
        Leg.objects.filter(account__farmer=farmer).values_list("account__kind").annotate(fen=Sum("fen")).order_by()
    )
    return Money(held_fen=-sums.get(Kind.FARMER_HELD, 0), due_fen=-sums.get(Kind.FARMER_DUE, 0))


def take_home(line_ids: Iterable[int]) -> dict[int, int]:
    """What the farmer really keeps of the goods of each paid line, after what went back, without postage. 1 query."""
    sums = Leg.objects.filter(line__in=line_ids, part=Leg.Part.GOODS, account__kind__in=KEPT)
    return {line_id: -fen for line_id, fen in sums.values_list("line_id").annotate(fen=Sum("fen")).order_by()}


@dataclass
class ParcelMoney:
    """One parcel in its farmer's eyes. `lines` with what they keep of each; `back` are refunds, with their reasons.

    `is_direct`: the buyer paid into the farmer's own code or on delivery, so that all of it is there already.
    """

    parcel: Parcel
    lines: list[tuple[OrderLine, int]] = field(default_factory=list)
    postage_fen: int = 0
    held_fen: int = 0
    is_direct: bool = False
    back: list[Refund] = field(default_factory=list)

    @property
    def total_fen(self) -> int:
        """All of it that is the farmer's, postage too."""
        return sum(fen for _line, fen in self.lines) + self.postage_fen

    @property
    def free_fen(self) -> int:
        """Of that, what is released."""
        return self.total_fen - self.held_fen

    @property
    def held_until(self) -> datetime | None:
        """When the rest is released at the latest if nobody complains; None while that hangs on somebody's word."""
        parcel = self.parcel
        if parcel.state == Parcel.State.RECEIVED:
            return parcel.claim_until
        if parcel.state == Parcel.State.ON_THE_WAY and parcel.posted_at:
            return parcel.posted_at + settings.AUTO_RECEIVE_AFTER + settings.CLAIM_WINDOW
        return None


def parcels_of(farmer: Farmer, before: int | None = None) -> list[ParcelMoney]:
    """The newest paid parcels with their money, one more than a page; `before` is the pk to go on below. 4 queries."""
    paid = Parcel.objects.of_farmer(farmer).filter(order__paid_at__isnull=False)
    newest = paid.select_related("order").prefetch_related("lines").order_by("-pk")
    if before:
        newest = newest.filter(pk__lt=before)
    return with_money(list(newest[: PAGE_SIZE + 1]))


def with_money(parcels: Sequence[Parcel]) -> list[ParcelMoney]:
    """These parcels (lines prefetched) with their money. 2 queries."""
    found = {parcel.pk: ParcelMoney(parcel) for parcel in parcels}
    kept: dict[int, int] = defaultdict(int)
    sums = (
        Leg.objects.filter(line__parcel__in=found, account__kind__in=KEPT)
        .values_list("line__parcel_id", "line_id", "part")
        .annotate(
            whole=Sum("fen"),
            held=Sum("fen", filter=Q(account__kind=Kind.FARMER_HELD)),
            direct=Count("pk", filter=Q(account__kind=Kind.FARMER_DIRECT)),
        )
        .order_by()
    )
    for parcel_id, line_id, part, whole, held, direct in sums:
        money = found[parcel_id]
        money.held_fen -= held or 0
        money.is_direct |= direct > 0
        if part == Leg.Part.POSTAGE:
            money.postage_fen -= whole
        else:
            kept[line_id] -= whole
    for money in found.values():
        money.lines = [(line, kept[line.pk]) for line in money.parcel.lines.all()]
    refunds = Refund.objects.filter(parcel__in=found).exclude(
        reason=Refund.Reason.COUPON
    )  # those cost the farmer nothing
    for refund in refunds.select_related("claim__appeal", "appeal__claim").order_by("pk"):
        if refund.parcel_id:
            found[refund.parcel_id].back.append(refund)
    return list(found.values())
