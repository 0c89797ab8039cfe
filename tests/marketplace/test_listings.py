"""Price, pause and repeat: what goes live at once and what waits."""

import pytest

from accounts.models import Farmer
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import Listing, ListingRevision, Lot
from marketplace.services import drafts, listings
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import Verdict, decide, edit, make_draft, submit, write

pytestmark = pytest.mark.django_db
Status = ListingRevision.Status


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


def change(listing: Listing, farmer: Farmer, price_fen: int) -> bool:
    at_once = listings.change_price(listing_id=listing.pk, farmer=farmer, price_fen=price_fen, now=NOON)
    listing.refresh_from_db()
    return at_once


@pytest.mark.parametrize(
    ("price_fen", "at_once"), [(5000, True), (6500, True), (6501, False), (3500, True), (3499, False)]
)
def test_a_price_within_the_limit_is_live_at_once_and_a_bigger_step_waits(farmer, price_fen, at_once):
    listing = make_listing(farmer, price_fen=5000)

    assert change(listing, farmer, price_fen) is at_once

    assert listing.price_fen == (price_fen if at_once else 5000)
    waiting = listing.revisions.filter(status=Status.WAITING).values_list("price_fen", flat=True)
    assert list(waiting) == ([] if at_once else [price_fen])


def test_small_steps_do_not_add_up_to_a_big_one(farmer):
    listing = make_listing(farmer, price_fen=5000)

    assert change(listing, farmer, 6400)
    assert not change(listing, farmer, 8000)
    assert listing.price_fen == 6400


def test_the_newest_wish_replaces_a_price_that_waits(farmer):
    listing = make_listing(farmer, price_fen=5000)
    change(listing, farmer, 9000)
    change(listing, farmer, 10_000)
    assert [r.price_fen for r in listing.revisions.filter(status=Status.WAITING)] == [10_000]

    assert change(listing, farmer, 5500)

    assert listing.price_fen == 5500
    assert not listing.revisions.filter(status__in=ListingRevision.OPEN).exists()


def test_approving_an_older_edit_does_not_turn_the_price_back(farmer):
    listing = make_listing(farmer, price_fen=5000)
    revision = edit(listing, farmer)
    change(listing, farmer, 5500)

    decide(revision, make_moderator())

    listing.refresh_from_db()
    assert (listing.price_fen, listing.words) == (5500, "换一句话。")


def test_an_edit_after_a_change_was_asked_for_takes_the_price_of_today(farmer):
    listing = make_listing(farmer, price_fen=5000)
    decide(edit(listing, farmer), make_moderator(), Verdict.ASK_CHANGE)
    change(listing, farmer, 5500)

    assert drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON).price_fen == 5500


def test_a_big_step_goes_into_an_unfinished_edit(farmer):
    listing = make_listing(farmer, price_fen=5000)
    draft = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)

    assert not change(listing, farmer, 9000)

    draft.refresh_from_db()
    assert (draft.status, draft.price_fen) == (Status.DRAFT, 9000)


def test_a_big_step_with_an_edit_that_waits_sends_both_again(farmer):
    listing = make_listing(farmer, price_fen=5000)
    seen = edit(listing, farmer, words="新话")

    change(listing, farmer, 9000)

    seen.refresh_from_db()
    now_waiting = listing.revisions.get(status=Status.WAITING)
    assert seen.status == Status.WITHDRAWN
    assert (now_waiting.words, now_waiting.price_fen) == ("新话", 9000)


@pytest.mark.parametrize("price_fen", [0, -1, 99, 1_000_001])
def test_a_price_nobody_means_is_refused(farmer, price_fen):
    listing = make_listing(farmer, price_fen=5000)
    with pytest.raises(InvalidInput):
        change(listing, farmer, price_fen)

    listing.refresh_from_db()
    assert listing.price_fen == 5000


def test_only_what_is_on_sale_can_be_paused_and_only_what_is_paused_resumed(farmer):
    listing = make_listing(farmer)
    mine = {"listing_id": listing.pk, "farmer": farmer, "now": NOON}

    listings.pause_listing(**mine)
    assert not Listing.objects.shown().exists()
    with pytest.raises(WrongState):
        listings.pause_listing(**mine)
    listings.resume_listing(**mine)
    assert Listing.objects.shown().get() == listing
    Listing.objects.update(status=Listing.Status.TAKEN_DOWN)
    with pytest.raises(WrongState):
        listings.resume_listing(**mine)


def test_repeating_a_listing_asks_only_how_many_and_when(farmer):
    old = make_listing(farmer, price_fen=5000)
    change(old, farmer, 5500)

    draft = listings.repeat_listing(listing_id=old.pk, farmer=farmer, now=NOON)

    assert draft.listing_id != old.pk
    assert (draft.status, draft.number, draft.packs) == (Status.DRAFT, 1, None)
    assert (draft.produce, draft.pack_grams, draft.price_fen, draft.words) == (old.produce, 5000, 5500, old.words)
    assert drafts.photo_ids(draft) == [old.cover_id]
    assert not Lot.objects.filter(listing=draft.listing).exists()
    drafts.save_pack(listing_id=draft.listing_id, farmer=farmer, pack_grams=5000, price_fen=5500, packs=30, now=NOON)
    write(draft.listing_id, farmer)
    drafts.submit_revision(listing_id=draft.listing_id, farmer=farmer, now=NOON)


def test_a_stranger_can_do_nothing_to_a_listing(farmer):
    listing = make_listing(farmer, price_fen=5000)
    stranger = make_farmer("Another household", user=make_user("stranger"))
    theirs = {"listing_id": listing.pk, "farmer": stranger, "now": NOON}
    before = Listing.objects.filter(pk=listing.pk).values().get()

    for call in (
        lambda: listings.change_price(price_fen=5500, **theirs),
        lambda: listings.pause_listing(**theirs),
        lambda: listings.resume_listing(**theirs),
        lambda: listings.repeat_listing(**theirs),
    ):
        with pytest.raises(NotAllowed):
            call()

    assert Listing.objects.filter(pk=listing.pk).values().get() == before
    assert Listing.objects.count() == 1


def test_what_was_never_approved_has_no_price_to_change(farmer):
    waiting, draft = submit(farmer), make_draft(farmer)
    for revision in (waiting, draft):
        with pytest.raises(WrongState):
            change(revision.listing, farmer, 5000)
