"""The very large demo: its rows are those the services would have made, found by the same words, marked as demo."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError, models, transaction
from django.db.models import Max

from accounts.models import County, Farmer, User, VerificationDecision
from accounts.services import farmers, places, verification
from config.demo import pictures
from config.demo.cast import make_farmers_user
from config.demo.farms import make_photo
from config.demo.many import lending
from config.demo.many.copying import copy_in, take_ids
from config.demo.many.fill import add_listings, save
from config.demo.many.households import Countryside, Fate, Goods, Household
from config.demo.many.lending import STORY_VARIANT, Pictures
from config.demo.many.rows import TAKEN_DOWN_AFTER, Names, Rows
from config.demo.words import TAKE_DOWN_REASON
from marketplace.models import (
    Listing,
    ListingRevision,
    Lot,
    ModerationDecision,
    Photo,
    Produce,
    RevisionPhoto,
    ShelfPlace,
    Storefront,
)
from marketplace.queries.shelves import SORTS, Stock, Wanted, cards, page_of
from marketplace.queries.upkeep import places_out_of_step
from marketplace.search import search_query
from marketplace.services import drafts, listings, lots, moderation, storefronts
from marketplace.services.produce import load_produce
from marketplace.services.search import index_all
from tests.make import NOON, make_moderator

pytestmark = pytest.mark.django_db

LISTINGS = 30
MODELS: list[type[models.Model]] = [
    User,
    Farmer,
    VerificationDecision,
    Storefront,
    Photo,
    Listing,
    ListingRevision,
    RevisionPhoto,
    Lot,
    ModerationDecision,
    ShelfPlace,
]
# What is drawn at random for each, whoever makes it.
DRAWN = {"password", "slug", "key", "trace_code", "phone"}


@pytest.fixture
def countryside() -> Countryside:
    """A dozen real counties with what grows there."""
    places.load_places()
    load_produce()
    kinds = {kind.slug: kind for kind in Produce.objects.filter(parent__isnull=False).select_related("parent")}
    counties = County.objects.select_related("province").order_by("list_no")[:12]
    return Countryside(list(counties), kinds, [make_moderator(), make_moderator()], NOON, random.Random(1))


def through_the_services(household: Household) -> None:
    """What a farmer and the moderators would have done, each at its time."""
    user = make_farmers_user(70_000, household.application.payee_name, joined_at=household.joined_at)
    farmer = farmers.apply_to_sell(user_id=user.pk, application=household.application, now=household.applied_at)
    verification.verify_farmer(
        farmer_id=farmer.pk, decided_by=household.verified_by, reason=household.reason, now=household.verified_at
    )
    farmer.refresh_from_db()
    photo = make_photo(user, household.produce, STORY_VARIANT, household.told_at)
    storefront = storefronts.propose_storefront(
        farmer=farmer, story=household.story, photo=photo, now=household.told_at
    )
    moderation.decide_storefront(
        storefront_id=storefront.pk,
        proposed_at=household.told_at,
        moderator=household.verified_by,
        verdict=ModerationDecision.Verdict.APPROVE,
        reason="",
        now=household.shown_at,
    )
    photos: dict[tuple[int, int], Photo] = {}
    for goods in sorted(household.goods, key=lambda each: each.listed_at):
        for variant in goods.variants:
            key = (goods.produce.pk, variant)
            photos[key] = photos.get(key) or make_photo(user, goods.produce, variant, goods.listed_at)
        put_up(farmer, goods, [photos[goods.produce.pk, variant] for variant in goods.variants])


def put_up(farmer: Farmer, goods: Goods, photos: list[Photo]) -> None:
    """The wizard's three steps, the moderator's word, and what became of it."""
    first, *later = goods.lots
    revision = drafts.start_listing(farmer=farmer, produce=goods.produce, photos=photos, now=goods.listed_at)
    mine: dict[str, Any] = {"listing_id": revision.listing_id, "farmer": farmer}
    drafts.save_pack(
        pack_grams=goods.pack_grams, price_fen=goods.price_fen, packs=first.packs, now=goods.listed_at, **mine
    )
    drafts.save_harvest(
        origin=farmer.town,
        words=goods.words,
        keeps_days=goods.keeps_days,
        harvest=first.harvest,
        now=goods.listed_at,
        **mine,
    )
    drafts.submit_revision(now=goods.listed_at, **mine)
    if goods.fate is Fate.WAITING:
        return
    moderation.decide_revision(
        revision_id=revision.pk,
        moderator=goods.moderator,
        verdict=ModerationDecision.Verdict.APPROVE,
        reason="",
        now=goods.decided_at,
    )
    for lot in later:
        for old in Lot.objects.open().filter(listing=revision.listing_id):
            lots.close_lot(lot_id=old.pk, farmer=farmer, now=lot.opened_at)
        lots.open_lot(packs=lot.packs, harvest=lot.harvest, now=lot.opened_at, **mine)
    if goods.fate is Fate.SOLD_OUT:
        last = Lot.objects.open().get(listing=revision.listing_id)
        lots.set_packs_left(lot_id=last.pk, farmer=farmer, left=0, now=NOON)
    elif goods.fate is Fate.PAUSED:
        listings.pause_listing(now=NOON, **mine)
    elif goods.fate is Fate.TAKEN_DOWN:
        moderation.take_down(
            listing_id=revision.listing_id,
            moderator=goods.moderator,
            reason=TAKE_DOWN_REASON,
            now=goods.decided_at + TAKEN_DOWN_AFTER,
        )


def newest_ids() -> dict[type[models.Model], int]:
    return {model: model._default_manager.aggregate(newest=Max("pk"))["newest"] or 0 for model in MODELS}


def made_since(before: dict[type[models.Model], int]) -> dict[type[models.Model], list[dict[str, Any]]]:
    """What a household left behind: every row, with a number by age in place of each id and nothing drawn at random."""
    rows = {model: list(model._default_manager.filter(pk__gt=before[model]).order_by("pk")) for model in MODELS}
    numbers = {model: {row.pk: number for number, row in enumerate(found)} for model, found in rows.items()}
    return {model: [plain(row, numbers) for row in found] for model, found in rows.items()}


def plain(row: models.Model, numbers: dict[type[models.Model], dict[int, int]]) -> dict[str, Any]:
    values = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        related = type(row) if field.primary_key else field.related_model
        if field.name in DRAWN:
            value = type(value)
        elif related in numbers:
            value = numbers[related].get(value, value)  # moderators stay themselves
        values[field.name] = value
    return values


def household_with_every_fate(countryside: Countryside) -> Household:
    """A household with a listing of each fate, and one with a second harvest among those on sale."""
    found = next(
        household
        for household in countryside.households(4000)
        if len(household.goods) > len(Fate) and any(len(goods.lots) > 1 for goods in household.goods)
    )
    ordered = sorted(found.goods, key=lambda goods: len(goods.lots))
    fates = [Fate.WAITING, Fate.TAKEN_DOWN, Fate.PAUSED, Fate.SOLD_OUT]
    some = [replace(goods, fate=fate, lots=goods.lots[-1:]) for goods, fate in zip(ordered, fates, strict=False)]
    return replace(found, goods=(*some, *(replace(goods, fate=Fate.ON_SALE) for goods in ordered[len(fates) :])))


def in_bulk(households: Iterable[Household]) -> None:
    rows = Rows(Names(), Pictures())
    for household in households:
        rows.add(household)
    save(rows)


def test_the_rows_are_those_that_the_services_make_of_the_same_people_and_harvests(
    countryside: Countryside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "SIZE", pictures.SIZE)  # a small demo draws its pictures larger
    household = household_with_every_fate(countryside)
    before = newest_ids()
    through_the_services(household)
    by_services = made_since(before)
    between = newest_ids()

    in_bulk([household])

    by_bulk = made_since(between)

    assert {row["status"] for row in by_services[Listing]} == {*Listing.Status}
    assert any(row["closed_at"] for row in by_services[Lot])
    for model in MODELS:
        assert by_bulk[model] == by_services[model], model.__name__


def test_indexing_anew_changes_nothing_and_words_find_them(countryside: Countryside) -> None:
    in_bulk(countryside.households(LISTINGS))
    before = dict(Listing.objects.values_list("pk", "search_vector"))

    index_all()

    approved = Listing.objects.exclude(status="DRAFT")
    assert all(before[listing.pk] for listing in approved)
    after = dict(approved.values_list("pk", "search_vector"))
    assert after == {pk: before[pk] for pk in after}
    for listing in approved.filter(status="LIVE").select_related("produce", "farmer")[:5]:
        found = page_of(cards(), Wanted(query=search_query(listing.farmer.name), stock=Stock.SOLD_OUT_TOO), 60)
        assert listing in found.listings


def test_there_are_as_many_as_asked_for_in_every_county_all_marked_as_demo(countryside: Countryside) -> None:
    moderators = set(User.objects.values_list("pk", flat=True))

    add_listings(count=LISTINGS, moderators=countryside.moderators, now=NOON, dice=random.Random(2))

    assert Listing.objects.count() == LISTINGS
    assert Farmer.objects.values("county").distinct().count() == LISTINGS  # of 832, as far as they go
    assert not User.objects.exclude(pk__in=moderators).exclude(is_demo=True).exists()
    shown = Listing.objects.shown()
    assert not shown.exclude(approved_revision__decisions__verdict="APPROVE").exists()
    assert not places_out_of_step()
    assert page_of(cards(), Wanted(sort=next(iter(SORTS))), LISTINGS).listings


def test_every_photo_has_its_files_and_they_are_on_the_disk_once(countryside: Countryside) -> None:
    in_bulk(countryside.households(LISTINGS))

    inodes = set()
    for photo in Photo.objects.all():
        for width in photo.sizes:
            inodes.add(Path(storages["default"].path(photo.path(width))).stat().st_ino)
    pictures = Photo.objects.count()
    assert pictures > LISTINGS
    assert len(inodes) < 3 * pictures / 2
    gone, kept = next(
        (one, other)
        for one, other in combinations(Photo.objects.order_by("pk"), 2)
        if Path(storages["default"].path(one.path(320))).samefile(storages["default"].path(other.path(320)))
    )
    storages["default"].delete(gone.path(320))
    assert storages["default"].exists(kept.path(320))


def test_the_same_households_at_any_hour_of_the_day(countryside: Countryside) -> None:
    """Nothing is put up, decided or picked after now, or decided before it was sent in."""
    for hour in range(0, 24, 3):
        now = NOON + timedelta(hours=hour)
        land = Countryside(countryside.counties, countryside.produce, countryside.moderators, now, random.Random(hour))
        for household in land.households(200):
            assert household.joined_at < household.applied_at < household.verified_at < household.shown_at < now
            for goods in household.goods:
                assert household.shown_at < goods.listed_at < goods.decided_at < now
                for lot in goods.lots:
                    assert goods.listed_at <= lot.opened_at < now
                    lot.harvest.check(keeps_days=goods.keeps_days, now=lot.opened_at)


def test_copying_keeps_every_kind_of_text_and_the_databases_rules() -> None:
    nasty = "a\tb\nc\\d\r\\N \\. 百香果"
    user = User(pk=next(take_ids(User, 1)), phone="+8614000000001", name=nasty, joined_at=NOON)

    copy_in([user])

    assert User.objects.get(pk=user.pk).name == nasty
    assert User.objects.create(phone="+8614000000002").pk > user.pk
    nobody = User(pk=next(take_ids(User, 1)), phone=None, email=None, joined_at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in([nobody])
