"""Releasing farmers' money: a first part when the parcel is posted, the rest when it is settled.

`orders` knows nothing of money; it calls `follow_parcel` (settings.AFTER_PARCEL_MOVES) inside each move's transaction.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from common.money import split_by_weight
from common.transactions import needs_transaction
from orders.clock import Event
from orders.models import Order, Parcel
from payments.models import Account, Entry
from payments.services.booking import RELEASED, Kind, Place, Stake, book, book_round_up, stakes_of
from payments.services.on_delivery import ask_farmer


@needs_transaction
def follow_parcel(*, parcel: Parcel, event: Event, now: datetime) -> None:
    """Book what a parcel's move means for its money; a step. The caller holds the parcel."""
    if event == Event.POST:
        _release_early(parcel, now)
        if parcel.order.round_up_fen:
            book_round_up(parcel.order, now)
    elif parcel.state == Parcel.State.SETTLED:
        _release_rest(parcel, now)
    if event in (Event.RECEIVE, Event.ASK) and parcel.order.status == Order.Status.PROMISED:
        ask_farmer(parcel, now, occurrence=event)


def _release_early(parcel: Parcel, now: datetime) -> None:
    """EARLY_RELEASE_PERCENT of what is the farmer's, to the fen, spread over the parcel's lines."""
    stakes = stakes_of(parcel.pk, [Kind.FARMER_HELD])
    early_fen = sum(stake.fen for stake in stakes) * settings.EARLY_RELEASE_PERCENT // 100
    if early_fen:
        shares = split_by_weight(early_fen, [stake.fen for stake in stakes])
        _release(f"posted:{parcel.pk}", Entry.Kind.POSTED, parcel, zip(stakes, shares, strict=True), now)


def _release_rest(parcel: Parcel, now: datetime) -> None:
    """All that is still held, for farmer, platform and fund."""
    stakes = stakes_of(parcel.pk, RELEASED)
    _release(f"settled:{parcel.pk}", Entry.Kind.SETTLED, parcel, ((stake, stake.fen) for stake in stakes), now)


def _release(ref: str, kind: Entry.Kind, parcel: Parcel, shares: Iterable[tuple[Stake, int]], now: datetime) -> None:
    moves = [move for stake, fen in shares for move in stake.gives(fen, _released(stake))]
    book(ref=ref, kind=kind, moves=moves, now=now, parcel=parcel)


def _released(stake: Stake) -> Place:
    return Place(Account.Kind(RELEASED[stake.place.kind]), farmer_id=stake.place.farmer_id)
