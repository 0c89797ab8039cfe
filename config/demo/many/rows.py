"""The rows that a household leaves behind when it goes through the services. A test compares the two."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Generic, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models.base import ModelState

from accounts.models import County, Farmer, User, VerificationDecision
from common.codes import LETTERS
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
from marketplace.services.lots import CODE_LENGTH
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
    """Ids, trace codes and slugs, each given once. Of several that give them at the same time, each has its own letters."""

    def __init__(self, share: int = 0, shares: int = 1) -> None:
        self._ids: dict[type[models.Model], Iterator[int]] = {}
        self._codes = set(Lot.objects.values_list("trace_code", flat=True))
        self._slugs = set(Storefront.objects.values_list("slug", flat=True))
        self._share, self._shares = share, shares

    def next_id(self, model: type[models.Model]) -> int:
        found = next(self._ids.get(model, iter(())), None)
        if found is None:
            self._ids[model] = take_ids(model, IDS_AT_ONCE)
            found = next(self._ids[model])
        return found

    def code(self) -> str:
        return self._new(self._codes, _random_code)

    def slug(self, name: str) -> str:
        return self._new(self._slugs, lambda: slug_for(name))

    def _new(self, taken: set[str], make: Callable[[], str]) -> str:
        text = make()
        while text in taken or ord(text[-1]) % self._shares != self._share:
            text = make()
        taken.add(text)
        return text


def _random_code() -> str:
    """As services.lots draws it, eight letters at once: there are 32 to choose from, which divides 256."""
    return "".join([LETTERS[byte % len(LETTERS)] for byte in secrets.token_bytes(CODE_LENGTH)])


class _Blank(Generic[Row]):
    """A model's instances from their columns, in a tenth of the time that its constructor takes. Foreign keys are ids."""

    def __init__(self, model: type[Row]) -> None:
        self._model = model
        self._values = vars(model())
        self._drawn = {
            field.attname: field.default
            for field in model._meta.concrete_fields
            if field.has_default() and callable(field.default)
        }

    def filled(self, columns: dict[str, Any]) -> Row:
        drawn = {name: make() for name, make in self._drawn.items() if name not in columns}
        row = self._model.__new__(self._model)
        row.__dict__.update(self._values, _state=ModelState(), **drawn, **columns)
        return row


class Rows:
    """Instances by model, in the order in which they were made."""

    def __init__(self, names: Names, pictures: Pictures) -> None:
        self.by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
        self._names, self._pictures = names, pictures
        self._blanks: dict[type[models.Model], _Blank[Any]] = {}
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

    def _new(self, model: type[Row], **columns: Any) -> Row:
        if model not in self._blanks:
            self._blanks[model] = _Blank(model)
        row: Row = self._blanks[model].filled(columns | {"id": self._names.next_id(model)})
        self.by_model[model].append(row)
        return row

    def _farmer(self, household: Household) -> tuple[User, Farmer]:
        application = household.application
        user = self._new(
            User,
            phone=household.phone,
            phone_verified=True,
            name=application.payee_name,
            password=make_password(None),
            is_demo=True,
            last_login=household.joined_at,
            joined_at=household.joined_at,
        )
        farmer = self._new(
            Farmer,
            user_id=user.pk,
            status=Farmer.Status.VERIFIED,
            applied_at=household.applied_at,
            verified_at=household.verified_at,
            **vars(application),
        )
        self._new(
            VerificationDecision,
            farmer_id=farmer.pk,
            decided_by_id=household.verified_by.pk,
            verdict=VerificationDecision.Verdict.VERIFY,
            reason=household.reason,
            decided_at=household.verified_at,
        )
        self._storefront(household, user, farmer)
        return user, farmer

    def _storefront(self, household: Household, user: User, farmer: Farmer) -> None:
        photo = self._photo(user, household.produce, STORY_VARIANT, household.told_at)
        storefront = self._new(
            Storefront,
            farmer_id=farmer.pk,
            slug=self._names.slug(farmer.name),
            story=household.story,
            photo_id=photo.pk,
            created_at=household.told_at,
        )
        self._new(
            ModerationDecision,
            storefront_id=storefront.pk,
            verdict=Verdict.APPROVE,
            decided_by_id=household.verified_by.pk,
            decided_at=household.shown_at,
        )

    def _photo(self, user: User, produce: Produce, variant: int, now: datetime) -> Photo:
        cleaned = self._pictures.copies(produce, variant)
        photo = self._new(
            Photo,
            uploaded_by_id=user.pk,
            uploaded_at=now,
            status=Photo.Status.READY,
            width=cleaned.width,
            height=cleaned.height,
            sizes=sorted(cleaned.copies),
            approved_at=now,
            public_at=now,  # a drawing out of static/, which everybody has seen
        )
        self._pictures.lend(produce, variant, photo)
        return photo

    def _listing(self, farmer: Farmer, household: Household, goods: Goods, photos: list[Photo]) -> None:
        is_decided = goods.fate is not Fate.WAITING
        listing = self._new(
            Listing,
            farmer_id=farmer.pk,
            county_id=household.county.pk,
            province_id=household.county.province_id,
            status=STATUS[goods.fate],
            created_at=goods.listed_at,
        )
        revision = self._new(
            ListingRevision,
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
        for position, photo in enumerate(photos):
            self._new(RevisionPhoto, revision_id=revision.pk, photo_id=photo.pk, position=position)
        self._lots(listing, goods)
        if is_decided:
            self._show(listing, revision, photos[0], goods, farmer, household.county)

    def _show(
        self, listing: Listing, revision: ListingRevision, cover: Photo, goods: Goods, farmer: Farmer, county: County
    ) -> None:
        """What a moderator's approval copies, and the decision; for what was taken down, that one too."""
        listing.approved_revision_id, listing.cover_id, listing.live_since = revision.pk, cover.pk, goods.decided_at
        listing.produce_id, listing.pack_grams, listing.price_fen = goods.produce.pk, goods.pack_grams, goods.price_fen
        listing.words, listing.origin, listing.keeps_days = revision.words, revision.origin, revision.keeps_days
        listing.search_vector = self._found_by(listing, farmer, goods.produce, county)
        decided = {"listing_id": listing.pk, "decided_by_id": goods.moderator.pk}
        self._new(
            ModerationDecision, revision_id=revision.pk, verdict=Verdict.APPROVE, decided_at=goods.decided_at, **decided
        )
        if goods.fate is Fate.TAKEN_DOWN:
            later = goods.decided_at + TAKEN_DOWN_AFTER
            self._new(
                ModerationDecision,
                verdict=Verdict.TAKE_DOWN,
                reason=words.TAKE_DOWN_REASON,
                decided_at=later,
                **decided,
            )

    def _found_by(self, listing: Listing, farmer: Farmer, produce: Produce, county: County) -> str:
        """The words it is found by. A farmer's listings of one produce often have the same."""
        same = (listing.farmer_id, listing.produce_id, listing.words)
        if same not in self._words:
            listing.farmer, listing.produce = farmer, produce
            listing.county, listing.province = county, county.province
            self._words[same] = vector_text(tokens_for(listing))
        return self._words[same]

    def _lots(self, listing: Listing, goods: Goods) -> None:
        """One after the other: with the next harvest, what is left of the last is not sold any more."""
        closings = [lot.opened_at for lot in goods.lots[1:]]
        for lot, closed_at in zip_longest(goods.lots, closings):
            sold_out = closed_at is None and goods.fate is Fate.SOLD_OUT
            self._new(
                Lot,
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
