"""Moderation: only what a moderator has seen is shown, every decision is kept, every farmer is told why."""

import pytest
from django.db import Error, connection, transaction

from accounts.models import Farmer, User
from common.errors import NotAllowed, WrongState
from marketplace.errors import (
    AlreadyDecided,
    NothingChanged,
    OwnListing,
    PhotosNotReady,
    PhotoUnreadable,
    ReasonMissing,
)
from marketplace.models import Listing, ListingRevision, ModerationDecision, Photo, RevisionPhoto, Storefront
from marketplace.services import drafts, listings, moderation, storefronts
from notifications.models import Notification
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_photo, make_user
from tests.marketplace.selling import Verdict, decide, edit, make_draft, submit

pytestmark = pytest.mark.django_db
Status = ListingRevision.Status


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def moderator() -> User:
    return make_moderator()


def test_approving_shows_the_listing_as_it_was_written_and_tells_the_farmer(farmer, moderator):
    revision = submit(farmer)
    assert not Listing.objects.shown().exists()

    decide(revision, moderator)

    listing = Listing.objects.shown().get()
    assert listing.status == Listing.Status.LIVE
    assert listing.live_since == NOON
    assert listing.approved_revision == revision
    assert listing.cover_id == drafts.photo_ids(revision)[0]
    for name in drafts.COPIED:
        assert getattr(listing, name) == getattr(revision, name)
    assert listing.lots.get().left == 200
    assert listing.search_vector
    told = Notification.objects.get(recipient=farmer.user)
    assert (told.kind, told.context["produce_zh"]) == ("revision_approved", "脐橙")


@pytest.mark.parametrize(
    ("verdict", "status", "kind"),
    [
        (Verdict.ASK_CHANGE, Status.CHANGE_ASKED, "revision_change_asked"),
        (Verdict.REJECT, Status.REJECTED, "revision_rejected"),
    ],
)
def test_who_is_told_no_is_told_why(farmer, moderator, verdict, status, kind):
    revision = submit(farmer)
    with pytest.raises(ReasonMissing):
        moderation.decide_revision(revision_id=revision.pk, moderator=moderator, verdict=verdict, reason="", now=NOON)

    decide(revision, moderator, verdict, "照片太暗，请重拍。")

    revision.refresh_from_db()
    assert revision.status == status
    assert not Listing.objects.shown().exists()
    told = Notification.objects.get(recipient=farmer.user)
    assert (told.kind, told.context["reason"]) == (kind, "照片太暗，请重拍")
    assert ModerationDecision.objects.get().reason == "照片太暗，请重拍。"


def test_only_moderators_decide_and_never_about_their_own(farmer, moderator):
    revision = submit(farmer)
    own = submit(make_farmer("The moderator's household", user=moderator))
    retired = make_moderator(is_active=False)
    boss = make_user("Boss", is_staff=True, is_superuser=True)

    for who in (farmer.user, make_user("buyer"), retired, boss):
        with pytest.raises(NotAllowed):
            decide(revision, who)
    with pytest.raises(OwnListing):
        decide(own, moderator)

    assert not ModerationDecision.objects.exists()
    assert not Listing.objects.shown().exists()


def test_the_second_moderator_is_told_who_was_faster(farmer, moderator):
    revision = submit(farmer)
    decide(revision, moderator, Verdict.REJECT)

    with pytest.raises(AlreadyDecided) as refused:
        decide(revision, make_moderator())

    assert moderator.name in str(refused.value)
    assert ModerationDecision.objects.get().decided_by == moderator


def test_what_was_edited_in_the_meantime_cannot_be_approved(farmer, moderator):
    revision = submit(farmer)
    drafts.open_draft(listing_id=revision.listing_id, farmer=farmer, now=NOON)

    with pytest.raises(WrongState):
        decide(revision, moderator)

    assert not Listing.objects.shown().exists()


def test_a_draft_nobody_sent_cannot_be_approved(farmer, moderator):
    with pytest.raises(WrongState):
        decide(make_draft(farmer), moderator)


