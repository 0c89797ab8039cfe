"""Writing a listing: what each step keeps and refuses, and that what waits is never written."""

from datetime import date

import pytest

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.errors import NotComplete, NothingChanged, PackIsFixed
from marketplace.models import Listing, ListingRevision, Lot, Photo, Produce, RevisionPhoto, Storefront
from marketplace.services import drafts, lots
from marketplace.services.lots import Harvest
from tests.make import NOON, make_farmer, make_listing, make_photo, make_produce, make_user
from tests.marketplace.selling import PICKED, PRESALE, edit, make_draft, submit, write

pytestmark = pytest.mark.django_db
Status = ListingRevision.Status


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def stranger() -> Farmer:
    return make_farmer("Another household", user=make_user("stranger"))


def test_the_first_step_keeps_a_draft_with_the_farmers_town_and_how_long_it_keeps(farmer):
    photos = [make_photo(farmer.user), make_photo(farmer.user)]

    draft = drafts.start_listing(farmer=farmer, produce=make_produce(), photos=photos, now=NOON)

    assert (draft.status, draft.origin, draft.keeps_days) == (Status.DRAFT, farmer.town, 45)
    assert drafts.photo_ids(draft) == [photo.pk for photo in photos]
    assert draft.listing.status == Listing.Status.DRAFT
    assert draft.listing.county == farmer.county
    assert not Listing.objects.shown().exists()


def test_who_lists_for_the_first_time_gets_a_storefront_with_a_readable_address():
    farmer = make_farmer("陈桂兰家")
    Storefront.objects.all().delete()

    for _ in range(2):
        drafts.start_listing(farmer=farmer, produce=make_produce(), photos=[], now=NOON)

    assert Storefront.objects.get(farmer=farmer).slug.startswith("chen-gui-lan-jia-")


def test_a_group_cannot_be_sold_only_a_kind(farmer):
    make_produce()
    with pytest.raises(InvalidInput) as refused:
        drafts.start_listing(farmer=farmer, produce=Produce.objects.get(slug="fruit"), photos=[], now=NOON)

    assert refused.value.field == "produce"
    assert not Listing.objects.exists()


def test_another_persons_photo_cannot_be_used(farmer, stranger):
    with pytest.raises(NotAllowed):
        drafts.start_listing(farmer=farmer, produce=make_produce(), photos=[make_photo(stranger.user)], now=NOON)


def test_more_photos_than_fit_are_refused_and_the_old_ones_stay(farmer):
    draft = make_draft(farmer)
    before = drafts.photo_ids(draft)
    with pytest.raises(InvalidInput):
        drafts.save_produce(
            listing_id=draft.listing_id,
            farmer=farmer,
            produce=draft.produce,
            photos=[make_photo(farmer.user) for _ in range(drafts.MAX_PHOTOS + 1)],
            now=NOON,
        )
    assert drafts.photo_ids(draft) == before


def test_another_produce_brings_its_own_shelf_life_unless_the_farmer_said_otherwise(farmer):
    tea = make_produce("green-tea", name_zh="绿茶", name_en="Green tea", shelf_life_days=540)
    photos = [make_photo(farmer.user)]
    said = make_draft(farmer)  # says 30 days
    silent = drafts.start_listing(farmer=farmer, produce=make_produce(), photos=photos, now=NOON)

    for draft, days in ((said, 30), (silent, 540)):
        changed = drafts.save_produce(listing_id=draft.listing_id, farmer=farmer, produce=tea, photos=photos, now=NOON)
        assert changed.keeps_days == days


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pack_grams": 0}, "weight"),
        ({"pack_grams": -5000}, "weight"),
        ({"pack_grams": 1}, "weight"),
        ({"pack_grams": 50_001}, "weight"),
        ({"price_fen": 0}, "price"),
        ({"price_fen": -1}, "price"),
        ({"price_fen": 99}, "price"),
        ({"price_fen": 100_000_000}, "price"),
        ({"packs": 0}, "packs"),
        ({"packs": -3}, "packs"),
        ({"packs": 10_000_000}, "packs"),
    ],
)
def test_a_pack_nobody_means_is_refused_at_its_field_and_nothing_is_saved(farmer, values, field):
    draft = make_draft(farmer)
    with pytest.raises(InvalidInput) as refused:
        drafts.save_pack(
            listing_id=draft.listing_id,
            farmer=farmer,
            now=NOON,
            **({"pack_grams": 2500, "price_fen": 3000, "packs": 10} | values),
        )
    assert refused.value.field == field
    draft.refresh_from_db()
    assert (draft.pack_grams, draft.price_fen, draft.packs) == (5000, 4980, 200)


