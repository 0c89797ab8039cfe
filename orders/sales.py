"""What a farmer sold, from the lines of paid parcels: nothing is counted that a buyer has not paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.models import Farmer
from orders.models import OrderLine, Parcel

NOT_SOLD = [Parcel.State.PLACED, Parcel.State.RELEASED, Parcel.State.CANCELLED]


@dataclass(frozen=True)
class Sold:
    """Goods sold since `since`: fen without postage, boxes, parcels."""

    since: datetime
    fen: int
    packs: int
    parcels: int


def sold_this_week_and_month(farmer: Farmer, now: datetime) -> tuple[Sold, Sold]:
    """Since Monday and since the first of the month, midnight in China. 1 query."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    week, month = midnight - timedelta(days=midnight.weekday()), midnight.replace(day=1)
    paid = OrderLine.objects.filter(parcel__farmer=farmer, parcel__order__paid_at__gte=min(week, month))
    counts = paid.exclude(parcel__state__in=NOT_SOLD).aggregate(**_sums("week", week), **_sums("month", month))
    return (
        Sold(week, counts["week_fen"] or 0, counts["week_packs"] or 0, counts["week_parcels"]),
        Sold(month, counts["month_fen"] or 0, counts["month_packs"] or 0, counts["month_parcels"]),
    )


def _sums(name: str, since: datetime) -> dict[str, Sum | Count]:
    recent = Q(parcel__order__paid_at__gte=since)
    return {
        f"{name}_fen": Sum("total_fen", filter=recent),
        f"{name}_packs": Sum("packs", filter=recent),
        f"{name}_parcels": Count("parcel", filter=recent, distinct=True),
    }
