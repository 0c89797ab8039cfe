"""What grows where and when: which farmers there are, what they offer and which harvests that makes. Touches no database.

The season is the real one of the day the demo is made: what is not in season there is stored, sold ahead, or left out.
"""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

from django.utils import timezone

from marketplace.models import Lot, Produce
from marketplace.services.lots import Harvest

LISTED_BY = timedelta(hours=3)  # the newest harvests went on sale that long ago
DATA = Path(__file__).resolve().parent / "data"
# Kinds with a drawing of their own, or one that is near enough not to mislead.
DRAWN = frozenset(
    [
        "apple",
        "apricot",
        "avocado",
        "banana",
        "beans-fresh",
        "black-tea",
        "blueberry",
        "buckwheat",
        "cabbage",
        "carrot",
        "cherry",
        "chestnut",
        "citrus",
        "coffee",
        "coloured-rice",
        "corn-grits",
        "cucumber-gourd",
        "dark-tea",
        "dried-chili",
        "fresh-chili",
        "ginger",
        "glutinous-rice",
        "grape",
        "green-tea",
        "herbal-tea",
        "highland-barley",
        "kidney-bean",
        "kiwifruit",
        "kumquat",
        "leafy-greens",
        "lemon",
        "lotus-root",
        "lotus-seed",
        "mango",
        "melon",
        "millet",
        "mung-bean",
        "navel-orange",
        "oats",
        "onion-garlic",
        "passion-fruit",
        "peach",
        "peanut",
        "pear",
        "persimmon",
        "plum",
        "pomelo",
        "potato",
        "quinoa",
        "raw-honey",
        "rice",
        "soybean",
        "starch-noodle",
        "strawberry",
        "sunflower-seed",
        "sweet-corn",
        "sweet-potato",
        "tangerine",
        "tomato",
        "walnut",
        "watermelon",
        "wheat-flour",
        "white-tea",
    ]
)
HISTORY = timedelta(days=56)
STORED_FROM = 45  # what keeps so many days is sold long after its harvest
SOLD_AHEAD = 75  # presale starts so many days before the harvest at most

PACKS = {  # grams of the packs that people sell, by group
    "fruit": [2500, 5000, 7500],
    "vegetables": [2500, 5000, 10000],
    "mushrooms": [250, 500],
    "grains": [2500, 5000, 10000],
    "nuts-dried": [500, 1000, 2500],
    "tea-drinks": [100, 250, 500],
    "honey": [500, 1000],
    "": [1000, 2500],
}
FIRST_COUNTIES = ["jiangxi-xunwu", "yunnan-fengqing", "shaanxi-luochuan", "guizhou-meitan", "hubei-zigui"]


@dataclass(frozen=True)
class Speciality:
    """A real county and something it is known for; yuan per kilogram or litre, months of harvest."""

    county: str
    province: str
    county_zh: str
    produce: str
    low: float
    high: float
    months: frozenset[int]


@dataclass(frozen=True)
class Offer:
    """One listing to be: produce, pack, price in fen, and its harvests in the order they come on sale."""

    produce: str
    pack_grams: int
    price_fen: int
    harvests: list[tuple[timedelta, Harvest, int]] = field(default_factory=list)

    @cached_property
    def listed_ago(self) -> timedelta:
        return self.harvests[0][0]


def specialities(produce: dict[str, Produce]) -> list[Speciality]:
    """Those the demo can show, in the file's order."""
    with (DATA / "county_specialities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Speciality(
            county=row["county_slug"],
            province=row["province_en"],
            county_zh=row["county_zh"],
            produce=row["category_slug"],
            low=float(row["price_low_cny_per_unit"]),
            high=float(row["price_high_cny_per_unit"]),
            months=frozenset(int(month) for month in row["harvest_months"].split()),
        )
        for row in rows
        if row["category_slug"] in DRAWN and row["category_slug"] in produce
    ]


def choose_counties(
    found: list[Speciality], produce: dict[str, Produce], count: int, today: date, dice: random.Random
) -> list[list[Speciality]]:
    """The specialities of `count` counties that have something to sell today, spread over provinces and produce."""
    by_county: dict[str, list[Speciality]] = {}
    for each in found:
        if season(each, produce[each.produce], today):
            by_county.setdefault(each.county, []).append(each)
    chosen: list[list[Speciality]] = [by_county.pop(slug) for slug in FIRST_COUNTIES if slug in by_county][:count]
    provinces: dict[str, int] = {}
    kinds: dict[str, int] = {}
    rest = sorted(by_county.values(), key=lambda own: own[0].county)
    dice.shuffle(rest)
    while rest and len(chosen) < count:
        best = min(rest, key=lambda own: 2 * kinds.get(own[0].produce, 0) + provinces.get(own[0].province, 0))
        rest.remove(best)
        chosen.append(best)
        provinces[best[0].province] = provinces.get(best[0].province, 0) + 1
        for each in best:
            kinds[each.produce] = kinds.get(each.produce, 0) + 1
    return chosen