@pytest.mark.parametrize(
    ("harvest", "field"),
    [
        (Harvest("FIRST", picked_on=date(2026, 11, 25)), "picked_on"),
        (Harvest("FIRST", picked_on=date(2026, 10, 24)), "picked_on"),
        (Harvest("FIRST"), "picked_on"),
        (Harvest("FIRST", expected_from=date(2026, 12, 1)), "picked_on"),
        (Harvest("FIRST", expected_from=date(2026, 12, 9), expected_until=date(2026, 12, 1)), "expected_until"),
        (Harvest("FIRST", expected_from=date(2026, 10, 1), expected_until=date(2026, 11, 1)), "expected_until"),
        (Harvest("FIRST", expected_from=date(2027, 11, 20), expected_until=date(2027, 12, 20)), "expected_until"),
        (Harvest("FIRST", expected_from=date(2026, 12, 1), expected_until=date(2027, 6, 1)), "expected_until"),
    ],
)
def test_days_that_cannot_be_are_refused(farmer, harvest, field):
    draft = make_draft(farmer)
    with pytest.raises(InvalidInput) as refused:
        write(draft.listing_id, farmer, harvest=harvest)

    assert refused.value.field == field
    assert Lot.objects.get().picked_on == PICKED.picked_on


def test_today_is_today_in_china(farmer):
    before_midnight_utc = NOON.replace(hour=17)  # already the 25th in Shanghai
    lots.check_picked_on(date(2026, 11, 25), keeps_days=30, now=before_midnight_utc)

    with pytest.raises(InvalidInput):
        lots.check_picked_on(date(2026, 11, 25), keeps_days=30, now=NOON)


def test_the_first_lot_can_be_written_again_until_approval(farmer):
    draft = make_draft(farmer, harvest=PICKED)
    first = Lot.objects.get()

    write(draft.listing_id, farmer, harvest=PRESALE)
    drafts.save_pack(listing_id=draft.listing_id, farmer=farmer, pack_grams=2500, price_fen=3000, packs=40, now=NOON)

    lot = Lot.objects.get()
    assert (lot.pk, lot.trace_code) == (first.pk, first.trace_code)
    assert (lot.harvested, lot.picked_on, lot.expected_from) == (40, None, date(2026, 12, 1))


def test_steps_left_out_are_asked_for_in_order(farmer):
    def step_missing() -> str:
        with pytest.raises(NotComplete) as missing:
            drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON)
        return missing.value.step

    draft = drafts.start_listing(farmer=farmer, produce=make_produce(), photos=[], now=NOON)
    steps = [step_missing()]
    with pytest.raises(NotComplete):
        write(draft.listing_id, farmer)  # step three before step two
    drafts.save_produce(
        listing_id=draft.listing_id,
        farmer=farmer,
        produce=draft.produce,
        photos=[make_photo(farmer.user, status=Photo.Status.WAITING, width=0, height=0, sizes=[])],
        now=NOON,
    )
    steps.append(step_missing())
    drafts.save_pack(listing_id=draft.listing_id, farmer=farmer, pack_grams=5000, price_fen=4980, packs=9, now=NOON)
    steps.append(step_missing())
    write(draft.listing_id, farmer)

    assert steps == ["sell_photos", "sell_pack", "sell_harvest"]
    sent = drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON)
    assert (sent.status, sent.submitted_at) == (Status.WAITING, NOON)


def test_a_draft_that_lay_too_long_asks_again_when_it_was_picked(farmer):
    draft = make_draft(farmer)

    with pytest.raises(NotComplete) as missing:
        drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON.replace(year=2027))

    assert missing.value.step == "sell_harvest"