@pytest.mark.parametrize(
    ("status", "error"), [(Photo.Status.WAITING, PhotosNotReady), (Photo.Status.REFUSED, PhotoUnreadable)]
)
def test_a_photo_nobody_could_see_stops_the_approval(farmer, moderator, status, error):
    revision = submit(farmer)
    Photo.objects.update(status=status, public_at=None)

    with pytest.raises(error):
        decide(revision, moderator)

    assert not ModerationDecision.objects.exists()
    assert not Listing.objects.shown().exists()


def test_an_approved_edit_replaces_what_was_shown_and_keeps_since_when(farmer, moderator):
    listing = make_listing(farmer)
    later = NOON.replace(day=26)
    revision = edit(listing, farmer, words="新的话。", origin="别处", keeps_days=10)

    decide(revision, moderator, now=later)

    listing.refresh_from_db()
    assert (listing.words, listing.origin, listing.keeps_days) == ("新的话。", "别处", 10)
    assert (listing.live_since, listing.approved_revision) == (NOON, revision)


@pytest.mark.parametrize("status", [Listing.Status.PAUSED, Listing.Status.TAKEN_DOWN])
def test_approving_an_edit_does_not_bring_back_what_is_paused_or_taken_down(farmer, moderator, status):
    listing = make_listing(farmer, status=status)

    decide(edit(listing, farmer), moderator)

    listing.refresh_from_db()
    assert listing.status == status
    assert not Listing.objects.shown().exists()


def test_taking_down_and_putting_back_are_told_and_kept(farmer, moderator):
    listing = make_listing(farmer)
    mine = {"listing_id": listing.pk, "moderator": moderator, "now": NOON}
    with pytest.raises(ReasonMissing):
        moderation.take_down(reason="", **mine)
    with pytest.raises(WrongState):
        moderation.put_back(reason="", **mine)

    moderation.take_down(reason="买家说不是脐橙。", **mine)
    assert not Listing.objects.shown().exists()
    with pytest.raises(WrongState):
        moderation.take_down(reason="again", **mine)
    moderation.put_back(reason="", **mine)

    assert Listing.objects.shown().get() == listing
    verdicts = ModerationDecision.objects.values_list("verdict", flat=True)
    assert list(verdicts) == [Verdict.TAKE_DOWN, Verdict.RESTORE]
    kinds = Notification.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["listing_taken_down", "listing_restored"]


def test_a_farmer_cannot_put_back_what_was_taken_down(farmer, moderator):
    listing = make_listing(farmer)
    moderation.take_down(listing_id=listing.pk, moderator=moderator, reason="No", now=NOON)

    for call in (listings.resume_listing, listings.pause_listing):
        with pytest.raises(WrongState):
            call(listing_id=listing.pk, farmer=farmer, now=NOON)
    with pytest.raises(NotAllowed):
        moderation.put_back(listing_id=listing.pk, moderator=farmer.user, reason="", now=NOON)

    assert not Listing.objects.shown().exists()


def test_a_decision_can_never_be_changed(farmer, moderator):
    decision = decide(submit(farmer), moderator, Verdict.REJECT)

    for change in (lambda: ModerationDecision.objects.update(reason="Fine"), decision.delete):
        with pytest.raises(Error, match="append_only"), transaction.atomic():
            change()


def test_the_database_keeps_a_revision_from_being_decided_twice(farmer, moderator):
    decision = decide(submit(farmer), moderator, Verdict.REJECT)
    with pytest.raises(Error, match="revision_decided_once"), transaction.atomic():
        ModerationDecision.objects.create(
            listing=decision.listing,
            revision=decision.revision,
            verdict=Verdict.APPROVE,
            decided_by=moderator,
            decided_at=NOON,
        )


def test_the_database_shows_nothing_without_an_approval(farmer):
    draft = submit(farmer)
    with pytest.raises(Error, match="listing_shown_only_with_approval"), transaction.atomic():
        Listing.objects.filter(pk=draft.listing_id).update(status=Listing.Status.LIVE)


def test_a_photo_slipped_into_a_draft_is_not_shown(farmer):
    listing = make_listing(farmer)
    draft = drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    slipped = make_photo(farmer.user)

    drafts.save_produce(listing_id=listing.pk, farmer=farmer, produce=draft.produce, photos=[slipped], now=NOON)

    listing.refresh_from_db()
    assert listing.cover != slipped
    assert listing.approved_revision is not None
    assert slipped.pk not in drafts.photo_ids(listing.approved_revision)


