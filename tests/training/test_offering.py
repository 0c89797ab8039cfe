"""A course is offered when something has just happened that it helps with: once, to whom it happened."""

from datetime import timedelta

import pytest

from notifications.models import Notification
from payments.models import Claim
from tests.make import make_farmer
from tests.payments.claim_scene import claim_on, make_received
from tests.training.making import finish_course, make_course
from training.models import Course, CourseOffer
from training.services.offering import due_offers, offer_course
from training.tasks import offer_courses

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim() -> Claim:
    return claim_on(make_received(), kind=Claim.Kind.CRUSHED)


def test_a_bruise_claim_offers_the_packing_course_to_its_farmer_once(claim):
    course, other = make_course(), make_course("claims", topic=Course.Topic.CLAIMS)
    make_farmer("A neighbour")

    offer_courses()
    offer_courses()

    offer = CourseOffer.objects.get()
    assert (offer.user, offer.course, offer.reason) == (claim.parcel.farmer.user, course, CourseOffer.Reason.BRUISED)
    told = Notification.objects.filter(kind="course_offered")
    assert [each.recipient for each in told] == [offer.user]
    assert not CourseOffer.objects.filter(course=other).exists()


def test_whoever_has_finished_it_is_not_bothered(claim):
    finish_course(claim.parcel.farmer.user, make_course())

    assert due_offers(claim.opened_at) == []


def test_what_is_long_ago_offers_nothing(claim):
    make_course()

    assert due_offers(claim.opened_at) != []
    assert due_offers(claim.opened_at + timedelta(days=8)) == []


def test_offering_the_same_at_once_tells_once(claim):
    course = make_course()
    [(user, _course, reason)] = due_offers(claim.opened_at)

    told = [offer_course(user_id=user, course_id=course.pk, reason=reason, now=claim.opened_at) for _twice in range(2)]

    assert told == [True, False]
