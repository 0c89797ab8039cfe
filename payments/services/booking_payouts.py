"""What payouts mean for the ledger: a farmer's released money goes into one, leaves with it, or comes back.

Money that is put into a payout stays the line's: its legs name it, so what a farmer keeps of a line stays the sum of legs.
Only what leaves the provider for the account names no line.
"""

from collections import defaultdict
from datetime import datetime

from django.db.models import Sum

from common.transactions import needs_transaction
from payments.models import Entry, Leg, Payment, Payout
from payments.services.booking import Kind, Move, Place, Stake, book


@needs_transaction
def book_into_payout(payout: Payout, due: list[tuple[int, str, int]], now: datetime) -> None:
    """`due` (line, part, fen; below 0 where more went back than was there) goes into the payout; a step."""
    place, to = (Place(kind, farmer_id=payout.farmer_id) for kind in (Kind.FARMER_DUE, Kind.FARMER_PAYOUT))
    moves = [move for line_id, part, fen in due for move in Stake(place, line_id, part, fen).gives(fen, to)]
    book(ref=f"payout:{payout.pk}", kind=Entry.Kind.PAYOUT, moves=moves, now=now, payout=payout)


@needs_transaction
def book_paid_out(payout: Payout, now: datetime) -> None:
    """The bank has paid it: the money has left the provider; a step."""
    _book_leaving(payout, now, ref=f"paid-out:{payout.pk}", kind=Entry.Kind.PAID_OUT)


@needs_transaction
def book_not_paid(payout: Payout, now: datetime, *, was_paid: bool) -> None:
    """It was given up or came back, perhaps after it counted as paid: the farmer's again, to be paid out; a step."""
    if was_paid:
        _book_leaving(payout, now, ref=f"came-back:{payout.pk}", kind=Entry.Kind.NOT_PAID, back=True)
    place, to = (Place(kind, farmer_id=payout.farmer_id) for kind in (Kind.FARMER_PAYOUT, Kind.FARMER_DUE))
    legs = Leg.objects.filter(entry__ref=f"payout:{payout.pk}", account__kind=Kind.FARMER_PAYOUT)
    moves = [
        move
        for line_id, part, fen in legs.values_list("line_id", "part", "fen")
        for move in Stake(place, line_id or 0, part, -fen).gives(-fen, to)
    ]
    book(ref=f"not-paid:{payout.pk}", kind=Entry.Kind.NOT_PAID, moves=moves, now=now, payout=payout)


def _book_leaving(payout: Payout, now: datetime, *, ref: str, kind: Entry.Kind, back: bool = False) -> None:
    sign = -1 if back else 1
    moves = [Move(Place(Kind.FARMER_PAYOUT, farmer_id=payout.farmer_id), sign * payout.amount_fen)]
    moves += [Move(Place(Kind.PROVIDER, gateway=name), -sign * fen) for name, fen in _by_provider(payout).items()]
    book(ref=ref, kind=kind, moves=moves, now=now, payout=payout)


def _by_provider(payout: Payout) -> dict[str, int]:
    """How much of a payout lies with which provider: where the orders of its lines were paid."""
    legs = Leg.objects.filter(entry__ref=f"payout:{payout.pk}", account__kind=Kind.FARMER_PAYOUT)
    by_order = legs.values_list("line__parcel__order").annotate(fen=Sum("fen")).order_by()
    paid = Payment.objects.filter(order__in=[order for order, _fen in by_order], status=Payment.Status.SUCCEEDED)
    gateways = dict(paid.values_list("order_id", "gateway"))
    found: dict[str, int] = defaultdict(int)
    for order, fen in by_order:
        found[gateways[order]] -= fen
    return found
