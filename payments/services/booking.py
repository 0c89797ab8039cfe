"""Writing the ledger: the only door to it. Every use-case that moves money books it in its own transaction.

Whoever books about a parcel holds that parcel's row, so its stakes are read and moved by one at a time. Entries carry a
`ref` that is unique: what was booked is not booked again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.money import split_by_weight
from common.transactions import needs_transaction, use_case
from orders.models import Order, OrderLine
from payments.errors import CannotBeReversed, ReversedAlready
from payments.gateways.direct import DIRECT
from payments.models import Account, Entry, Gift, Leg, Payment, Refund

Kind = Account.Kind
RELEASED = {Kind.FARMER_HELD: Kind.FARMER_DUE, Kind.PLATFORM_HELD: Kind.PLATFORM, Kind.FUND_HELD: Kind.FUND}
#: Whose the money of a line is, from placement on, by where it is held first.
OWNER = {
    Kind.FARMER_HELD: Kind.FARMER_HELD,
    Kind.FARMER_DUE: Kind.FARMER_HELD,
    Kind.FARMER_PAYOUT: Kind.FARMER_HELD,
    Kind.FARMER_DIRECT: Kind.FARMER_DIRECT,
    Kind.PLATFORM_HELD: Kind.PLATFORM_HELD,
    Kind.PLATFORM: Kind.PLATFORM_HELD,
    Kind.FUND_HELD: Kind.FUND_HELD,
    Kind.FUND: Kind.FUND_HELD,
}
#: Who bears what went back in place of the owners.
COVER = (Kind.COURIER, Kind.LOSSES, Kind.COUPONS)
PAYOUTS = (Entry.Kind.PAYOUT, Entry.Kind.PAID_OUT, Entry.Kind.NOT_PAID)
#: What became part of something else, so that it cannot be undone by itself: the fund gives back in its own way.
FUND = (
    Entry.Kind.GIFT,
    Entry.Kind.ROUND_UP,
    Entry.Kind.ALLOTTED,
    Entry.Kind.PASSED_ON,
    Entry.Kind.GRANTED,
    Entry.Kind.GRANT_PAID,
    Entry.Kind.GRANT_BACK,
    Entry.Kind.GIFT_BACK,
)


@dataclass(frozen=True)
class Place:
    """An account by what it is for; made when it is first needed."""

    kind: Account.Kind
    farmer_id: int | None = None
    gateway: str = ""
    purpose: str = ""

    @property
    def name(self) -> str:
        if self.farmer_id:
            return f"farmer:{self.farmer_id}:{self.kind.removeprefix('FARMER_').lower()}"
        return ":".join(part for part in [self.kind.lower(), self.gateway, self.purpose.lower()] if part)


@dataclass(frozen=True)
class Move:
    """`fen` into (plus) or out of (minus) a place, perhaps for a part of a line."""

    place: Place
    fen: int
    line_id: int | None = None
    part: str = ""


@dataclass(frozen=True)
class Stake:
    """What somebody still has of a part of a line, in fen, above 0."""

    place: Place
    line_id: int
    part: str
    fen: int

    def gives(self, fen: int, to: Place) -> list[Move]:
        """The two moves of handing `fen` of it on."""
        return [Move(self.place, fen, self.line_id, self.part), Move(to, -fen, self.line_id, self.part)]


@needs_transaction
def book(*, ref: str, kind: Entry.Kind, moves: Iterable[Move], now: datetime, **about: Any) -> Entry | None:
    """Write one balanced entry, unless there is one of this `ref` or nothing moves; a step.

    `about`: payment, refund, parcel, payout, actor, reason. Unbalanced moves are refused by the database at COMMIT.
    """
    moving = [move for move in moves if move.fen]
    if not moving or Entry.objects.filter(ref=ref).exists():
        return None
    accounts = _accounts({move.place for move in moving})
    entry = Entry.objects.create(ref=ref, kind=kind, booked_at=now, legs=len(moving), **about)
    Leg.objects.bulk_create(
        Leg(entry=entry, account_id=accounts[move.place], fen=move.fen, line_id=move.line_id, part=move.part)
        for move in moving
    )
    return entry


def _accounts(places: set[Place]) -> dict[Place, int]:
    """The ids of these accounts. Two who need a new one at the same moment both find it."""
    by_name = {place.name: place for place in places}
    known = dict(Account.objects.filter(name__in=by_name).values_list("name", "pk"))
    if missing := by_name.keys() - known.keys():
        Account.objects.bulk_create(
            [
                Account(
                    name=name,
                    kind=by_name[name].kind,
                    farmer_id=by_name[name].farmer_id,
                    purpose=by_name[name].purpose,
                )
                for name in sorted(missing)
            ],
            ignore_conflicts=True,
        )
        known |= dict(Account.objects.filter(name__in=missing).values_list("name", "pk"))
    return {place: known[name] for name, place in by_name.items()}


@needs_transaction
def book_paid(payment: Payment, now: datetime) -> None:
    """An order was paid: each line's money belongs, held, to farmer, platform and fund as frozen at placement; a step.

    What was rounded up is held until it is clear that the order is not cancelled as a whole. What the buyer paid into the
    farmer's own code, or on delivery, is all the farmer's, and there already: nothing of it is held or shared.
    """
    moves = [
        Move(Place(Kind.PROVIDER, gateway=payment.gateway), payment.amount_fen),
        Move(Place(Kind.ROUND_UP_HELD), -payment.ordered.round_up_fen),
    ]
    for line in OrderLine.objects.filter(parcel__order=payment.order_id).select_related("parcel"):
        if payment.gateway in DIRECT:
            direct = Place(Kind.FARMER_DIRECT, farmer_id=line.parcel.farmer_id)
            moves += [
                Move(direct, -line.total_fen, line.pk, Leg.Part.GOODS),
                Move(direct, -line.postage_fen, line.pk, Leg.Part.POSTAGE),
            ]
            continue
        held = Place(Kind.FARMER_HELD, farmer_id=line.parcel.farmer_id)
        moves += [
            Move(held, -line.farmer_fen, line.pk, Leg.Part.GOODS),
            Move(held, -line.postage_fen, line.pk, Leg.Part.POSTAGE),
            Move(Place(Kind.PLATFORM_HELD), -line.platform_fen, line.pk, Leg.Part.GOODS),
            Move(Place(Kind.FUND_HELD), -line.fund_fen, line.pk, Leg.Part.GOODS),
        ]
    book(ref=f"paid:{payment.pk}", kind=Entry.Kind.PAID, moves=moves, now=now, payment=payment)


@needs_transaction
def book_gift(payment: Payment, gift: Gift, now: datetime) -> None:
    """A gift arrived: it is the fund's, for what its giver chose; a step."""
    moves = [
        Move(Place(Kind.PROVIDER, gateway=payment.gateway), gift.amount_fen),
        Move(place_of(gift.account), -gift.amount_fen),
    ]
    book(ref=f"paid:{payment.pk}", kind=Entry.Kind.GIFT, moves=moves, now=now, payment=payment)


