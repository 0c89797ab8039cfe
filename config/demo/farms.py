"""Farmers, their storefronts and their listings, made by the services that the pages call."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.models import County, Farmer, User
from accounts.services import farmers as farmer_services
from accounts.services import verification
from config.demo import names, pictures, words
from config.demo.cast import Cast, make_farmers_user
from config.demo.plan import LISTED_BY, Offer, Speciality, afternoon
from config.demo.timeline import Timeline
from marketplace.models import Listing, ListingRevision, ModerationDecision, Photo, Produce, Storefront
from marketplace.services import drafts, lots, moderation, storefronts
from marketplace.services.lots import Harvest

Verdict = ModerationDecision.Verdict


@dataclass
class Farm:
    """A farmer to be: who, where, what, and how far they get."""

    user: User
    farmer: Farmer | None
    application: farmer_services.Application
    county: County
    produce: Produce
    offers: list[tuple[Produce, Offer]] = field(default_factory=list)
    fate: str = "verified"

    @property
    def seller(self) -> Farmer:
        if self.farmer is None:
            raise RuntimeError(f"{self.application.name} has not applied yet")
        return self.farmer


@dataclass
class Farms:
    """Puts farms on the timeline, and keeps what they have on sale."""

    timeline: Timeline
    cast: Cast
    dice: random.Random
    on_sale: list[Listing] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.timeline.now

    def settle_in(self, farm: Farm) -> None:
        """Apply, be verified, write a story, list the harvests: each in its time."""
        first = max((offer.listed_ago for _, offer in farm.offers), default=timedelta(days=1))
        applies = self.now - first - timedelta(days=self.dice.randint(4, 40))
        if farm.fate == "waiting":
            applies = self.now - timedelta(hours=self.dice.randint(1, 60))
        self.timeline.at(applies, partial(self._apply, farm))
        if farm.fate == "waiting":
            return
        decided = applies + timedelta(hours=self.dice.randint(3, 60))
        self.timeline.at(decided, partial(self._decide_farmer, farm))
        if farm.fate == "refused":
            return
        self.timeline.at(decided + timedelta(hours=5), partial(self._tell_story, farm))
        for produce, offer in farm.offers:
            when = max(decided + timedelta(hours=8), afternoon(self.now - offer.listed_ago))
            self.timeline.at(min(when, self.now - LISTED_BY), partial(self._list, farm, produce, offer))

    def _apply(self, farm: Farm, when: datetime) -> None:
        farm.farmer = farmer_services.apply_to_sell(user_id=farm.user.pk, application=farm.application, now=when)

    def _decide_farmer(self, farm: Farm, when: datetime) -> None:
        is_theirs = self.cast.specialist.postings.filter(county=farm.county).exists()
        decided_by = self.cast.specialist if is_theirs else self.dice.choice(self.cast.moderators)
        decide = partial(verification.verify_farmer, reason=self.dice.choice(words.VERIFY_REASONS))
        if farm.fate == "refused":
            decide = partial(verification.refuse_farmer, reason=words.REFUSE_REASON)
        decide(farmer_id=farm.seller.pk, decided_by=decided_by, now=when)
        farm.seller.refresh_from_db()

    def _tell_story(self, farm: Farm, when: datetime) -> None:
        story = words.story(
            self.dice,
            cooperative=farm.application.kind == Farmer.Kind.COOPERATIVE,
            county=farm.county.short_zh,
            town=farm.application.town,
            produce=farm.produce.name_zh.split("、")[0],
        )
        photo = make_photo(farm.user, farm.produce, 1, when)
        storefront = storefronts.propose_storefront(farmer=farm.seller, story=story, photo=photo, now=when)
        self.timeline.at(when + timedelta(hours=2), partial(self._approve_story, storefront.pk, when))

    def _approve_story(self, storefront_id: int, proposed_at: datetime, when: datetime) -> None:
        moderation.decide_storefront(
            storefront_id=storefront_id,
            proposed_at=proposed_at,
            moderator=self.dice.choice(self.cast.moderators),
            verdict=Verdict.APPROVE,
            reason="",
            now=when,
        )

    def _list(self, farm: Farm, produce: Produce, offer: Offer, when: datetime) -> None:
        revision = self.send_in(farm, produce, offer, when)
        looked_at = min(when + timedelta(minutes=self.dice.randint(20, 600)), self.now - timedelta(minutes=30))
        self.timeline.at(looked_at, partial(self._approve, farm, revision, offer))

    def send_in(self, farm: Farm, produce: Produce, offer: Offer, when: datetime) -> ListingRevision:
        """The three steps of the wizard, and off to the moderators."""
        count = self.dice.choice([1, 1, 1, 2])
        first = self.dice.randrange(pictures.VARIANTS)
        photos = [make_photo(farm.user, produce, first + place, when) for place in range(count)]
        revision = drafts.start_listing(farmer=farm.seller, produce=produce, photos=photos, now=when)
        mine: dict[str, Any] = {"listing_id": revision.listing_id, "farmer": farm.seller, "now": when}
        _, harvest, packs = offer.harvests[0]
        drafts.save_pack(pack_grams=offer.pack_grams, price_fen=offer.price_fen, packs=packs, **mine)
        drafts.save_harvest(
            origin=farm.application.town,
            words=words.listing_sentence(self.dice, produce.slug, produce.parent.slug if produce.parent else ""),
            keeps_days=min(produce.shelf_life_days or 1, drafts.MAX_KEEPS_DAYS),
            harvest=harvest,
            **mine,
        )
        return drafts.submit_revision(**mine)

    def _approve(self, farm: Farm, revision: ListingRevision, offer: Offer, when: datetime) -> None:
        self.decide(revision, Verdict.APPROVE, "", when)
        listing = Listing.objects.get(pk=revision.listing_id)
        self.on_sale.append(listing)
        for ago, harvest, packs in offer.harvests[1:]:
            opens = afternoon(self.now - ago)
            if opens > when:
                self.timeline.at(opens, partial(self._next_harvest, farm, listing, harvest, packs))

    def decide(self, revision: ListingRevision, verdict: Verdict, reason: str, when: datetime) -> None:
        """A moderator's word on a revision."""
        moderator = self.dice.choice(self.cast.moderators)
        moderation.decide_revision(
            revision_id=revision.pk, moderator=moderator, verdict=verdict, reason=reason, now=when
        )

    def _next_harvest(self, farm: Farm, listing: Listing, harvest: Harvest, packs: int, when: datetime) -> None:
        """What is left of the last one is not sold any more: it was picked too long ago."""
        for lot in listing.lots.open():
            lots.close_lot(lot_id=lot.pk, farmer=farm.seller, now=when)
        lots.open_lot(listing_id=listing.pk, farmer=farm.seller, packs=packs, harvest=harvest, now=when)


