"""What the people one can sign in as find: work to do, and one thing in every state."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from config.demo import words
from config.demo.farms import Farm, Farms, Verdict, make_photo
from config.demo.history import ClaimFate, Fate, History
from config.demo.plan import Offer
from marketplace.models import Listing, Produce
from marketplace.services import appeals, drafts, listings, moderation, reports, storefronts
from orders.services import carts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNTOUCHED = Fate(posted_after=None)
ON_THE_WAY = Fate(posted_after=20 * HOUR, received_after=None)


def buyers_orders(history: History, demo_farm: Farm) -> None:
    """One order of the demo buyer in each state, five of them with the demo farmer's own harvest."""
    buyer, now = history.farms.cast.buyer, history.timeline.now
    fates = [
        (34 * DAY, Fate(posted_after=20 * HOUR, received_after=3 * DAY, stars=5)),  # settled and reviewed
        (26 * DAY, Fate(pays=False)),  # released
        (19 * DAY, Fate(cancelled_after=3 * HOUR)),  # money back
        (4 * DAY, Fate(posted_after=20 * HOUR, received_after=50 * HOUR)),  # received: claims are open
        (3 * DAY, ON_THE_WAY),
        (5 * HOUR, UNTOUCHED),  # being packed
        (timedelta(seconds=40), Fate(pays=False)),  # to be paid
    ]
    for ago, fate in fates:
        history.order_at(now - ago, buyer, fate)
    claimed = Fate(posted_after=20 * HOUR, received_after=50 * HOUR, claim=ClaimFate.OPEN)
    decided = replace(claimed, claim=ClaimFate.DECIDED)
    with_the_farmer = [
        (2 * DAY, ON_THE_WAY),
        (7 * HOUR, UNTOUCHED),
        (79 * HOUR, replace(claimed, claim=None)),  # claims are open here, too
        (82 * HOUR, claimed),
        (13 * DAY, decided),
    ]
    for ago, fate in with_the_farmer:
        history.timeline.at(now - ago, partial(_order_from, history, demo_farm, fate, None))


def farmers_orders(history: History, demo_farm: Farm) -> None:
    """Others' orders with the demo farmer: some settled, some to pack, one late."""
    now = history.timeline.now
    fates = [
        (24 * DAY, Fate(posted_after=18 * HOUR, received_after=3 * DAY, stars=5, by_link=True)),
        (17 * DAY, Fate(posted_after=30 * HOUR, received_after=3 * DAY, stars=4)),
        (9 * DAY, Fate(posted_after=24 * HOUR, received_after=4 * DAY, stars=5)),
        (5 * DAY, UNTOUCHED),  # late
        (20 * HOUR, UNTOUCHED),
        (4 * HOUR, UNTOUCHED),
    ]
    for number, (ago, fate) in enumerate(fates):
        history.timeline.at(now - ago, partial(_order_from, history, demo_farm, fate, number))
    disputed = Fate(posted_after=20 * HOUR, received_after=3 * DAY, claim=ClaimFate.DISPUTED)
    for ago, buyer in [(8 * DAY, 3), (6 * DAY, 5)]:  # for the moderators to decide
        history.order_at(now - ago, history.farms.cast.buyers[buyer], disputed)


def _order_from(history: History, farm: Farm, fate: Fate, buyer_number: int | None, when: datetime) -> None:
    """Order something of this farm's that is on sale by then; `buyer_number` None is the demo buyer."""
    theirs = [listing for listing in history.farms.on_sale if listing.farmer_id == farm.seller.pk]
    cast = history.farms.cast
    buyer = cast.buyer if buyer_number is None else cast.buyers[buyer_number % len(cast.buyers)]
    if theirs:
        history.order_at(when, buyer, fate, [history.dice.choice(theirs)])