def test_a_photo_that_could_not_be_read_has_to_go_first(farmer):
    refused = make_photo(farmer.user, status=Photo.Status.REFUSED, width=0, height=0, sizes=[])
    draft = make_draft(farmer, photos=[make_photo(farmer.user), refused])

    with pytest.raises(NotComplete) as missing:
        drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON)

    assert missing.value.step == "sell_photos"


def test_changing_what_waits_withdraws_it_and_writes_the_next_one(farmer):
    waiting = submit(farmer)

    draft = drafts.open_draft(listing_id=waiting.listing_id, farmer=farmer, now=NOON)

    waiting.refresh_from_db()
    assert waiting.status == Status.WITHDRAWN
    assert (draft.number, draft.status, draft.words) == (2, Status.DRAFT, waiting.words)
    assert drafts.photo_ids(draft) == drafts.photo_ids(waiting)
    assert drafts.open_draft(listing_id=waiting.listing_id, farmer=farmer, now=NOON) == draft


def test_nothing_can_be_written_into_what_waits(farmer):
    waiting = submit(farmer)

    with pytest.raises(WrongState):
        write(waiting.listing_id, farmer, words="Something else")

    waiting.refresh_from_db()
    assert waiting.words == "皮薄汁多。"


def test_the_pack_of_an_approved_listing_stays(farmer):
    listing = make_listing(farmer)
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    with pytest.raises(PackIsFixed):
        drafts.save_pack(listing_id=listing.pk, farmer=farmer, pack_grams=2500, price_fen=4980, packs=5, now=NOON)


def test_an_edit_that_changes_nothing_is_not_sent(farmer):
    listing = make_listing(farmer)
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    with pytest.raises(NothingChanged):
        drafts.submit_revision(listing_id=listing.pk, farmer=farmer, now=NOON)


def test_swapping_a_photo_or_the_cover_is_a_change(farmer):
    listing = make_listing(farmer)
    shown = listing.approved_revision
    assert shown is not None
    RevisionPhoto.objects.create(revision=shown, photo=make_photo(farmer.user), position=1)
    draft = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    turned_round = [place.photo for place in draft.photo_places.order_by("-position")]
    assert not drafts.differs(draft, listing)

    drafts.save_produce(listing_id=listing.pk, farmer=farmer, produce=draft.produce, photos=turned_round, now=NOON)

    assert drafts.differs(draft, listing)


def test_an_edit_leaves_what_buyers_see_and_its_lots_alone(farmer):
    listing = make_listing(farmer, packs=20)

    revision = edit(listing, farmer, words="新的话。", origin="别处", keeps_days=10)

    listing.refresh_from_db()
    assert revision.status == Status.WAITING
    assert (listing.words, listing.origin, listing.keeps_days) == ("皮薄汁多，早上摘下午发。", "长宁镇", 45)
    assert listing.status == Listing.Status.LIVE
    assert listing.lots.get().harvested == 20


def test_what_was_thrown_away_does_not_come_back(farmer):
    listing = make_listing(farmer)
    edit(listing, farmer, words="A slip of the thumb")
    drafts.discard_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    draft = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    assert draft.words == listing.words
    with pytest.raises(WrongState):
        drafts.discard_draft(listing_id=make_listing(farmer).pk, farmer=farmer, now=NOON)


def test_a_stranger_can_do_nothing_to_a_draft(farmer, stranger):
    draft = make_draft(farmer)
    before = ListingRevision.objects.filter(pk=draft.pk).values().get()
    mine = {"listing_id": draft.listing_id, "farmer": stranger, "now": NOON}

    for call in (
        lambda: drafts.save_produce(produce=draft.produce, photos=[], **mine),
        lambda: drafts.save_pack(pack_grams=1000, price_fen=1000, packs=1, **mine),
        lambda: write(draft.listing_id, stranger, words="Mine now"),
        lambda: drafts.submit_revision(**mine),
        lambda: drafts.open_draft(**mine),
        lambda: drafts.discard_draft(**mine),
    ):
        with pytest.raises(NotAllowed):
            call()

    assert ListingRevision.objects.filter(pk=draft.pk).values().get() == before
    assert RevisionPhoto.objects.count() == 1


def test_unverified_farmers_can_prepare_and_send_but_nothing_is_shown():
    farmer = make_farmer(status=Farmer.Status.WAITING)

    assert submit(farmer).status == Status.WAITING
    assert not Listing.objects.shown().exists()
