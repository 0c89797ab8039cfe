"""Appeals: once, by the farmer, looked at by somebody else; overturned it is mended, and it counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Farmer, StaffAct, User
from common.errors import InvalidInput, NotAllowed
from marketplace.errors import AlreadyDecided, AppealedAlready, NothingToAppeal, OwnDecision, OwnListing, ReasonMissing
from marketplace.models import Appeal, Listing, ModerationDecision
from marketplace.queries.moderation_figures import moderation_figures
from marketplace.services import appeals, drafts, listings, moderation
from notifications.models import Notification
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import Verdict, decide, edit, submit

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=2)


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def first() -> User:
    return make_user("First", is_moderator=True)


def appeal(decision: ModerationDecision, farmer: Farmer, words: str = "那是我家的树。", now: Any = NOON) -> Appeal:
    return appeals.make_appeal(decision_id=decision.pk, farmer=farmer, words=words, now=now)


def rule(made: Appeal, overturn: bool = True, moderator: User | None = None, reason: str = "看错了。") -> Appeal:
    who = moderator or make_user("Second", is_moderator=True)
    return appeals.decide_appeal(appeal_id=made.pk, moderator=who, overturn=overturn, reason=reason, now=LATER)


def take_down(listing: Listing, moderator: User) -> ModerationDecision:
    return moderation.take_down(listing_id=listing.pk, moderator=moderator, reason="不是脐橙。", now=NOON)


def test_what_was_rejected_wrongly_is_on_sale_as_it_was_written(farmer, first):
    rejected = submit(farmer, words="我家的脐橙。")
    photos = drafts.photo_ids(rejected)

    rule(appeal(decide(rejected, first, Verdict.REJECT), farmer))

    listing = Listing.objects.shown().get()
    assert listing.approved_revision is not None
    assert (listing.words, drafts.photo_ids(listing.approved_revision)) == ("我家的脐橙。", photos)
    assert listing.approved_revision.number == 2
    told = Notification.objects.filter(recipient=farmer.user).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["revision_rejected", "appeal_overturned", "revision_approved"]
    assert StaffAct.objects.filter(kind="appeal_overturned", reason="看错了。").count() == 1


def test_what_was_taken_down_wrongly_is_back(farmer, first):
    listing = make_listing(farmer)

    rule(appeal(take_down(listing, first), farmer))

    assert Listing.objects.shown().get() == listing


def test_upheld_nothing_changes_and_the_farmer_reads_why(farmer, first):
    listing = make_listing(farmer)
    made = rule(appeal(take_down(listing, first), farmer), overturn=False, reason="照片里是橘子。")

    assert made.status == Appeal.Status.UPHELD
    assert not Listing.objects.shown().exists()
    told = Notification.objects.get(kind="appeal_upheld")
    assert (told.recipient, told.context["reason"]) == (farmer.user, "照片里是橘子")


def test_once_only_ones_own_only_a_no_and_only_with_words(farmer, first):
    decision = decide(submit(farmer), first, Verdict.REJECT)
    with pytest.raises(NotAllowed):
        appeal(decision, make_farmer("Neighbour"))
    with pytest.raises(InvalidInput):
        appeal(decision, farmer, words="")
    with pytest.raises(NothingToAppeal):
        appeal(decide(submit(farmer), first), farmer)
    with pytest.raises(NothingToAppeal):
        appeal(decide(submit(farmer), first, Verdict.ASK_CHANGE), farmer)
    with pytest.raises(NothingToAppeal):
        appeal(decision, farmer, now=NOON + timedelta(days=31))
    made = appeal(decision, farmer)
    with pytest.raises(AppealedAlready):
        appeal(decision, farmer)
    rule(made, overturn=False)
    with pytest.raises(AppealedAlready):
        appeal(decision, farmer)


def test_what_is_no_longer_the_last_word_cannot_be_appealed(farmer, first):
    listing = make_listing(farmer)
    decision = take_down(listing, first)
    moderation.put_back(listing_id=listing.pk, moderator=first, reason="", now=NOON)
    with pytest.raises(NothingToAppeal):
        appeal(decision, farmer)

    rejected = decide(edit(listing, farmer), first, Verdict.REJECT)
    edit(listing, farmer, words="再改。")
    with pytest.raises(NothingToAppeal):
        appeal(rejected, farmer)


def test_what_the_farmer_wrote_since_is_not_approved_along(farmer, first):
    made = appeal(decide(submit(farmer), first, Verdict.REJECT), farmer)
    drafts.open_draft(listing_id=made.decision.listing_id, farmer=farmer, now=NOON)

    assert rule(made).status == Appeal.Status.OVERTURNED
    assert not Listing.objects.shown().exists(), "only what the moderator saw, or nothing"


def test_put_back_by_somebody_meanwhile_it_is_overturned_all_the_same(farmer, first):
    listing = make_listing(farmer)
    made = appeal(take_down(listing, first), farmer)
    moderation.put_back(listing_id=listing.pk, moderator=first, reason="", now=NOON)
    listings.pause_listing(listing_id=listing.pk, farmer=farmer, now=NOON)

    rule(made)

    listing.refresh_from_db()
    assert listing.status == Listing.Status.PAUSED


def test_another_moderator_decides_once_and_never_about_their_own(farmer, first):
    made = appeal(decide(submit(farmer), first, Verdict.REJECT), farmer)
    kin = make_moderator()
    make_farmer("Same card", user=kin)  # paid to the same account
    for who in (farmer.user, make_user(is_staff=True), make_moderator(is_active=False)):
        with pytest.raises(NotAllowed):
            rule(made, moderator=who)
    with pytest.raises(OwnDecision):
        rule(made, moderator=first)
    with pytest.raises(OwnListing):
        rule(made, moderator=kin)
    with pytest.raises(ReasonMissing):
        rule(made, reason="")
    rule(made, overturn=False)
    with pytest.raises(AlreadyDecided):
        rule(made)
    assert not Listing.objects.shown().exists()


def test_the_database_says_the_same(farmer, first):
    decision = decide(submit(farmer), first, Verdict.REJECT)
    made = appeal(decision, farmer)
    given = {"status": "UPHELD", "decided_at": LATER, "reason": "x"}
    for who, name in ((first, "against themselves"), (farmer.user, "their own")):
        with pytest.raises(Error, match=name), transaction.atomic():
            Appeal.objects.filter(pk=made.pk).update(decided_by=who, **given)
    with pytest.raises(Error, match="decision_id"), transaction.atomic():
        Appeal.objects.create(decision=decision, words="再说一次", made_at=NOON)
    approved = decide(submit(farmer), first)
    with pytest.raises(Error, match="nothing to appeal"), transaction.atomic():
        Appeal.objects.create(decision=approved, words="x", made_at=NOON)
    rule(made, overturn=False)
    with pytest.raises(Error, match="decided once"), transaction.atomic():
        Appeal.objects.update(status="OVERTURNED")


def test_from_the_farmers_page_to_the_desk_and_back(farmer, first):
    decision = decide(submit(farmer), first, Verdict.REJECT, now=LATER)
    seller, desk = Client(headers={"accept-language": "en"}), Client(headers={"accept-language": "en"})
    seller.force_login(farmer.user)
    where = reverse("marketplace:appeal_create", args=[decision.pk])
    own = reverse("marketplace:listing_edit", args=[decision.listing_id])
    assert where in seller.get(own).content.decode()

    assert seller.post(where, {"words": " "}).status_code == 422
    assert seller.post(where, {"words": "那是<我>家的树"}).status_code == 302
    assert "waiting for a moderator" in seller.get(own).content.decode()
    assert where not in seller.get(own).content.decode()
    again = seller.post(where, {"words": "再说一次"})
    assert (again.status_code, "再说一次" in again.content.decode()) == (422, True)

    queue, made = reverse("marketplace:appeal_queue"), Appeal.objects.get()
    there = reverse("marketplace:appeal_decide", args=[made.pk])
    desk.force_login(first)
    assert there not in desk.get(queue).content.decode()
    assert desk.post(there, {"verdict": "UPHELD", "reason": "No"}).status_code == 409
    desk.force_login(make_moderator())
    assert "那是&lt;我&gt;家的树" in desk.get(queue).content.decode()
    assert desk.post(there, {"verdict": "OVERTURNED", "reason": ""}).status_code == 422
    assert desk.post(there, {"verdict": "OVERTURNED", "reason": "Sorry"}).status_code == 302
    assert "the decision was wrong" in seller.get(own).content.decode()
    assert Listing.objects.shown().exists()


# --- Figures ----------------------------------------------------------------------------------------------------------


def test_the_figures_are_counted_from_the_rows(farmer, first):
    waiting = [submit(farmer) for _ in range(3)]
    for hours, revision in zip((1, 5, 24), waiting, strict=True):
        type(revision).objects.filter(pk=revision.pk).update(submitted_at=LATER - timedelta(hours=hours))
    decide(submit(farmer), first, now=NOON + timedelta(hours=1))
    rule(appeal(decide(submit(farmer), first, Verdict.REJECT, now=NOON + timedelta(hours=2)), farmer, now=LATER))
    appeal(take_down(make_listing(farmer), first), farmer)

    figures = moderation_figures(LATER)

    queue = figures.queues["listings"]
    assert (queue.waiting, queue.median, queue.oldest) == (3, 5, 24)
    assert (figures.queues["appeals"].waiting, figures.queues["appeals"].oldest) == (1, 2)
    assert figures.queues["reports"].waiting == 0
    mine = next(each for each in figures.moderators if each.name == "First")
    assert (mine.decided, mine.approved, mine.sent_back, mine.taken_down) == (3, 1, 1, 1)
    assert (mine.median, mine.appealed, mine.overturned) == (1.5, 2, 1)
    assert figures.appeals == {"UPHELD": 0, "OVERTURNED": 1}
    assert sum(count for _day, count in figures.days) == 4


def test_the_figures_page_costs_the_same_however_much_there_is(farmer, first, django_assert_num_queries):
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("Admin", is_staff=True))

    def cost() -> int:
        with django_assert_num_queries(12, exact=False) as counted:
            assert client.get(reverse("marketplace:moderation_figures")).status_code == 200
        return len(counted)

    empty = cost()
    for _ in range(3):
        decide(submit(farmer), make_moderator(), now=LATER)
        rule(appeal(decide(submit(farmer), first, Verdict.REJECT), farmer))
    assert cost() == empty
