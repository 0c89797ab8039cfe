"""Two years of sales up to a few days ago: many, plain, made by SQL, and marked as everything here.

Households in some counties, generated like those of the very large demo, sell to buyers who are generated too; season and
growth are drawn by dice and then only ever counted. Each order leaves the rows that it would have left through the
services: `manage.py verify` holds. In the weeks that the demo tells in full they are fewer by what is told there, so that
no month falls out of line. Embedded shops only.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from accounts.models import County, Farmer, User
from common.transactions import use_case
from config.demo import names, plan
from config.demo.many.fill import save
from config.demo.many.households import Countryside, Household
from config.demo.many.lending import Pictures
from config.demo.many.rows import Names, Rows
from config.demo.years_sql import STATEMENTS
from insights.periods import after, month_of
from marketplace.models import Listing, Produce
from orders.models import Order

COUNTIES, FARMS_EACH, LISTINGS_EACH, BUYERS = 18, 7, 2, 160
FIRST_FARM, FIRST_BUYER = 70_000, 80_000  # of their phones
MONTHS = 24  # before the one that ended last
SETTLED_BY = timedelta(
    days=10
)  # what was paid before that is settled, and no statement of its day is compared any more
OUT_OF_SEASON = 0.35
CANCELLED = 0.03


def add_years(*, orders: int, moderators: list[User], now: datetime, dice: random.Random) -> None:
    """Households in some counties, and so many orders over two years, with those that are there already; more of late.

    Places, produce and people must be there.
    """
    produce = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    farms = _farms(produce, moderators, now, dice)
    _people(farms, produce, now)
    sold = list(_orders(orders, now, dice))
    _sell(sold, moderators, now)


def _farms(produce: dict[str, Produce], moderators: list[User], now: datetime, dice: random.Random) -> list[Household]:
    """Some in each of the counties, all there for more than two years."""
    today = plan.day_of(now)
    chosen = plan.choose_counties(plan.specialities(produce), produce, COUNTIES, today, dice)
    counties = {county.slug: county for county in County.objects.select_related("province")}
    land = Countryside(list(counties.values()), produce, moderators, now, dice)
    found: list[Household] = []
    for own in chosen:
        for _ in range(FARMS_EACH):
            household = land.household(FIRST_FARM + len(found), counties[own[0].county], own, LISTINGS_EACH)
            joined = now - timedelta(days=dice.randint(760, 900))
            found.append(
                replace(
                    household,
                    joined_at=joined,
                    applied_at=joined + timedelta(days=1),
                    verified_at=joined + timedelta(days=3),
                )
            )
    return found


def _people(farms: list[Household], produce: dict[str, Produce], now: datetime) -> None:
    pictures = Pictures()
    pictures.draw(pair for household in farms for pair in household.pictures)
    rows = Rows(Names(), pictures)
    for household in farms:
        rows.add(household)
    save(rows)
    password, joined = make_password(None), now - timedelta(days=800)
    User.objects.bulk_create(
        User(
            phone=names.phone(FIRST_BUYER + number),
            phone_verified=True,
            name=names.person(random.Random(number)).name,
            password=password,
            is_demo=True,
            joined_at=joined,
            last_login=joined,
        )
        for number in range(BUYERS)
    )


Sold = tuple[int, int, int, datetime, bool]  # listing, buyer, packs, paid at, cancelled


def _orders(count: int, now: datetime, dice: random.Random) -> Iterator[Sold]:
    """Who bought what, when: by season, and more each year."""
    phones = [names.phone(FIRST_BUYER + number) for number in range(BUYERS)]
    buyers = list(User.objects.filter(phone__in=phones).order_by("pk").values_list("pk", flat=True))
    farms = Farmer.objects.filter(user__phone__gte=names.phone(FIRST_FARM), user__phone__lt=names.phone(FIRST_BUYER))
    listings = list(
        Listing.objects.filter(farmer__in=farms, produce__isnull=False)
        .order_by("pk")
        .values_list("pk", "produce__harvest_months", "county")
    )
    growth = {county: dice.uniform(1.1, 1.6) for county in sorted({county for _pk, _months, county in listings})}
    until = timezone.localdate(now - SETTLED_BY)
    first = after(month_of(until), -MONTHS)
    days = {month: (min(after(month), until) - month).days for month in (after(first, at) for at in range(MONTHS + 1))}
    pairs = [(pk, month) for pk, _harvest, _county in listings for month in days]
    weights = [
        (1 if month.month in (harvest or [month.month]) else OUT_OF_SEASON)
        * growth[county] ** ((month - first).days / 365)
        * days[month]
        for _pk, harvest, county in listings
        for month in days
    ]
    paid = Order.objects.filter(paid_at__isnull=False).values_list("paid_at", flat=True)
    told = Counter(month_of(timezone.localdate(at)) for at in paid)
    for pk, month in dice.choices(pairs, weights, k=count):
        if told[month]:  # the demo tells one in its stead
            told[month] -= 1
            continue
        day = month + timedelta(days=dice.randrange(days[month]))
        paid_at = datetime.combine(day, time(8), tzinfo=timezone.get_current_timezone())
        paid_at += timedelta(minutes=dice.randrange(14 * 60))
        yield pk, dice.choice(buyers), dice.choice([1, 1, 1, 2, 3]), paid_at, dice.random() < CANCELLED


@use_case
def _sell(sold: list[Sold], moderators: list[User], now: datetime) -> None:
    """Write what those orders left behind, table by table; past the triggers, whose work the rows have done already."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0")
        cursor.execute(
            "CREATE TEMP TABLE years_order (n serial, listing_id bigint, buyer_id bigint, packs int, paid_at timestamptz,"
            " cancelled bool) ON COMMIT DROP"
        )
        rows = b",".join(cursor.mogrify("(%s,%s,%s,%s,%s)", row) for row in sold).decode()
        cursor.execute(f"INSERT INTO years_order (listing_id, buyer_id, packs, paid_at, cancelled) VALUES {rows}")  # noqa: S608
        wishes: dict[str, Any] = {
            "now": now,
            "prepared_by": moderators[0].pk,
            "approved_by": moderators[1].pk,
            "platform": settings.PLATFORM_SHARE_BASIS_POINTS,
            "fund": settings.FUND_SHARE_BASIS_POINTS,
            "window": settings.CLAIM_WINDOW,
        }
        for statement in STATEMENTS:
            cursor.execute(statement, wishes)