def place_of(account: Account) -> Place:
    """The place of an account of the fund."""
    return Place(Kind(account.kind), purpose=account.purpose)


@needs_transaction
def book_unwanted(payment: Payment, now: datetime) -> None:
    """Money came in for which there is no order any more, or a second time: all of it is the buyer's; a step."""
    moves = [
        Move(Place(Kind.PROVIDER, gateway=payment.gateway), payment.amount_fen),
        Move(Place(Kind.REFUND_DUE), -payment.amount_fen),
    ]
    book(ref=f"unwanted:{payment.pk}", kind=Entry.Kind.UNWANTED, moves=moves, now=now, payment=payment)


@needs_transaction
def book_refund_owed(refund: Refund, now: datetime, lines: Mapping[int, int] | None = None) -> None:
    """Part of a parcel's money is the buyer's again, taken from those whose it was; a step.

    `lines` says how much of it is for the produce of which line; what they leave is postage. Without them produce goes
    first, postage only for what is more: the courier has been paid from it. Within each, in proportion to the stakes,
    by largest remainder: refunds one after the other give back exactly what was paid. What somebody else bears was
    given back already. A farmer's part comes out of what is held, then out of what is to be paid out, which goes below
    nothing for what was paid out already: the next payout is that much less.
    """
    assert refund.parcel_id is not None  # noqa: S101 - only what came unwanted belongs to no parcel, and is booked so
    stakes = _what_is_left(refund.parcel_id)
    goods = [each for each in stakes if each[0].part == Leg.Part.GOODS]
    postage = [each for each in stakes if each[0].part == Leg.Part.POSTAGE]
    wanted = [([each for each in goods if each[0].line_id == line_id], fen) for line_id, fen in (lines or {}).items()]
    if not wanted or any(fen > sum(left for _stake, left in part) for part, fen in wanted):
        wanted = [(goods, min(refund.amount_fen, sum(left for _stake, left in goods)))]
    wanted.append((postage, refund.amount_fen - sum(fen for _part, fen in wanted)))
    moves = []
    for part, fen in wanted:
        if fen:
            for (stake, _left), share in zip(part, split_by_weight(fen, [left for _stake, left in part]), strict=True):
                moves += stake.gives(share, Place(Kind.REFUND_DUE))
    book(
        ref=f"refund:{refund.pk}",
        kind=Entry.Kind.REFUND,
        moves=moves,
        now=now,
        refund=refund,
        payment=refund.payment,
        parcel=refund.parcel,
    )


