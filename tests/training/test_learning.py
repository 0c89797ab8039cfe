"""Lessons are done when all is answered rightly, once; the last one brings the certificate."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from common.errors import NotAllowed
from tests.make import NOON, make_farmer, make_user
from tests.training.making import finish, finish_course, make_course, make_lesson, right_answers
from training.errors import NotRightYet
from training.models import Answer, Certificate, Course, LessonDone
from training.services.courses import load_courses
from training.services.learning import finish_lesson

pytestmark = pytest.mark.django_db


def test_a_wrong_answer_keeps_nothing():
    lesson = make_course().lessons.first()
    question = lesson.questions.get()
    wrong = {question.pk: question.answers.get(is_right=False).pk}

    with pytest.raises(NotRightYet) as refused:
        finish_lesson(user=make_user(), lesson_id=lesson.pk, answers=wrong, done_at=NOON, now=NOON)

    assert refused.value.wrong == {question.pk}
    assert not LessonDone.objects.exists()


def test_a_question_left_out_is_not_right():
    lesson = make_course().lessons.first()

    with pytest.raises(NotRightYet):
        finish_lesson(user=make_user(), lesson_id=lesson.pk, answers={}, done_at=NOON, now=NOON)


def test_another_questions_right_answer_is_wrong_here():
    first, second = make_course().lessons.all()
    question, foreign = first.questions.get().pk, next(iter(right_answers(second).values()))

    with pytest.raises(NotRightYet):
        finish_lesson(user=make_user(), lesson_id=first.pk, answers={question: foreign}, done_at=NOON, now=NOON)


def test_the_certificate_comes_with_the_last_lesson_and_once():
    farmer, course = make_farmer(), make_course()
    first, second = course.lessons.all()

    assert finish(farmer.user, first).certificate is None
    given = finish(farmer.user, second).certificate
    again = finish(farmer.user, second, now=NOON + timedelta(days=1)).certificate

    assert given == again
    assert (given.holder, given.county) == (farmer.name, farmer.county)
    assert LessonDone.objects.count() == 2
    assert LessonDone.objects.latest("pk").done_at == NOON


def test_a_phone_whose_clock_runs_ahead_is_put_right():
    lesson = make_course().lessons.first()

    outcome = finish_lesson(
        user=make_user(), lesson_id=lesson.pk, answers=right_answers(lesson), done_at=NOON + timedelta(days=9), now=NOON
    )

    assert outcome.done.done_at == NOON


def test_nobody_finishes_what_is_not_published():
    lesson = make_course(is_published=False).lessons.first()

    with pytest.raises(NotAllowed):
        finish(make_user(), lesson)


def test_the_database_gives_no_certificate_before_the_last_lesson():
    user, course = make_user(), make_course()
    finish(user, course.lessons.first())

    with pytest.raises(IntegrityError, match="has not finished"), transaction.atomic():
        Certificate.objects.create(user=user, course=course, code="ABCDEFGH23", holder="Wang", issued_at=NOON)


def test_the_database_has_one_right_answer_to_a_question():
    question = make_course().lessons.first().questions.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(question=question, position=3, text_zh="三", text_en="3", is_right=True)


def test_a_lesson_added_later_takes_no_certificate_away():
    user, course = make_user(), make_course(lessons=1)
    given = finish_course(user, course).certificate

    added = make_lesson(course, 2)

    assert finish(user, added).certificate == given


def test_a_lesson_that_somebody_finished_cannot_be_deleted():
    user, course = make_user(), make_course(lessons=1)
    finish_course(user, course)

    with pytest.raises(ProtectedError):
        course.lessons.get().delete()


def test_what_ships_is_whole_and_loading_again_leaves_rewritten_courses_alone():
    assert load_courses() == 5
    course = Course.objects.get(topic=Course.Topic.PACKING)
    course.lessons.update(name_zh="改过")

    assert load_courses() == 0
    assert set(course.lessons.values_list("name_zh", flat=True)) == {"改过"}
    assert set(Course.objects.published().values_list("topic", flat=True)) == set(Course.Topic.values) - {"OTHER"}
    assert all(lesson.questions.exists() for each in Course.objects.all() for lesson in each.lessons.all())
    for course in Course.objects.all():
        for lesson in course.lessons.all():
            lesson.full_clean()
