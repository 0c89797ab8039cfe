"""What became of farms after their starter grant, as a group: never of fewer than five, and never so that two readings
of the page, a day apart, tell what one farm has.

The group is the first five, ten, fifteen … farms that were paid a starter grant: it grows by five at a time, so what changes
when it does is what five farms have together. Figures are of the twelve calendar months before this one.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Count, Min, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from fund.models import Grant, Programme
from orders.models import Parcel
from payments.earnings import KEPT
from payments.models import Leg

SMALLEST = 5


@dataclass(frozen=True)
class Outcomes:
    """Of `farms` together: what they kept of what they sold (fen, postage left out), in how many months each posted
    something on average (tenths), and how many buyers bought from the same farm at least twice.
    """

    farms: int
    since: date
    until: date
    income_fen: int
    months_tenths: int
    buyers: int
    repeat_buyers: int

    @property
    def income_per_farm_fen(self) -> int:
        """In whole yuan, as fen: no farm has it to the fen."""
        return self.income_fen // self.farms // 100 * 100

    @property
    def months(self) -> str:
        return f"{self.months_tenths // 10}.{self.months_tenths % 10}"


def outcomes_of(programme: Programme, now: datetime) -> Outcomes | None:
    """None as long as fewer than five farms got a starter grant of it. Five queries."""
    starters = Grant.objects.filter(programme=programme, is_starter=True, state__in=Grant.GIVEN)
    first = starters.values_list("payee__farmer").annotate(at=Min("paid_at")).order_by("at", "payee__farmer")
    farmers = [farmer for farmer, _at in first]
    farmers = farmers[: len(farmers) // SMALLEST * SMALLEST]
    if not farmers:
        return None
    until = timezone.localdate(now).replace(day=1)
    since = until.replace(year=until.year - 1)
    span = (_midnight(since), _midnight(until))
    parcels = Parcel.objects.filter(farmer__in=farmers, posted_at__gte=span[0], posted_at__lt=span[1])
    kept = Leg.objects.filter(account__kind__in=KEPT, line__parcel__in=parcels, part=Leg.Part.GOODS)
    active = parcels.values("farmer", month=TruncMonth("posted_at")).distinct().count()
    bought = list(parcels.values("farmer", "order__buyer").annotate(times=Count("pk")).values_list("times", flat=True))
    return Outcomes(
        farms=len(farmers),
        since=since,
        until=until,
        income_fen=-(kept.aggregate(fen=Sum("fen"))["fen"] or 0),
        months_tenths=active * 10 // len(farmers),
        buyers=len(bought),
        repeat_buyers=sum(times > 1 for times in bought),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
