"""What is bad, counted line by line, and the fen that this comes to: by largest remainder, never more than is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.errors import InvalidInput
from common.money import split_by_weight
from orders.models import OrderLine, Parcel
from payments.models import Claim, ClaimItem, Leg
from payments.services.booking import left_of

MOST_PIECES = 100_000


@dataclass(frozen=True)
class Count:
    """`bad` of one line, `out_of` so many pieces; `out_of` None counts whole packs."""

    line_id: int
    bad: int
    out_of: int | None = None


@dataclass(frozen=True)
class Counted:
    """Items that are not stored yet, and what may be asked for them all (fen): with postage when all of it is bad."""

    items: list[ClaimItem]
    asked_fen: int


def count_up(parcel: Parcel, counts: Sequence[Count]) -> Counted:
    """What these counts come to; the caller holds the parcel.

    Raises InvalidInput (field `bad_<line>` or `out_of_<line>`) for a line of another parcel or twice, nothing or more bad
    than there was, what comes to less than a fen, and a line of which nothing is left.
    """
    lines = {line.pk: line for line in parcel.lines.all()}
    left = left_of(parcel.pk)
    items = [_item(lines.pop(count.line_id, None), count, left) for count in counts]
    if not lines and all(item.bad == item.out_of for item in items):
        return Counted(items, parcel.total_fen - parcel.refunded_fen)
    return Counted(items, sum(item.fen for item in items))


def _item(line: OrderLine | None, count: Count, left: Mapping[tuple[int, str], int]) -> ClaimItem:
    bad, out_of = f"bad_{count.line_id}", f"out_of_{count.line_id}"
    if line is None:
        raise InvalidInput(_("Please count each line of this parcel once."), field=bad)
    whole = line.packs if count.out_of is None else count.out_of
    if count.bad <= 0:
        raise InvalidInput(_("Please type how many are bad."), field=bad)
    if whole > MOST_PIECES:
        raise InvalidInput(_("That cannot be so many."), field=out_of)
    if count.bad > whole:
        if count.out_of is None:
            raise InvalidInput(
                _("There were %(most)s packs. If you count pieces, please say how many there were in all."),
                field=bad,
                most=whole,
            )
        raise InvalidInput(_("More are bad than there were in all."), field=bad)
    fen = min(
        split_by_weight(line.total_fen, [count.bad, whole - count.bad])[0], left.get((line.pk, Leg.Part.GOODS), 0)
    )
    if not fen:
        raise InvalidInput(_("Nothing of its price is left that could go back."), field=bad)
    unit = ClaimItem.Unit.PACK if count.out_of is None else ClaimItem.Unit.PIECE
    return ClaimItem(line=line, unit=unit, bad=count.bad, out_of=whole, fen=fen)


def by_line(claim: Claim, fen: int, given_fen: int = 0) -> dict[int, int]:
    """How `fen` of what a claim asks for are spread over its counted lines, the rest being postage; {} if not counted.

    `given_fen` went back before, spread in the same way: no line gets more than was asked for it.
    """
    items = list(claim.items.all())
    if not items:
        return {}
    asked = [item.fen for item in items]
    asked.append(max(0, claim.asked_fen - sum(asked)))  # the postage
    if given_fen:
        given = split_by_weight(given_fen, asked)
        asked = [whole - gone for whole, gone in zip(asked, given, strict=True)]
    shares = split_by_weight(fen, asked)
    return {item.line_id: share for item, share in zip(items, shares, strict=False) if share}
