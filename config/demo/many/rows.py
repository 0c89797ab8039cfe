"""The rows that a household leaves behind when it goes through the services. A test compares the two."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models

from accounts.models import Farmer, User, VerificationDecision
from config.demo import words
from config.demo.many.copying import take_ids
from config.demo.many.households import Fate, Goods, Household
from config.demo.many.lending import STORY_VARIANT, Pictures
from marketplace.models import (
    Listing,
    ListingRevision,
    Lot,
    ModerationDecision,
    Photo,
    Produce,
    RevisionPhoto,
    Storefront,
)
from marketplace.search import tokens_for, vector_text
from marketplace.services.lots import CODE_LENGTH, CODE_LETTERS
from marketplace.services.storefronts import slug_for

Row = TypeVar("Row", bound=models.Model)
Verdict = ModerationDecision.Verdict
IDS_AT_ONCE = 2000
TAKEN_DOWN_AFTER = timedelta(minutes=15)
STATUS = {
    Fate.ON_SALE: Listing.Status.LIVE,
    Fate.SOLD_OUT: Listing.Status.LIVE,
    Fate.PAUSED: Listing.Status.PAUSED,
    Fate.TAKEN_DOWN: Listing.Status.TAKEN_DOWN,
    Fate.WAITING: Listing.Status.DRAFT,
}


class Names:
    """Ids, trace codes and slugs, each given once."""

    def __init__(self) -> None:
        self._ids: dict[type[models.Model], Iterator[int]] = {}
        self._codes = set(Lot.objects.values_list("trace_code", flat=True))
        self._slugs = set(Storefront.objects.values_list("slug", flat=True))

    def next_id(self, model: type[models.Model]) -> int:
        found = next(self._ids.get(model, iter(())), None)
        if found is None:
            self._ids[model] = take_ids(model, IDS_AT_ONCE)
            found = next(self._ids[model])
        return found

    def code(self) -> str:
        return _new(self._codes, _random_code)

    def slug(self, name: str) -> str:
        return _new(self._slugs, lambda: slug_for(name))


def _random_code() -> str:
    """As services.lots draws it, eight letters at once: there are 32 to choose from, which divides 256."""
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in secrets.token_bytes(CODE_LENGTH))


def _new(taken: set[str], make: Callable[[], str]) -> str:
    while (text := make()) in taken:
        pass
    taken.add(text)
    return text


class Rows:
    """Instances by model, in the order in which they were made."""

    def __init__(self, names: Names, pictures: Pictures) -> None:
        self.by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._names, self._pictures = names, pictures
        self._words: dict[tuple[object, ...], str] = {}

    def add(self, household: Household) -> None:
        """Everything of one household."""
        user, farmer = self._farmer(household)
        photos: dict[tuple[int, int], Photo] = {}  # a farmer uses a photo of theirs again
        for goods in sorted(household.goods, key=lambda each: each.listed_at):
            for variant in goods.variants:
                if (goods.produce.pk, variant) not in photos:
                    photos[goods.produce.pk, variant] = self._photo(user, goods.produce, variant, goods.listed_at)
            self._listing(farmer, household, goods, [photos[goods.produce.pk, variant] for variant in goods.variants])

    def _new(self, row: Row) -> Row:
        row.pk = self._names.next_id(type(row))
        self.by_model[type(row)].append(row)
        return row

    def _farmer(self, household: Household) -> tuple[User, Farmer]:
        application = household.application
        user = self._new(
            User(
                phone=household.phone,
                phone_verified=True,
                name=application.payee_name,
                password=make_password(None),
                is_demo=True,
                last_login=household.joined_at,
                joined_at=household.joined_at,
            )
        )
        farmer = self._new(
            Farmer(
                user=user,
                status=Farmer.Status.VERIFIED,
                applied_at=household.applied_at,
                verified_at=household.verified_at,
                **vars(application),
            )
        )
        self._new(
            VerificationDecision(
                farmer=farmer,
                decided_by=household.verified_by,
                verdict=VerificationDecision.Verdict.VERIFY,
                reason=household.reason,
                decided_at=household.verified_at,
            )
        )
        self._storefront(household, user, farmer)
        return user, farmer

    def _storefront(self, household: Household, user: User, farmer: Farmer) -> None:
        photo = self._photo(user, household.produce, STORY_VARIANT, household.told_at)
        storefront = self._new(
            Storefront(
                farmer=farmer,
                slug=self._names.slug(farmer.name),
                story=household.story,
                photo=photo,
                created_at=household.told_at,
            )
        )
        self._new(
            ModerationDecision(
                storefront=storefront,
                verdict=Verdict.APPROVE,
                decided_by=household.verified_by,
                decided_at=household.shown_at,
            )
        )

    def _photo(self, user: User, produce: Produce, variant: int, now: datetime) -> Photo:
        cleaned = self._pictures.copies(produce, variant)
        photo = self._new(
            Photo(
                uploaded_by_id=user.pk,
                uploaded_at=now,
                status=Photo.Status.READY,
                width=cleaned.width,
                height=cleaned.height,
                sizes=sorted(cleaned.copies),
                approved_at=now,
                public_at=now,  # a drawing out of static/, which everybody has seen
            )
        )
        self._pictures.lend(produce, variant, photo)
        return photo

    def _listing(self, farmer: Farmer, household: Household, goods: Goods, photos: list[Photo]) -> None:
        is_decided = goods.fate is not Fate.WAITING
        listing = self._new(
            Listing(
                farmer=farmer,
                county=household.county,
                province_id=household.county.province_id,
                status=STATUS[goods.fate],
                created_at=goods.listed_at,
            )
        )
        revision = self._new(
            ListingRevision(
                listing_id=listing.pk,
                number=1,
                status=ListingRevision.Status.APPROVED if is_decided else ListingRevision.Status.WAITING,
                produce_id=goods.produce.pk,
                pack_grams=goods.pack_grams,
                price_fen=goods.price_fen,
                packs=goods.lots[0].packs,
                words=goods.words,
                origin=farmer.town,
                keeps_days=goods.keeps_days,
                created_at=goods.listed_at,
                submitted_at=goods.listed_at,
            )
        )
        for position, photo in enumerate(photos):
            self._new(RevisionPhoto(revision_id=revision.pk, photo_id=photo.pk, position=position))
        self._lots(listing, goods)
        if is_decided:
            self._show(listing, revision, photos[0], goods)

    def _show(self, listing: Listing, revision: ListingRevision, cover: Photo, goods: Goods) -> None:
        """What a moderator's approval copies, and the decision; for what was taken down, that one too."""
        listing.province = listing.county.province
        listing.approved_revision_id, listing.cover_id, listing.live_since = revision.pk, cover.pk, goods.decided_at
        listing.produce, listing.pack_grams, listing.price_fen = goods.produce, goods.pack_grams, goods.price_fen
        listing.words, listing.origin, listing.keeps_days = revision.words, revision.origin, revision.keeps_days
        listing.search_vector = self._found_by(listing)
        decided = {"listing_id": listing.pk, "decided_by_id": goods.moderator.pk}
        self._new(
            ModerationDecision(revision_id=revision.pk, verdict=Verdict.APPROVE, decided_at=goods.decided_at, **decided)
        )
        if goods.fate is Fate.TAKEN_DOWN:
            later = goods.decided_at + TAKEN_DOWN_AFTER
            self._new(
                ModerationDecision(
                    verdict=Verdict.TAKE_DOWN, reason=words.TAKE_DOWN_REASON, decided_at=later, **decided
                )
            )

    def _found_by(self, listing: Listing) -> str:
        """The words it is found by. A farmer's listings of one produce often have the same."""
        same = (listing.farmer_id, listing.produce_id, listing.words)
        if same not in self._words:
            self._words[same] = vector_text(tokens_for(listing))
        return self._words[same]

    def _lots(self, listing: Listing, goods: Goods) -> None:
        """One after the other: with the next harvest, what is left of the last is not sold any more."""
        closings = [lot.opened_at for lot in goods.lots[1:]]
        for lot, closed_at in zip_longest(goods.lots, closings):
            sold_out = closed_at is None and goods.fate is Fate.SOLD_OUT
            self._new(
                Lot(
                    listing_id=listing.pk,
                    trace_code=self._names.code(),
                    harvested=0 if sold_out else lot.packs,
                    grade=lot.harvest.grade,
                    picked_on=lot.harvest.picked_on,
                    expected_from=lot.harvest.expected_from,
                    expected_until=lot.harvest.expected_until,
                    created_at=lot.opened_at,
                    closed_at=closed_at,
                )
            )
