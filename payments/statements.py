"""A farmer's statement of a month, from the ledger: what became theirs, what went back to buyers, what was paid out."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Farmer
from common.money import yuan
from marketplace.sheets.cells import defused
from orders.models import OrderLine
from payments.earnings import FARMERS
from payments.models import Entry, Leg


@dataclass(frozen=True)
class Row:
    """One movement of a farmer's money (fen; plus: theirs, minus: paid out or gone back), perhaps of an order line."""

    entry: Entry
    line: OrderLine | None
    fen: int


@dataclass(frozen=True)
class Statement:
    """A month: what the farmer had with us before, each movement, and what they have after."""

    opening_fen: int
    rows: list[Row]

    @property
    def closing_fen(self) -> int:
        """What is still here at the end: held, released, or on its way."""
        return self.opening_fen + sum(row.fen for row in self.rows)


def statement_of(farmer: Farmer, year: int, month: int) -> Statement:
    """The statement of one month, in China's time. What only moved between a farmer's own accounts is left out. 4 queries."""
    begin = timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001 - made aware here
    end = timezone.make_aware(datetime(year + month // 12, month % 12 + 1, 1))  # noqa: DTZ001
    legs = Leg.objects.filter(account__farmer=farmer, account__kind__in=FARMERS)
    opening = legs.filter(entry__booked_at__lt=begin).aggregate(fen=Sum("fen"))["fen"] or 0
    moved = list(
        legs.filter(entry__booked_at__gte=begin, entry__booked_at__lt=end)
        .values_list("entry_id", "line_id")
        .annotate(fen=Sum("fen"))
        .exclude(fen=0)
        .order_by("entry_id", "line_id")
    )
    entries = Entry.objects.select_related("payout", "refund__claim").in_bulk(
        [entry_id for entry_id, _line, _fen in moved]
    )
    lines = OrderLine.objects.select_related("parcel").in_bulk([line_id for _entry, line_id, _fen in moved if line_id])
    rows = [Row(entries[entry_id], lines.get(line_id), -fen) for entry_id, line_id, fen in moved]
    return Statement(-opening, rows)


def as_csv(statement: Statement) -> bytes:
    """The statement for a spreadsheet, in UTF-8 with a mark; what might run as a formula is defused, amounts are numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Day"), _("What"), _("Parcel or payout"), _("Produce"), _("Amount in yuan")])
    writer.writerow(["", _("Here before"), "", "", yuan(statement.opening_fen)])
    for row in statement.rows:
        payout, line = row.entry.payout, row.line
        about = line.parcel.number if line else payout.reference if payout else ""
        texts = [row.entry.get_kind_display(), about, f"{line.produce_name} × {line.packs}" if line else ""]
        day = timezone.localtime(row.entry.booked_at).strftime("%Y-%m-%d")
        writer.writerow([day, *(defused(text) for text in texts), yuan(row.fen)])
    writer.writerow(["", _("Here at the end"), "", "", yuan(statement.closing_fen)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
