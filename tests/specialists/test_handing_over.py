"""A posting ends: who leaves, who comes and the households are told once; nothing of it is open, nothing of theirs is lost."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, ConsentRequest, Invitation, Posting
from accounts.services import consents
from accounts.services.invitations import invite, open_invitation
from common.errors import NotAllowed
from marketplace.models import Lot
from notifications.models import Notification
from specialists.models import PostingTurn, PriceRequest
from specialists.services import pricing
from specialists.services.handing_over import hand_over
from specialists.services.visits import plan_visit
from specialists.tasks import follow_postings
from tests.concurrency.racing import at_once
from tests.field.scene import Phone
from tests.make import make_farmer, make_listing, make_user
from tests.specialists.scene import enter, make_scene, post_to
from tests.specialists.test_consents import agree, open_lot, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    made = make_scene()
    # The one elsewhere was posted long ago, and so was the helper: nobody is to be welcomed.
    Posting.objects.update(starts_on=timezone.localdate() - timedelta(days=90))
    return made


def end(posting):
    Posting.objects.filter(pk=posting.pk).update(ends_on=timezone.localdate() - timedelta(days=1))


def news(kind, audience=""):
    rows = Notification.objects.filter(kind=kind).order_by("recipient_id")
    return [row.recipient for row in rows if row.context.get("audience", "") == audience]


def test_who_leaves_who_comes_and_the_households_are_told_once(scene):
    visit = {"planned_on": timezone.localdate(), "aim": "看果园", "now": timezone.now()}
    plan_visit(farmer_id=scene.farmer.pk, by=scene.helper, **visit)
    neighbour, following = make_farmer("Neighbour", county=scene.farmer.county), make_user("Next")
    end(scene.posting)
    post_to(following, scene.farmer.county, starts_on=timezone.localdate())

    for _ in range(3):
        follow_postings()

    assert news("posting_ended") == [scene.helper]
    assert news("posting_ended", "next") == news("posting_began") == [following]
    assert news("posting_ended", "household") == [scene.farmer.user, neighbour.user]
    assert news("posting_ended", "admin") == news("posting_began", "household") == []
    row = Notification.objects.get(kind="posting_ended", recipient=scene.farmer.user)
    assert (row.context["specialist"], row.context["next"]) == ("Zhou Zhiyuan", "Next")
    assert Notification.objects.get(kind="posting_began").context["visits"] == 1
    assert "看果园" in enter(following).get(reverse("specialists:home")).content.decode()


def test_where_nobody_comes_an_admin_is_told_and_the_households_when_somebody_does(scene):
    admin, clerk = make_user("Admin", is_staff=True, is_superuser=True), make_user("Clerk", is_staff=True)
    Posting.objects.filter(pk=scene.posting.pk).update(ends_on=timezone.localdate() - timedelta(days=5))
    follow_postings()
    assert news("posting_ended", "admin") == [admin]
    assert clerk not in news("posting_ended", "admin")

    post_to(following := make_user("Next"), scene.farmer.county, starts_on=timezone.localdate())
    follow_postings()

    assert news("posting_began") == [following]
    assert news("posting_began", "household") == [scene.farmer.user]


def test_nothing_of_it_is_left_open_also_if_the_same_person_comes_back(scene):
    now, price_of = timezone.now(), make_listing(scene.farmer)
    agree(scene)
    pricing.ask_price(farmer_id=scene.farmer.pk, by=scene.helper, listing_id=price_of.pk, price_fen=4500, now=now)
    waiting = make_farmer(county=scene.farmer.county)
    consents.ask_consent(farmer_id=waiting.pk, specialist=scene.helper, now=now)
    code = invite(by=scene.helper, county_id=scene.farmer.county_id, for_whom="Old Li", now=now).code
    phone, form = Phone(scene.farmer, scene.helper), {"packs": "8", "when": "today", "grade": "FIRST"}
    seen = phone.seen("harvest", price_of)
    end(scene.posting)
    follow_postings()
    late = phone.send("harvest", thing=seen, **form)

    assert late.status_code == 404, "what waited on the phone comes too late"
    assert not ConsentRequest.objects.exists()
    assert not PriceRequest.objects.exists()
    assert Invitation.objects.get().withdrawn_at is not None
    post_to(scene.helper, scene.farmer.county, starts_on=timezone.localdate())
    assert Consent.objects.get().state == "ENDED"
    assert open_invitation(code, now) is None
    with pytest.raises(NotAllowed):
        open_lot(scene, price_of)
    assert Lot.objects.filter(harvested=8).count() == 0
    assert "consent_ended" not in told(scene), "they were told that the specialist has left"


def test_who_goes_on_by_another_posting_leaves_nothing_and_nobody_is_told(scene):
    agree(scene)
    end(scene.posting)
    post_to(scene.helper, scene.farmer.county, starts_on=timezone.localdate())

    follow_postings()

    assert Consent.objects.get().state == "STANDS"
    assert not Notification.objects.filter(kind__startswith="posting_").exists()
    assert sorted(PostingTurn.objects.values_list("what", flat=True)) == ["BEGAN", "ENDED"]


def test_a_posting_that_still_runs_is_not_handed_over(scene):
    Posting.objects.filter(pk=scene.posting.pk).update(ends_on=timezone.localdate())

    follow_postings()

    assert not hand_over(posting_id=scene.posting.pk, now=timezone.now())
    assert PostingTurn.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_hand_over_once():
    scene = make_scene()
    end(scene.posting)

    results = at_once(*[partial(hand_over, posting_id=scene.posting.pk, now=timezone.now())] * 3)

    assert sorted(results) == [False, False, True]
    assert news("posting_ended") == [scene.helper]
