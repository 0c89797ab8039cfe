"""The households of a county and how they stand; figures of the county. All of it asked from what happened, none kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, TextChoices, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from marketplace.models import Lot
from orders.models import OrderLine, Parcel
from orders.sales import NOT_SOLD

RECENT = timedelta(days=30)


class Stage(TextChoices):
    """How a household stands.

    ASKED: applied, not verified (or sent back). NEW: verified within the last 30 days and has not begun. ACTIVE: within
    30 days put up a harvest, or a buyer paid for a parcel of theirs. QUIET: verified, and neither. CLOSED: suspended.
    """

    ASKED = "ASKED", _("want to join")
    NEW = "NEW", _("verified, not begun")
    ACTIVE = "ACTIVE", _("active lately")
    QUIET = "QUIET", _("quiet")
    CLOSED = "CLOSED", _("closed")


@dataclass(frozen=True)
class Figures:
    """What was sold in a time: goods in fen without postage, parcels, households that sold any."""

    fen: int
    parcels: int
    households: int


def with_stage(farmers: QuerySet[Farmer], now: datetime) -> QuerySet[Any]:
    """Farmers with a column more: `stage`, one of Stage, as of `now`."""
    since = now - RECENT
    opened = Lot.objects.filter(listing__farmer=OuterRef("pk"), listing__approved_revision__isnull=False)
    paid = Parcel.objects.filter(farmer=OuterRef("pk"), order__paid_at__gte=since).exclude(state__in=NOT_SOLD)
    return farmers.annotate(
        stage=Case(
            When(status__in=[Farmer.Status.WAITING, Farmer.Status.REFUSED], then=Value(Stage.ASKED)),
            When(status=Farmer.Status.SUSPENDED, then=Value(Stage.CLOSED)),
            When(Exists(opened.filter(created_at__gte=since)) | Exists(paid), then=Value(Stage.ACTIVE)),
            When(verified_at__gte=since, then=Value(Stage.NEW)),
            default=Value(Stage.QUIET),
        )
    )


def count_by_stage(farmers: QuerySet[Farmer], now: datetime) -> dict[str, int]:
    """How many stand at each stage; 0 for none. One query."""
    counted = dict(with_stage(farmers, now).order_by().values_list("stage").annotate(Count("pk")))
    return {stage: counted.get(stage, 0) for stage in Stage.values}


def sold_in_two_months(farmers: QuerySet[Farmer], now: datetime) -> tuple[Figures, Figures]:
    """What these households sold since the first of this month, and in the whole month before, in China. One query."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (first - timedelta(days=1)).replace(day=1)
    lines = OrderLine.objects.filter(parcel__farmer__in=farmers, parcel__order__paid_at__gte=before)
    this, last = Q(parcel__order__paid_at__gte=first), Q(parcel__order__paid_at__lt=first)
    sums = lines.exclude(parcel__state__in=NOT_SOLD).aggregate(
        **{
            f"{name}_{what}": total
            for name, when in {"this": this, "last": last}.items()
            for what, total in {
                "fen": Sum("total_fen", filter=when),
                "parcels": Count("parcel", filter=when, distinct=True),
                "households": Count("parcel__farmer", filter=when, distinct=True),
            }.items()
        }
    )
    return (
        Figures(sums["this_fen"] or 0, sums["this_parcels"], sums["this_households"]),
        Figures(sums["last_fen"] or 0, sums["last_parcels"], sums["last_households"]),
    )
