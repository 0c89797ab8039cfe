"""Who bears what went back to a buyer: the grower, or in their place the courier or the platform."""

from collections import Counter
from datetime import datetime

from django.db.models import Sum

from common.transactions import needs_transaction
from orders.models import Parcel
from payments.models import Account, Claim, Entry, Leg, Refund
from payments.services.booking import COVER, OWNER, RELEASED, Kind, Move, Place, book

_BEARER = {Claim.Cause.COURIER: Kind.COURIER, Claim.Cause.PLATFORM: Kind.LOSSES}


@needs_transaction
def book_bearer(refund: Refund, cause: str, now: datetime) -> Entry | None:
    """Let a refund of a claim be borne as its cause says, whoever bore it until now; a step. The caller holds the parcel.

    A refund is first taken from those whose the money was. When courier or platform bear it, each gets back to the fen
    what was taken, of the same line and part; when it turns out to be the grower's after all, it is taken once more.
    """
    return bear(refund, _BEARER.get(Claim.Cause(cause)), now)


@needs_transaction
def bear(refund: Refund, target: Kind | None, now: datetime) -> Entry | None:
    """Let a refund be borne by one of COVER, or (None) by those whose the money was; a step. The caller holds the parcel."""
    legs = Leg.objects.filter(entry__refund=refund, line__isnull=False)
    sums = list(
        legs.order_by("line_id", "part", "account__name")
        .values_list("account__kind", "account__farmer_id", "line_id", "part")
        .annotate(fen=Sum("fen"))
    )
    moves: list[Move] = []
    is_settled = Parcel.objects.filter(refunds=refund, state=Parcel.State.SETTLED).exists()
    for kind, farmer_id, line_id, part, fen in sums:
        if kind in COVER and kind != target:
            moves.append(Move(Place(Kind(kind)), -fen, line_id, part))
        elif kind in OWNER and target:
            moves.append(Move(Place(_now_in(Kind(kind), is_settled), farmer_id=farmer_id), -fen, line_id, part))
    if target:
        for (line_id, part), fen in _taken_back(moves).items():
            moves.append(Move(Place(target), fen, line_id, part))
    else:
        moves += _taken_again(refund, moves, is_settled)
    return book(
        ref=f"borne:{refund.pk}:{Entry.objects.filter(refund=refund, kind=Entry.Kind.BORNE).count()}",
        kind=Entry.Kind.BORNE,
        moves=moves,
        now=now,
        refund=refund,
        payment=refund.payment,
        parcel=refund.parcel,
    )


def _now_in(kind: Account.Kind, is_settled: bool) -> Account.Kind:
    """Where money goes that was taken from this account: nothing of a settled parcel is held any more.

    What a farmer sent back by hand, out of what was paid to them directly, is owed to them: it goes into their next payout.
    """
    if kind == Kind.FARMER_DIRECT:
        return Kind.FARMER_DUE
    return RELEASED.get(kind, kind) if is_settled else kind


def _taken_back(moves: list[Move]) -> Counter[tuple[int | None, str]]:
    fen: Counter[tuple[int | None, str]] = Counter()
    for move in moves:
        fen[move.line_id, move.part] -= move.fen
    return fen


def _taken_again(refund: Refund, covered: list[Move], is_settled: bool) -> list[Move]:
    """What the owners had given at first, if somebody else bears it now."""
    if not covered:
        return []
    first = Leg.objects.filter(entry__refund=refund, entry__kind=Entry.Kind.REFUND, account__kind__in=OWNER)
    return [
        Move(
            Place(_now_in(Kind(leg.account.kind), is_settled), farmer_id=leg.account.farmer_id),
            leg.fen,
            leg.line_id,
            leg.part,
        )
        for leg in first.select_related("account")
    ]