def day_of(now: datetime) -> date:
    """The day up to which the demo goes; until LISTED_BY after midnight it is still the one before: nobody picks at night."""
    return timezone.localdate(now - LISTED_BY)


def afternoon(when: datetime) -> datetime:
    """Five o'clock that day where the farmers are, when the picking is done."""
    return datetime.combine(timezone.localdate(when), time(17), tzinfo=timezone.get_current_timezone())


def season(own: Speciality, kind: Produce, today: date) -> str:
    """ "picked" (in season now), "stored", "presale", or "" when there is nothing to sell."""
    keeps = kind.shelf_life_days or 0
    if keeps < 7:
        return ""  # would not survive most routes
    if today.month in own.months and (keeps < STORED_FROM or today.day > 3):
        return "picked"
    last = last_harvest(own, today)
    if keeps >= STORED_FROM and (today - last).days < keeps * 0.7:
        return "stored"
    return "presale" if (next_harvest(own, today) - today).days <= SOLD_AHEAD else ""


def last_harvest(own: Speciality, today: date) -> date:
    """The latest day up to yesterday that is in a month of harvest."""
    day = today - timedelta(days=1)
    while day.month not in own.months:
        day = day.replace(day=1) - timedelta(days=1)
    return day


def next_harvest(own: Speciality, today: date) -> date:
    """The first day of the next month of harvest."""
    day = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    while day.month not in own.months:
        day = (day + timedelta(days=32)).replace(day=1)
    return day


def offers(own: Speciality, kind: Produce, count: int, today: date, dice: random.Random) -> Iterator[Offer]:
    """Up to `count` listings of one speciality, in different packs."""
    group = kind.parent.slug if kind.parent else ""
    packs = PACKS.get(group, PACKS[""])
    lowest, highest = own.low * 1.1, max(own.low * 1.1, own.high * 0.9)
    yuan_per_kg = dice.uniform(lowest, highest)
    for pack_grams in dice.sample(packs, min(count, len(packs))):
        dearer = 1.06 if pack_grams == packs[0] else 1  # a small box costs more by weight
        price = max(1, round(yuan_per_kg * dearer * pack_grams / 1000)) - dice.choice([0, 0.2, 0.1])
        yield Offer(kind.slug, pack_grams, max(500, round(price * 100)), list(_harvests(own, kind, today, dice)))


def _harvests(
    own: Speciality, kind: Produce, today: date, dice: random.Random
) -> Iterator[tuple[timedelta, Harvest, int]]:
    """(how long ago it went on sale, when it was picked, how many packs): one that lasts, or a new one every week or so."""
    keeps = kind.shelf_life_days or 1
    grade = dice.choice([Lot.Grade.FIRST, Lot.Grade.FIRST, Lot.Grade.SPECIAL, Lot.Grade.MIXED])
    packs = dice.choice([20, 30, 40, 60, 80, 120])
    match season(own, kind, today):
        case "presale":
            start = next_harvest(own, today)
            window = Harvest(
                grade, expected_from=start, expected_until=start + timedelta(days=dice.choice([9, 14, 20]))
            )
            yield timedelta(days=dice.randint(3, 25)), window, packs
        case "stored":
            picked = last_harvest(own, today) - timedelta(days=dice.randint(0, 8))
            most = max(2, min(HISTORY.days - 1, (today - picked).days))
            yield timedelta(days=dice.randint(2, most)), Harvest(grade, picked_on=picked), packs
        case "picked" if _goes_on(own, keeps, today) and dice.random() < 0.15:
            start = today + timedelta(days=dice.randint(8, 14))
            window = Harvest(grade, expected_from=start, expected_until=start + timedelta(days=dice.choice([7, 10])))
            yield timedelta(days=dice.randint(1, 9)), window, packs
        case "picked":
            yield from _weekly(own, keeps, grade, packs, today, dice)


def _goes_on(own: Speciality, keeps: int, today: date) -> bool:
    """Fresh produce whose season lasts for some weeks more: some of it is sold before it is picked."""
    return keeps < 120 and all((today + timedelta(days=days)).month in own.months for days in (8, 24))


def _weekly(
    own: Speciality, keeps: int, grade: str, packs: int, today: date, dice: random.Random
) -> Iterator[tuple[timedelta, Harvest, int]]:
    """Harvests as the season has gone so far; the last one a day or two ago, so that it is still good."""
    apart = max(5, min(21, keeps - 3))
    days = dice.randint(0, 2)
    ago: list[int] = []
    while days < HISTORY.days - 2 and (today - timedelta(days=days)).month in own.months and len(ago) < 5:
        ago.append(days)
        days += apart
    for days in reversed(ago or [1]):
        yield timedelta(days=days) + LISTED_BY, Harvest(grade, picked_on=today - timedelta(days=days)), packs
