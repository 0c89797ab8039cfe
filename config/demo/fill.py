"""Fills an empty shop: weeks of history up to now, the same one each time for the same day and size."""

import random
from datetime import date, datetime, timedelta

from django.db import connection

from accounts.models import County
from common.wake import asleep
from config.demo import plan, scenes
from config.demo.broadcasts import announce_and_show
from config.demo.cast import make_admin, make_cast, make_login
from config.demo.farms import Farm, Farms, make_farm
from config.demo.fund import Giving
from config.demo.history import History, any_fate
from config.demo.many.fill import add_listings, drawing_ahead
from config.demo.own_code import send_own_code
from config.demo.timeline import Timeline
from config.demo.told import put_away
from config.demo.years import add_years
from insights.services.keeping_up import start_over
from marketplace.models import Listing, Lot, Produce
from payments.services import sharing

SEED = 832
FARMERS_PER_COUNTY = 2.6
LISTINGS_PER_FARMER = 2.7
ORDERS_PER_FARMER = 1.7
ORDERS_OF_MANY = 24
FATES = {3: "waiting", 17: "refused", 40: "waiting", 61: "waiting", 77: "waiting", 98: "waiting", 110: "refused"}


def fill(*, farmers: int, now: datetime, listings: int = 0, years_orders: int = 0) -> None:
    """Make about so many farmers and all that goes with them; then, if wanted, more until there are so many listings.

    `years_orders` are plain orders of the two years before (config/demo/years.py).

    Regions, counties, produce and postage must be loaded.
    """
    _hurry()
    dice = random.Random(SEED)
    produce = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    today = plan.day_of(now)
    chosen = plan.choose_counties(
        plan.specialities(produce), produce, max(2, round(farmers / FARMERS_PER_COUNTY)), today, dice
    )
    counties = {county.slug: county for county in County.objects.select_related("province")}
    cast = make_cast(buyers=max(8, farmers // 2), county=counties[chosen[0][0].county], now=now, dice=dice)
    timeline = Timeline(now)
    farms = Farms(timeline, cast, dice)
    everyone = _farms(farmers, chosen, counties, produce, now, dice)
    for_moderators = _offer(everyone, chosen, produce, today, dice)
    for farm in everyone:
        farms.settle_in(farm)
    scenes.moderators_work(farms, for_moderators)
    Giving(timeline, cast, random.Random(SEED)).begin()
    _orders(History(timeline, farms, dice), everyone[0], round(farmers * ORDERS_PER_FARMER))
    with asleep():
        with drawing_ahead(listings) as pictures:
            timeline.run()
        for parcel_id in sharing.due_parcels():
            sharing.follow_settled(parcel_id=parcel_id, now=now)
        if (more := listings - Listing.objects.count()) > 0:
            add_listings(count=more, moderators=cast.moderators, now=now, dice=dice, pictures=pictures)
            _orders_of_many(Farms(Timeline(now), cast, dice))
        if years_orders:
            add_years(orders=years_orders, moderators=cast.moderators, now=now, dice=random.Random(SEED))
        send_own_code(farms, everyone[0])
        announce_and_show(farms, everyone[0])
    scenes.fill_cart(farms)
    put_away(now)
    make_admin(now)
    start_over(now)


def _hurry() -> None:
    """Don't wait for the disk after each of thousands of commits: a demo that a power cut takes is made again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def _farms(
    count: int,
    chosen: list[list[plan.Speciality]],
    counties: dict[str, County],
    produce: dict[str, Produce],
    now: datetime,
    dice: random.Random,
) -> list[Farm]:
    """The demo farmer first, in the specialist's county; then round and round the counties."""
    farms = []
    for number in range(count):
        own = chosen[number % len(chosen)]
        login = make_login("farmer", joined_at=now - timedelta(days=200)) if number == 0 else None
        farm = make_farm(number, counties[own[0].county], own, produce, now, dice, login)
        farm.fate = FATES.get(number, "verified")
        farms.append(farm)
    if len(chosen) < count:
        farms[len(chosen)].fate = "waiting"  # somebody for the specialist to verify
    return farms


def _offer(
    farms: list[Farm],
    chosen: list[list[plan.Speciality]],
    produce: dict[str, Produce],
    today: date,
    dice: random.Random,
) -> list[tuple[Farm, Produce, plan.Offer]]:
    """Give each farm its listings; some are kept back for the moderators to decide about, and returned."""
    kept: list[tuple[Farm, Produce, plan.Offer]] = []
    wanted_kept = max(4, len(farms) // 6)
    for number, farm in enumerate(farms):
        if farm.fate == "refused":
            continue
        specialities = {each.produce: each for each in chosen[number % len(chosen)]}
        ordered = sorted(specialities.values(), key=lambda each: each.produce != farm.produce.slug)
        count = len(specialities) + 1 if number == 0 else dice.choice([2, 3, 3, 3, 4])
        made = [
            (produce[each.produce], offer)
            for each in ordered
            for offer in plan.offers(each, produce[each.produce], 2 if number == 0 else count, today, dice)
        ][:count]
        if farm.fate == "verified" and len(made) > 1 and len(kept) < wanted_kept and number % 3 == 1:
            kept.append((farm, *made.pop()))
        farm.offers = made if farm.fate == "verified" else []
    return kept


def _orders(history: History, demo_farm: Farm, count: int) -> None:
    """More of them lately than at first: the shop grows."""
    dice, now = history.dice, history.timeline.now
    for _ in range(count):
        days = plan.HISTORY.days * (1 - dice.random() ** 0.6)
        when = now - timedelta(days=days, minutes=dice.randint(1, 600))
        history.order_at(when, dice.choice(history.farms.cast.buyers), any_fate(dice))
    scenes.buyers_orders(history, demo_farm)
    scenes.farmers_orders(history, demo_farm)


def _orders_of_many(farms: Farms) -> None:
    """Some of what was added in bulk is bought: through the services, like everything that has to do with money."""
    open_then = Lot.objects.open().picked().with_some_left().filter(created_at__lt=farms.now - timedelta(days=3))
    shown = Listing.objects.shown().filter(pk__in=open_then.values("listing")).order_by("-pk")
    farms.on_sale = list(shown.select_related("farmer")[:ORDERS_OF_MANY])
    history = History(farms.timeline, farms, farms.dice)
    for _ in range(ORDERS_OF_MANY):
        when = farms.now - timedelta(minutes=farms.dice.randint(10, 2 * 24 * 60))
        history.order_at(when, farms.dice.choice(farms.cast.buyers), any_fate(farms.dice))
    farms.timeline.run()
