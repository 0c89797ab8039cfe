"""What it costs to send something, how long it takes, and whether it arrives good. Reads only; fen and grams."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.conf import settings
from django.utils.translation import ngettext

from marketplace.models import Produce
from orders.models import PostageRate, PostageZone

DAYS_LEFT_TO_EAT = 2  # fewer than this on the last promised day of arrival: we warn


@dataclass(frozen=True)
class Quote:
    """Postage in fen and the days on the road."""

    fen: int
    days_min: int
    days_max: int

    @property
    def arrives_min(self) -> int:
        """Days from payment to arrival when all goes fast: posted the next day."""
        return 1 + self.days_min

    @property
    def arrives_max(self) -> int:
        """Days from payment to arrival at the latest: posted on the last promised day."""
        return settings.DAYS_TO_POST + self.days_max


def quote(rate: PostageRate, grams: int, *, cold: bool) -> Quote:
    """Postage of one parcel: the first kilogram, then each further one begun. Cold produce travels by the cold days."""
    further = max(0, -(-grams // 1000) - 1)
    days = (rate.cold_days_min, rate.cold_days_max) if cold else (rate.days_min, rate.days_max)
    return Quote(rate.first_kg_fen + further * rate.further_kg_fen, *days)


def rates_to(destination: str, origins: Collection[str]) -> Mapping[str, PostageRate]:
    """The rate from each origin province to the destination province, where there is a route; one query."""
    zones = PostageZone.objects.filter(destination_id=destination, origin_id__in=origins).select_related("rate")
    return {zone.origin_id: zone.rate for zone in zones}


def needs_cold(produce: Produce) -> bool:
    """Whether it has to travel cooled."""
    return produce.cold == Produce.Cold.YES


class Survival(StrEnum):
    GOOD = "good"
    TIGHT = "tight"
    SPOILS = "spoils"


@dataclass(frozen=True)
class Verdict:
    """Whether produce arrives good, and how many days it keeps and needs at best and at worst."""

    survival: Survival
    keeps_days: int
    needs_min: int
    needs_max: int

    @property
    def spoils(self) -> bool:
        return self.survival == Survival.SPOILS

    @property
    def is_tight(self) -> bool:
        return self.survival == Survival.TIGHT

    @property
    def words(self) -> str:
        """Why, for a buyer; "" when there is nothing to say."""
        values = {"keeps": self.keeps_days, "fast": self.needs_min, "slow": self.needs_max}
        if self.survival == Survival.SPOILS:
            return (
                ngettext(
                    "It keeps for %(keeps)s day and needs at least %(fast)s to reach you: it would not arrive good.",
                    "It keeps for %(keeps)s days and needs at least %(fast)s to reach you: it would not arrive good.",
                    self.keeps_days,
                )
                % values
            )
        if self.survival == Survival.TIGHT and self.needs_max >= self.keeps_days:
            return (
                ngettext(
                    "It keeps for %(keeps)s day and may take up to %(slow)s to reach you: it may not arrive good.",
                    "It keeps for %(keeps)s days and may take up to %(slow)s to reach you: it may not arrive good.",
                    self.keeps_days,
                )
                % values
            )
        if self.survival == Survival.TIGHT:
            return (
                ngettext(
                    "It keeps for %(keeps)s day and may take up to %(slow)s to reach you: eat it at once.",
                    "It keeps for %(keeps)s days and may take up to %(slow)s to reach you: eat it at once.",
                    self.keeps_days,
                )
                % values
            )
        return ""


def survival(*, keeps_days: int, picked_on: date | None, on: date, journey: Quote) -> Verdict:
    """Would produce that keeps `keeps_days` from its picking arrive good if ordered `on` that day?

    The farmer has DAYS_TO_POST; what was picked longer ago than that has already used up more. `picked_on` None is
    presale: it is picked for the order.
    """
    age = max(0, (on - picked_on).days) if picked_on else 0
    before_the_road = max(settings.DAYS_TO_POST, age + 1)
    fastest, slowest = before_the_road + journey.days_min, before_the_road + journey.days_max
    if keeps_days < fastest:
        found = Survival.SPOILS
    elif keeps_days < slowest + DAYS_LEFT_TO_EAT:
        found = Survival.TIGHT
    else:
        found = Survival.GOOD
    return Verdict(found, keeps_days, fastest, slowest)