def make_photo(user: User, produce: Produce, variant: int, now: datetime) -> Photo:
    """A photo that is ready: the copies that the photo service makes, under a key of its own."""
    cleaned = pictures.clean_copies(produce, variant)
    photo = Photo.objects.create(
        uploaded_by=user,
        uploaded_at=now,
        status=Photo.Status.READY,
        width=cleaned.width,
        height=cleaned.height,
        sizes=sorted(cleaned.copies),
        approved_at=now,
        public_at=now,  # a drawing out of static/, which everybody has seen
    )
    for width, copy in cleaned.copies.items():
        storages["default"].save(photo.path(width), ContentFile(copy))
    return photo


def make_farm(
    number: int,
    county: County,
    own: list[Speciality],
    produce: dict[str, Produce],
    now: datetime,
    dice: random.Random,
    user: User | None = None,
) -> Farm:
    """A household, or now and then a cooperative, of a county."""
    kind = produce[own[number % len(own)].produce]
    person = names.person(dice, own[0].province, woman=True if user else None)
    owner = user or make_farmers_user(number, person.name, joined_at=now - timedelta(days=dice.randint(110, 400)))
    is_cooperative = user is None and number % 6 == 5
    town = dice.choice(names.TOWNS)
    name = f"{county.short_zh}{town}{kind.name_zh.split('、')[0]}合作社" if is_cooperative else f"{owner.name}家"
    application = farmer_services.Application(
        county_id=county.pk,
        kind=Farmer.Kind.COOPERATIVE if is_cooperative else Farmer.Kind.HOUSEHOLD,
        name=name,
        town=town,
        village=dice.choice(names.VILLAGES),
        women_led=person.is_woman and dice.random() < 0.8,
        registered_poor=not is_cooperative and dice.random() < 0.35,
        payee_kind=Farmer.PayeeKind.BANK,
        payee_name=owner.name,
        payee_account=names.card_number(dice),
    )
    return Farm(owner, None, application, county, kind)


def storefront_of(farm: Farm) -> Storefront:
    return Storefront.objects.get(farmer=farm.seller)
