"""A farmer's statement of a month, from the ledger: what became theirs, what went back to buyers, what was paid out."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Farmer
from common.money import yuan
from marketplace.sheets.cells import defused
from orders.models import OrderLine
from payments.earnings import FARMERS, KEPT
from payments.models import Account, Entry, Leg


@dataclass(frozen=True)
class Row:
    """One movement of a farmer's money (fen; plus: theirs, minus: paid out or gone back), perhaps of an order line."""

    entry: Entry
    line: OrderLine | None
    fen: int


@dataclass(frozen=True)
class Statement:
    """A month: what the farmer had with us before, each movement, and what they have after.

    `direct` is what buyers paid into the farmer's own code, and what of it is to go back: never with us, so in no sum of ours.
    """

    opening_fen: int
    rows: list[Row]
    direct: list[Row] = field(default_factory=list)

    @property
    def direct_fen(self) -> int:
        """What of the month's direct payments is the farmer's."""
        return sum(row.fen for row in self.direct)

    @property
    def closing_fen(self) -> int:
        """What is still here at the end: held, released, or on its way."""
        return self.opening_fen + sum(row.fen for row in self.rows)


def statement_of(farmer: Farmer, year: int, month: int) -> Statement:
    """The statement of one month, in China's time. What only moved between a farmer's own accounts is left out. 4 queries."""
    begin = timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001 - made aware here
    end = timezone.make_aware(datetime(year + month // 12, month % 12 + 1, 1))  # noqa: DTZ001
    legs = Leg.objects.filter(account__farmer=farmer, account__kind__in=KEPT)
    before = legs.filter(account__kind__in=FARMERS, entry__booked_at__lt=begin)
    opening = before.aggregate(fen=Sum("fen"))["fen"] or 0
    moved: dict[tuple[bool, int, int | None], int] = defaultdict(int)
    in_month = legs.filter(entry__booked_at__gte=begin, entry__booked_at__lt=end)
    for entry_id, line_id, kind, fen in (
        in_month.values_list("entry_id", "line_id", "account__kind")
        .annotate(fen=Sum("fen"))
        .order_by("entry_id", "line_id")
    ):
        moved[kind == Account.Kind.FARMER_DIRECT, entry_id, line_id] -= fen
    entries = Entry.objects.select_related("payout", "refund__claim").in_bulk(
        [entry for _direct, entry, _line in moved]
    )
    lines = OrderLine.objects.select_related("parcel").in_bulk([line for _direct, _entry, line in moved if line])
    rows: dict[bool, list[Row]] = {True: [], False: []}
    for (is_direct, entry_id, line_id), fen in moved.items():
        if fen:
            rows[is_direct].append(Row(entries[entry_id], lines[line_id] if line_id else None, fen))
    return Statement(-opening, rows[False], rows[True])


def heading() -> list[str]:
    """What stands above the columns of `lines_of`."""
    return [_("Day"), _("What"), _("Parcel or payout"), _("Produce"), _("Amount in yuan")]


def lines_of(statement: Statement) -> list[list[str]]:
    """The statement in words, for people: its movements, and the sums before and after them, which have no day."""
    found = [["", _("Here before"), "", "", yuan(statement.opening_fen)]]
    found += [_cells(row) for row in statement.rows]
    found.append(["", _("Here at the end"), "", "", yuan(statement.closing_fen)])
    if statement.direct:
        found.append(["", _("Paid to you directly, never with us:"), "", "", ""])
        found += [_cells(row) for row in statement.direct]
        found.append(["", _("Yours of it"), "", "", yuan(statement.direct_fen)])
    return found


def as_csv(statement: Statement) -> bytes:
    """The statement for a spreadsheet, in UTF-8 with a mark; what might run as a formula is defused, amounts are numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading())
    for day, *texts, amount in lines_of(statement):
        writer.writerow([day, *(defused(text) for text in texts), amount])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(row: Row) -> list[str]:
    payout, line = row.entry.payout, row.line
    about = line.parcel.number if line else payout.reference if payout else ""
    produce = f"{line.produce_name} × {line.packs}" if line else ""
    day = timezone.localtime(row.entry.booked_at).strftime("%Y-%m-%d")
    return [day, row.entry.get_kind_display(), about, produce, yuan(row.fen)]
