"""Before a first broadcast comes the course that is needed for it; whoever has been on air is not asked any more."""

from datetime import timedelta

import pytest
from django.urls import reverse

from live.models import Broadcast
from live.services import airing
from tests.live.scene import live, plan
from tests.make import NOON, make_farmer, make_listing
from tests.training.making import finish_course, make_course
from training.errors import LessonsFirst

pytestmark = pytest.mark.django_db


def test_a_first_broadcast_waits_for_the_course(client):
    listing = make_listing()
    course = make_course("broadcasts", needed_for_broadcasts=True)

    with pytest.raises(LessonsFirst):
        plan(listing=listing)

    client.force_login(listing.farmer.user)
    page = client.get(reverse("live:broadcast_plan")).content.decode()
    assert reverse("training:course_detail", args=[course.slug]) in page
    assert not Broadcast.objects.exists()


def test_whoever_has_finished_it_may_plan():
    farmer = make_farmer()
    finish_course(farmer.user, make_course(needed_for_broadcasts=True))

    assert plan(farmer).status == Broadcast.Status.PLANNED


def test_a_course_that_is_written_still_stops_nobody():
    make_course(needed_for_broadcasts=True, is_published=False)

    assert plan().status == Broadcast.Status.PLANNED


def test_whoever_has_been_on_air_is_not_asked_any_more():
    listing = make_listing()
    before = live(listing, now=NOON)
    airing.end_broadcast(broadcast_id=before.pk, farmer=before.farmer, now=NOON + timedelta(hours=1))
    make_course(needed_for_broadcasts=True)

    assert plan(listing=listing, now=NOON + timedelta(days=1)).status == Broadcast.Status.PLANNED