def fill_cart(farms: Farms) -> None:
    """Two things of two farmers in the demo buyer's cart."""
    cart = carts.open_cart(user=farms.cast.buyer)
    first = next(iter(Listing.objects.in_stock_now().shown().order_by("pk")), None)
    if first is None:
        return
    other = Listing.objects.in_stock_now().shown().exclude(farmer_id=first.farmer_id).order_by("-pk").first()
    for listing in filter(None, [first, other]):
        carts.add_to_cart(cart_id=cart.pk, listing_id=listing.pk, packs=1)
    carts.set_province(cart_id=cart.pk, province=farms.cast.buyer.addresses.select_related("province")[0].province)


def moderators_work(farms: Farms, chosen: list[tuple[Farm, Produce, Offer]]) -> None:
    """Listings that wait, were sent back, rejected, taken down or paused; `chosen` are offers kept for this."""
    now = farms.now
    for number, (farm, produce, offer) in enumerate(chosen):
        when = now - timedelta(hours=2 + 3 * number)
        farms.timeline.at(when, partial(_send_in, farms, farm, produce, offer, number))
    farms.timeline.at(now - timedelta(minutes=20), partial(_edit_some, farms))


def _send_in(farms: Farms, farm: Farm, produce: Produce, offer: Offer, number: int, when: datetime) -> None:
    revision = farms.send_in(farm, produce, _as_of(offer, when), when)
    if number % 5 == 3:
        reason = words.CHANGE_REASONS[number % len(words.CHANGE_REASONS)]
        farms.timeline.at(when + HOUR, lambda later: farms.decide(revision, Verdict.ASK_CHANGE, reason, later))
    elif number % 10 == 9:
        farms.timeline.at(when + HOUR, lambda later: farms.decide(revision, Verdict.REJECT, words.REJECT_REASON, later))


def _as_of(offer: Offer, when: datetime) -> Offer:
    """The offer with its newest harvest alone, picked (if it was) the day before at the latest."""
    ago, harvest, packs = offer.harvests[-1]
    if harvest.picked_on is not None:
        harvest = replace(harvest, picked_on=min(harvest.picked_on, timezone.localdate(when) - DAY))
    return replace(offer, harvests=[(ago, harvest, packs)])


def _edit_some(farms: Farms, when: datetime) -> None:
    """Edits of what is on sale wait beside it; a few listings are paused, one is taken down, stories are rewritten."""
    some = farms.dice.sample(farms.on_sale, min(len(farms.on_sale), 14))
    for number, listing in enumerate(some):
        farmer = listing.farmer
        mine: dict[str, Any] = {"listing_id": listing.pk, "farmer": farmer, "now": when}
        if number < 5:
            draft = drafts.open_draft(**mine)
            photos = [place.photo for place in draft.photo_places.select_related("photo")]
            if number % 2 == 0:
                photos.append(make_photo(farmer.user, draft.produce, number + 1, when))
            drafts.save_produce(produce=draft.produce, photos=photos, **mine)
            sentence = f"{draft.words}今年天好，比去年甜。" if number % 2 else "换了厚箱子，路上不容易碰伤。"
            drafts.save_harvest(origin=draft.origin, words=sentence, keeps_days=draft.keeps_days, harvest=None, **mine)
            drafts.submit_revision(**mine)
        elif number < 8:
            listings.pause_listing(**mine)
        elif number == 8:
            other = farms.cast.moderators[1]  # the demo moderator decides the appeal
            no = moderation.take_down(listing_id=listing.pk, moderator=other, reason=words.TAKE_DOWN_REASON, now=when)
            appeals.make_appeal(decision_id=no.pk, farmer=farmer, words=words.APPEAL, now=when)
        elif number < 11:
            story = "新的一年，我们把老果园修了枝，路也修到了地头，欢迎来看看。"
            storefronts.propose_storefront(farmer=farmer, story=story, photo=None, now=when)
        else:
            _report(farms, listing, number, when)


def _report(farms: Farms, listing: Listing, number: int, when: datetime) -> None:
    """Somebody says that something is wrong; about the last of them two do."""
    for nth, (reason, said) in enumerate(words.REPORTS[: 2 if number == 13 else 1]):
        buyer = farms.cast.buyers[(number + nth) % len(farms.cast.buyers)]
        reports.report_listing(listing_id=listing.pk, reporter=buyer, guest="", reason=reason, words=said, now=when)