@needs_transaction
def book_round_up(order: Order, now: datetime) -> None:
    """The order's first parcel was posted, so it is not cancelled as a whole: what was rounded up is the fund's; a step.

    Two parcels may be posted at the same moment: whoever comes second finds it booked.
    """
    account = Account.objects.filter(name=order.round_up_for).first()
    payment = order.payments.filter(status=Payment.Status.SUCCEEDED).first()
    if account is None or payment is None:
        return
    moves = [Move(Place(Kind.ROUND_UP_HELD), order.round_up_fen), Move(place_of(account), -order.round_up_fen)]
    try:
        with transaction.atomic():  # a savepoint
            book(ref=f"round-up:{order.pk}", kind=Entry.Kind.ROUND_UP, moves=moves, now=now, payment=payment)
    except IntegrityError:
        if not Entry.objects.filter(ref=f"round-up:{order.pk}").exists():
            raise


@needs_transaction
def book_round_up_back(refund: Refund, now: datetime) -> None:
    """The order was cancelled as a whole: what was rounded up is the buyer's again; a step."""
    moves = [Move(Place(Kind.ROUND_UP_HELD), refund.amount_fen), Move(Place(Kind.REFUND_DUE), -refund.amount_fen)]
    book(ref=f"refund:{refund.pk}", kind=Entry.Kind.REFUND, moves=moves, now=now, refund=refund, payment=refund.payment)


@needs_transaction
def book_refunded(refund: Refund, now: datetime) -> None:
    """The provider gave the money back; a step."""
    moves = [
        Move(Place(Kind.REFUND_DUE), refund.amount_fen),
        Move(Place(Kind.PROVIDER, gateway=refund.payment.gateway), -refund.amount_fen),
    ]
    book(
        ref=f"refunded:{refund.pk}",
        kind=Entry.Kind.REFUNDED,
        moves=moves,
        now=now,
        refund=refund,
        payment=refund.payment,
        parcel=refund.parcel,
    )


@dataclass(frozen=True)
class Owned(Stake):
    """All that somebody has of a part of a line; `held_fen` of it is still held in `place`."""

    held_fen: int = 0

    def gives(self, fen: int, to: Place) -> list[Move]:
        """What is held goes first, then what was released, also beyond what is still there."""
        from_held = min(fen, self.held_fen)
        released = Place(RELEASED.get(self.place.kind, self.place.kind), farmer_id=self.place.farmer_id)
        rest = Stake(released, self.line_id, self.part, self.fen).gives(fen - from_held, to)
        return [*super().gives(from_held, to), *rest]


