"""Courses as people see them, in a fixed number of queries; certificates that strangers check; trainers' figures."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import Posting
from orders.models import Parcel
from payments.models import Claim
from tests.make import make_county, make_farmer, make_moderator, make_user
from tests.payments.claim_scene import claim_on, make_received
from tests.training.making import as_sent, finish, finish_course, make_course, make_lesson
from training.models import Certificate, LessonDone

pytestmark = pytest.mark.django_db


def lesson_url(course, position: int = 1) -> str:
    return reverse("training:lesson", args=[course.slug, position])


def test_a_course_is_taken_from_the_first_lesson_to_the_certificate(client):
    farmer, course = make_farmer(), make_course()
    client.force_login(farmer.user)
    first, second = course.lessons.all()

    to_second = client.post(lesson_url(course), as_sent(first))
    to_certificate = client.post(lesson_url(course, 2), as_sent(second))

    given = Certificate.objects.get(user=farmer.user)
    assert to_second.headers["Location"] == lesson_url(course, 2)
    assert to_certificate.headers["Location"] == reverse("training:certificate", args=[given.code])
    seen = Client().get(to_certificate.headers["Location"])
    assert escape(farmer.name) in seen.content.decode()


def test_a_wrong_answer_says_why_and_keeps_what_was_chosen(client):
    course = make_course()
    client.force_login(make_user())
    lesson = course.lessons.first()

    page = client.post(lesson_url(course), as_sent(lesson, right=False), headers={"accept-language": "zh-hans"})

    text = page.content.decode()
    assert page.status_code == 422
    assert "三层最稳" in text
    assert text.count(" checked") == 1
    assert not LessonDone.objects.exists()


def test_guests_read_and_are_asked_to_sign_in_before_answering(client):
    course = make_course()

    assert client.get(lesson_url(course)).status_code == 200
    assert client.post(lesson_url(course), as_sent(course.lessons.first())).status_code == 302
    assert not LessonDone.objects.exists()


def test_a_lesson_done_without_signal_keeps_its_time(client):
    course, user = make_course(), make_user()
    client.force_login(user)
    sent = as_sent(course.lessons.first()) | {"done_at": "2026-01-02T03:04:05.678Z"}

    client.post(lesson_url(course), sent)
    client.post(lesson_url(course), sent)

    assert LessonDone.objects.get().done_at.isoformat() == "2026-01-02T03:04:05.678000+00:00"


def test_what_is_not_published_has_no_page(client):
    course = make_course(is_published=False)

    assert client.get(lesson_url(course)).status_code == 404
    assert client.get(reverse("training:course_detail", args=[course.slug])).status_code == 404


def test_a_name_that_nobody_has_verified_is_shown_to_its_owner_alone(client):
    user = make_user("加微信 abc123")
    address = reverse("training:certificate", args=[finish_course(user, make_course()).certificate.code])

    assert "abc123" not in client.get(address).content.decode()
    client.force_login(user)
    assert "abc123" in client.get(address).content.decode()


def test_a_code_is_found_as_people_type_it(client):
    given = finish_course(make_user(), make_course(lessons=1)).certificate
    typed = f" {given.code[:5].lower()}-{given.code[5:]} "

    found = client.get(reverse("training:certificate_find"), {"code": typed})
    wrong = client.get(reverse("training:certificate_find"), {"code": "ZZZZZZZZZZ"})

    assert found.headers["Location"] == reverse("training:certificate", args=[given.code])
    assert wrong.status_code == 422


@pytest.mark.parametrize("name", ["training:course_list", "training:course_detail", "training:lesson"])
def test_pages_cost_the_same_however_much_there_is(client, name, django_assert_max_num_queries):
    farmer, course = make_farmer(), make_course()
    client.force_login(farmer.user)
    address = reverse(
        name, args={"training:course_detail": [course.slug], "training:lesson": [course.slug, 1]}.get(name)
    )
    client.get(address)
    for number in range(3, 9):
        make_lesson(course, number)
        make_course(f"course-{number}")
    finish(farmer.user, course.lessons.first())

    with django_assert_max_num_queries(11):
        assert client.get(address).status_code == 200


def test_trainers_see_their_counties_and_what_a_course_changed(client):
    claim = claim_on(make_received(), kind=Claim.Kind.CRUSHED)
    farmer, course = claim.parcel.farmer, make_course(lessons=1)
    elsewhere = make_farmer("Far away", county=make_county("yunnan-yuanyang", name_zh="元阳县", name_en="Yuanyang"))
    now = timezone.now()
    Parcel.objects.filter(pk=claim.parcel_id).update(posted_at=now - timedelta(days=5))
    finish_course(farmer.user, course, now=now - timedelta(days=2))
    finish_course(elsewhere.user, course, now=now)
    specialist = make_user("Specialist")
    Posting.objects.create(specialist=specialist, county=farmer.county, starts_on=now.date() - timedelta(days=2))
    client.force_login(specialist)

    context = client.get(reverse("training:figures")).context

    assert [(each.county, each.farmers, each.began, each.finished) for each in context["counties"]] == [
        (farmer.county, 1, 1, {course.pk: 1})
    ]
    [rate] = context["rates"]
    assert (rate.farmers, rate.parcels_before, rate.claims_before, rate.parcels_after) == (1, 1, 1, 0)
    assert (rate.percent_before, rate.percent_after) == (100, None)
    client.force_login(make_moderator())
    assert len(client.get(reverse("training:figures")).context["counties"]) == 2


def test_others_see_no_figures(client):
    client.force_login(make_farmer().user)

    assert client.get(reverse("training:figures")).status_code == 404
