"""Who sells what in a very large demo: households in all 832 counties, invented like the rest. Touches no database."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from statistics import median

from django.utils import timezone

from accounts.models import County, Farmer, User
from accounts.services.farmers import Application
from config.demo import names, words
from config.demo.many.lending import STORY_VARIANT, VARIANTS
from config.demo.plan import Offer, Speciality, offers, season, specialities
from marketplace.models import Produce
from marketplace.services.drafts import MAX_KEEPS_DAYS
from marketplace.services.lots import Harvest

FIRST_NUMBER = 20_000  # of the farmers' phones: those before are the small demo's
LISTINGS_PER_FARMER = 8
KINDS_PER_COUNTY = 6
DAY = timedelta(days=1)


class Fate(Enum):
    """How a listing stands now."""

    ON_SALE = auto()
    SOLD_OUT = auto()  # the farmer said that none is left
    PAUSED = auto()
    TAKEN_DOWN = auto()
    WAITING = auto()  # for a moderator


FATES, CHANCES = [*Fate], [90, 4, 2, 1, 3]


@dataclass(frozen=True)
class Lot:
    """One harvest and when it was put up."""

    opened_at: datetime
    harvest: Harvest
    packs: int


@dataclass(frozen=True)
class Goods:
    """One listing: what was typed, when it was sent in and decided about, by whom, and what became of it."""

    produce: Produce
    pack_grams: int
    price_fen: int
    words: str
    variants: tuple[int, ...]
    lots: tuple[Lot, ...]
    decided_at: datetime
    moderator: User
    fate: Fate

    @property
    def listed_at(self) -> datetime:
        return self.lots[0].opened_at

    @property
    def keeps_days(self) -> int:
        return min(self.produce.shelf_life_days or 1, MAX_KEEPS_DAYS)


@dataclass(frozen=True)
class Household:
    """One farmer with everything they have up."""

    phone: str
    joined_at: datetime
    county: County
    application: Application
    applied_at: datetime
    verified_at: datetime
    verified_by: User
    reason: str
    produce: Produce
    story: str
    goods: tuple[Goods, ...]

    @property
    def pictures(self) -> list[tuple[Produce, int]]:
        """Which pictures of which produce they have taken."""
        return [(self.produce, STORY_VARIANT), *((each.produce, one) for each in self.goods for one in each.variants)]

    @property
    def told_at(self) -> datetime:
        """When they sent in their story."""
        return self.verified_at + timedelta(hours=5)

    @property
    def shown_at(self) -> datetime:
        """When a moderator agreed to it."""
        return self.told_at + timedelta(hours=2)


class Countryside:
    """What could be sold where today, and who sells it: the same for the same dice."""

    def __init__(
        self,
        counties: Sequence[County],
        produce: dict[str, Produce],
        moderators: Sequence[User],
        now: datetime,
        dice: random.Random,
    ) -> None:
        self.produce, self.moderators, self.now, self.dice = produce, list(moderators), now, dice
        self.today = timezone.localdate(now)
        self.counties = list(counties)
        known = [each for each in specialities(produce) if season(each, produce[each.produce], self.today)]
        self._by_county: dict[str, list[Speciality]] = defaultdict(list)
        self._by_province: dict[str, list[Speciality]] = defaultdict(list)
        for each in known:
            self._by_county[each.county].append(each)
            self._by_province[each.province].append(each)
        self._anywhere = _typical(known)

    def households(self, listings: int, share: int = 0, shares: int = 1) -> Iterator[Household]:
        """Households county by county, with so many listings together. Of several shares each has phones of its own."""
        left, number = listings, FIRST_NUMBER + share
        for place, county in enumerate(self.counties):
            share = left // (len(self.counties) - place)
            left -= share
            own = self._specialities(county) if share else []
            while share > 0:
                count = min(share, self.dice.randint(2, 2 * LISTINGS_PER_FARMER - 2))
                yield self.household(number, county, own, count)
                share -= count
                number += shares

    def _specialities(self, county: County) -> list[Speciality]:
        """What the county is known for, then what grows elsewhere in its province, then anything."""
        found = {each.produce: each for each in self._by_county[county.slug]}
        for more in (self._by_province[county.province.name_en], self._anywhere):
            if len(found) >= KINDS_PER_COUNTY:
                break
            for each in self.dice.sample(more, min(len(more), KINDS_PER_COUNTY)):
                found.setdefault(each.produce, replace(each, county=county.slug, county_zh=county.name_zh))
        return list(found.values())[:KINDS_PER_COUNTY]

    def household(self, number: int, county: County, own: list[Speciality], count: int) -> Household:
        """One in `county` that has up so many listings of what it is known for; `number` makes its phone."""
        dice = self.dice
        goods: list[Goods] = []
        while len(goods) < count:
            speciality = dice.choice(own)
            kind = self.produce[speciality.produce]
            for offer in offers(speciality, kind, count - len(goods), self.today, dice):
                goods.append(self._goods(kind, offer))
        first = min(each.listed_at for each in goods)
        applied_at = first - timedelta(days=dice.randint(4, 40))
        is_cooperative = count > LISTINGS_PER_FARMER
        person, kind = names.person(dice, county.province.name_en), goods[0].produce
        town, plain = dice.choice(names.TOWNS), kind.name_zh.split("、")[0]
        return Household(
            phone=names.phone(number),
            joined_at=applied_at - timedelta(days=dice.randint(1, 300)),
            county=county,
            application=Application(
                county_id=county.pk,
                kind=Farmer.Kind.COOPERATIVE if is_cooperative else Farmer.Kind.HOUSEHOLD,
                name=f"{county.short_zh}{town}{plain}合作社" if is_cooperative else f"{person.name}家",
                town=town,
                village=dice.choice(names.VILLAGES),
                women_led=person.is_woman and dice.random() < 0.8,
                registered_poor=not is_cooperative and dice.random() < 0.35,
                payee_kind=Farmer.PayeeKind.BANK,
                payee_name=person.name,
                payee_account=names.card_number(dice),
            ),
            applied_at=applied_at,
            verified_at=applied_at + timedelta(hours=dice.randint(3, 60)),
            verified_by=dice.choice(self.moderators),
            reason=dice.choice(words.VERIFY_REASONS),
            produce=kind,
            story=words.story(dice, cooperative=is_cooperative, county=county.short_zh, town=town, produce=plain),
            goods=tuple(goods),
        )

    def _goods(self, kind: Produce, offer: Offer) -> Goods:
        dice = self.dice
        lots = tuple(
            Lot(self._opened_at(ago, harvest), harvest, packs)
            for ago, harvest, packs in map(self._by_yesterday, offer.harvests[-2:])
        )
        lots = tuple(lot for place, lot in enumerate(lots) if not place or lot.opened_at > lots[0].opened_at + DAY)
        fate = dice.choices(FATES, CHANCES)[0]
        if fate is Fate.WAITING:
            lots = lots[-1:]
        listed_at = lots[0].opened_at
        group = kind.parent.slug if kind.parent else ""
        first = dice.randrange(VARIANTS)
        return Goods(
            produce=kind,
            pack_grams=offer.pack_grams,
            price_fen=offer.price_fen,
            words=words.listing_sentence(dice, kind.slug, group),
            variants=tuple((first + place) % VARIANTS for place in range(dice.choice([1, 1, 1, 2]))),
            lots=lots,
            decided_at=min(listed_at + timedelta(minutes=dice.randint(20, 600)), self.now - timedelta(minutes=30)),
            moderator=dice.choice(self.moderators),
            fate=fate,
        )

    def _by_yesterday(self, put_up: tuple[timedelta, Harvest, int]) -> tuple[timedelta, Harvest, int]:
        """Picked yesterday at the latest, so that it was put up before now at any hour of the day."""
        ago, harvest, packs = put_up
        if harvest.picked_on is not None:
            harvest = replace(harvest, picked_on=min(harvest.picked_on, self.today - DAY))
        return ago, harvest, packs

    def _opened_at(self, ago: timedelta, harvest: Harvest) -> datetime:
        """Five o'clock in the afternoon where the farmers are, when the picking is done."""
        day: date = timezone.localdate(self.now - max(ago, DAY))
        day = min(max(day, harvest.picked_on or day), self.today - DAY)
        return datetime.combine(day, time(17), tzinfo=timezone.get_current_timezone())


def _typical(known: list[Speciality]) -> list[Speciality]:
    """Each kind once, at its middle prices."""
    by_kind: dict[str, list[Speciality]] = defaultdict(list)
    for each in known:
        by_kind[each.produce].append(each)
    return [
        replace(same[0], low=median(each.low for each in same), high=median(each.high for each in same))
        for same in by_kind.values()
    ]