def owned_of(parcel_id: int) -> list[Owned]:
    """What each has of each part of each line of a parcel, held, released and paid out; the caller holds the parcel."""
    sums = (
        Leg.objects.filter(line__parcel_id=parcel_id, account__kind__in=OWNER)
        .order_by("line_id", "part", "account__kind")
        .values_list("account__kind", "account__farmer_id", "line_id", "part")
        .annotate(fen=Sum("fen"))
    )
    whole: dict[tuple[Place, int, str], int] = defaultdict(int)
    held: dict[tuple[Place, int, str], int] = defaultdict(int)
    for kind, farmer_id, line_id, part, fen in sums:
        key = (Place(OWNER[Kind(kind)], farmer_id=farmer_id), line_id, part)
        whole[key] -= fen
        held[key] -= fen if kind in RELEASED or kind == Kind.FARMER_DIRECT else 0
    return [Owned(*key, fen=fen, held_fen=held[key]) for key, fen in whole.items() if fen > 0]


def left_of(parcel_id: int) -> dict[tuple[int, str], int]:
    """What may still go back of each part of each line of a parcel (fen): what its owners have, less what others bear."""
    sums = Leg.objects.filter(line__parcel_id=parcel_id, account__kind__in=[*OWNER, *COVER])
    return {
        (line_id, part): -fen
        for line_id, part, fen in sums.values_list("line_id", "part").annotate(fen=Sum("fen")).order_by()
    }


def _what_is_left(parcel_id: int) -> list[tuple[Owned, int]]:
    """The stakes of a parcel, each with its part of what may still go back."""
    left, stakes = left_of(parcel_id), owned_of(parcel_id)
    found: list[tuple[Owned, int]] = []
    for key in dict.fromkeys((stake.line_id, stake.part) for stake in stakes):
        of_it = [stake for stake in stakes if (stake.line_id, stake.part) == key]
        fen = split_by_weight(max(0, left[key]), [stake.fen for stake in of_it])
        found += zip(of_it, fen, strict=True)
    return found


def stakes_of(parcel_id: int, kinds: Iterable[Account.Kind]) -> list[Stake]:
    """What is in these accounts of each part of each line of a parcel now; the caller holds the parcel."""
    sums = (
        Leg.objects.filter(line__parcel_id=parcel_id, account__kind__in=list(kinds))
        .order_by("line_id", "part", "account__kind")
        .values_list("account__kind", "account__farmer_id", "line_id", "part")
        .annotate(fen=Sum("fen"))
    )
    return [
        Stake(Place(Kind(kind), farmer_id=farmer_id), line_id, part, -fen)
        for kind, farmer_id, line_id, part, fen in sums
        if fen < 0
    ]


@use_case
def reverse_entry(*, entry_id: int, actor: User, reason: str, now: datetime) -> Entry:
    """Undo an entry by its mirror image; nothing is changed or deleted. For an admin, with the reason.

    Raises NotAllowed, InvalidInput without a reason, ReversedAlready (also for a reversal itself), CannotBeReversed for
    what belongs to a payout.
    """
    if not actor.is_superuser:
        raise NotAllowed
    if not reason.strip():
        raise InvalidInput(_("Please say why: it stays in the books."), field="reason")
    entry = Entry.objects.select_for_update(no_key=True).get(pk=entry_id)
    if entry.kind == Entry.Kind.REVERSAL or Entry.objects.filter(reverses=entry).exists():
        raise ReversedAlready
    if entry.kind in PAYOUTS:
        raise CannotBeReversed
    if entry.kind in FUND:
        raise CannotBeReversed(
            _("The fund's money is not undone here: give the gift back, or note the grant as returned.")
        )
    mirrored = list(entry.leg_rows.all())
    undoing = Entry.objects.create(
        ref=f"reversal:{entry.pk}",
        kind=Entry.Kind.REVERSAL,
        booked_at=now,
        legs=len(mirrored),
        payment=entry.payment,
        refund=entry.refund,
        parcel=entry.parcel,
        reverses=entry,
        actor=actor,
        reason=reason.strip()[:300],
    )
    record_act(
        actor=actor,
        kind="entry_reverse",
        about=f"entry:{entry.pk}",
        now=now,
        new={"reversal": undoing.pk},
        reason=undoing.reason,
    )
    Leg.objects.bulk_create(
        Leg(entry=undoing, account_id=leg.account_id, fen=-leg.fen, line_id=leg.line_id, part=leg.part)
        for leg in mirrored
    )
    return undoing
