"""Finishing lessons, and the certificate that comes with the last one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import Farmer, User
from common.codes import new_code
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from training.errors import LessonsFirst, NotRightYet
from training.models import CODE_LENGTH, Certificate, Course, Lesson, LessonDone


@dataclass(frozen=True)
class Outcome:
    """What came of a lesson's answers. `certificate` is there once the course is finished."""

    done: LessonDone
    certificate: Certificate | None


@use_case
def finish_lesson(
    *, user: User, lesson_id: int, answers: Mapping[int, int], done_at: datetime, now: datetime
) -> Outcome:
    """Look at the answers, as question id to answer id; if all are right, keep that the lesson is done. Safe twice.

    `done_at` is when it was done on the phone, which may have had no signal; a clock that runs ahead is put right.
    Raises NotRightYet, and NotAllowed for a lesson that is not published.
    """
    lesson = Lesson.objects.filter(pk=lesson_id, course__is_published=True).select_related("course").first()
    if lesson is None:
        raise NotAllowed
    if wrong := wrong_answers(lesson, answers):
        raise NotRightYet(wrong)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two last lessons at once make one certificate
    done, _is_new = LessonDone.objects.get_or_create(
        user=user, lesson=lesson, defaults={"done_at": min(done_at, now), "received_at": now}
    )
    return Outcome(done, _certificate(user, lesson.course, now))


def wrong_answers(lesson: Lesson, answers: Mapping[int, int]) -> dict[int, int | None]:
    """The questions that were answered wrongly or not at all, with what was answered."""
    right = dict(lesson.questions.filter(answers__is_right=True).values_list("pk", "answers__pk"))
    return {question: answers.get(question) for question, answer in right.items() if answers.get(question) != answer}


@needs_transaction
def _certificate(user: User, course: Course, now: datetime) -> Certificate | None:
    """The certificate for a course all of whose lessons are done; None as long as one is left."""
    if given := Certificate.objects.filter(user=user, course=course).first():
        return given
    if course.lessons.exclude(done__user=user).exists():
        return None
    farmer = Farmer.objects.filter(user=user).first()
    return Certificate.objects.create(
        user=user,
        course=course,
        code=new_code(CODE_LENGTH),
        holder=farmer.name if farmer else user.name,
        county=farmer.county if farmer else None,
        issued_at=now,
    )


def check_ready_to_broadcast(user: User) -> None:
    """Raises LessonsFirst, naming the course, for whoever has not finished one that is needed for broadcasts.

    Called before a first broadcast is planned (setting BEFORE_FIRST_BROADCAST).
    """
    needed = Course.objects.published().filter(needed_for_broadcasts=True, lessons__isnull=False)
    missing = needed.exclude(certificates__user=user).first()
    if missing is not None:
        raise LessonsFirst(course=missing.local_name, link=reverse("training:course_detail", args=[missing.slug]))