def test_repeating_does_not_carry_an_approval_over(farmer):
    listings.repeat_listing(listing_id=make_listing(farmer).pk, farmer=farmer, now=NOON)

    assert Listing.objects.shown().count() == 1


@pytest.mark.parametrize("status", [Farmer.Status.WAITING, Farmer.Status.REFUSED, Farmer.Status.SUSPENDED])
def test_nothing_of_an_unverified_or_suspended_farmer_is_shown(farmer, moderator, status):
    decide(submit(farmer), moderator)
    Farmer.objects.update(status=status)

    assert not Listing.objects.shown().exists()


# --- Storefronts ---


def propose(farmer: Farmer, story: str, photo: Photo | None = None) -> Storefront:
    return storefronts.propose_storefront(farmer=farmer, story=story, photo=photo, now=NOON)


def rule(storefront: Storefront, moderator: User, verdict: Verdict = Verdict.APPROVE, reason: str = "") -> None:
    assert storefront.proposed_at
    moderation.decide_storefront(
        storefront_id=storefront.pk,
        proposed_at=storefront.proposed_at,
        moderator=moderator,
        verdict=verdict,
        reason=reason,
        now=NOON,
    )


def test_a_story_is_shown_once_approved(farmer, moderator):
    photo = make_photo(farmer.user)
    storefront = propose(farmer, "我们种了三十年脐橙。", photo)
    assert (storefront.story, storefront.photo) == ("", None)

    rule(storefront, moderator)

    storefront.refresh_from_db()
    assert (storefront.story, storefront.photo) == ("我们种了三十年脐橙。", photo)
    assert (storefront.proposed_story, storefront.proposed_photo, storefront.proposed_at) == ("", None, None)
    assert Notification.objects.get().kind == "storefront_approved"


def test_a_refused_story_keeps_its_words_for_the_farmer_and_what_was_shown(farmer, moderator):
    Storefront.objects.update(story="旧的故事")
    storefront = propose(farmer, "加我微信")

    with pytest.raises(ReasonMissing):
        rule(storefront, moderator, Verdict.ASK_CHANGE)
    rule(storefront, moderator, Verdict.ASK_CHANGE, "请不要留联系方式。")

    storefront.refresh_from_db()
    assert (storefront.story, storefront.proposed_story, storefront.proposed_at) == ("旧的故事", "加我微信", None)


def test_a_story_changed_in_the_meantime_is_not_approved_unseen(farmer, moderator):
    seen = propose(farmer, "好故事")
    storefronts.propose_storefront(farmer=farmer, story="坏故事", photo=None, now=NOON.replace(hour=5))

    with pytest.raises(WrongState):
        rule(seen, moderator)

    assert Storefront.objects.get().story == ""


def test_a_story_is_decided_once_and_never_by_its_own_farmer(farmer, moderator):
    seen = propose(farmer, "好故事")
    card_of_their_own = "6222020000007654321"
    own = propose(make_farmer("The moderator's household", user=moderator, payee_account=card_of_their_own), "我的故事")
    rule(seen, moderator)

    with pytest.raises(AlreadyDecided):
        rule(seen, make_moderator())
    with pytest.raises(OwnListing):
        rule(own, moderator)
    with pytest.raises(NotAllowed):
        rule(own, farmer.user)


def test_a_story_needs_a_change_and_ones_own_photo(farmer):
    with pytest.raises(NothingChanged):
        propose(farmer, "")
    with pytest.raises(NotAllowed):
        propose(farmer, "好故事", make_photo(make_user("stranger")))


def test_asking_for_what_is_shown_already_takes_the_proposal_back(farmer):
    Storefront.objects.update(story="旧的故事")
    propose(farmer, "新的故事")

    assert propose(farmer, "旧的故事").proposed_at is None


def test_the_trigger_that_keeps_decisions_is_really_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'marketplace_moderationdecision'::regclass")
        assert cursor.fetchone()[0] >= 1


def test_photos_of_other_revisions_do_not_stop_an_approval(farmer, moderator):
    revision = submit(farmer)
    other = make_draft(farmer)
    RevisionPhoto.objects.filter(revision=other).delete()
    make_photo(farmer.user, status=Photo.Status.WAITING, width=0, height=0, sizes=[])

    decide(revision, moderator)

    assert Listing.objects.shown().exists()
