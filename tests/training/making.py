"""Courses for tests: small ones, and answering them."""

from datetime import datetime
from typing import Any

from accounts.models import User
from tests.make import NOON
from training.models import Answer, Course, Lesson, Question
from training.services.learning import Outcome, finish_lesson


def make_course(slug: str = "packing", *, lessons: int = 2, **fields: Any) -> Course:
    """A published course about packing; each lesson asks one question, whose second answer is right."""
    course = Course.objects.create(
        slug=slug,
        name_zh="打包",
        name_en="Packing",
        summary_zh="装得紧，坏得少。",
        summary_en="Packed tight, little goes bad.",
        **{"topic": Course.Topic.PACKING, "is_published": True} | fields,
    )
    for position in range(1, lessons + 1):
        make_lesson(course, position)
    return course


def make_lesson(course: Course, position: int) -> Lesson:
    lesson = Lesson.objects.create(
        course=course, position=position, name_zh="垫", name_en="Padding", body_zh="一层一层。", body_en="By layers."
    )
    question = Question.objects.create(
        lesson=lesson,
        position=1,
        text_zh="几层？",
        text_en="How many?",
        why_zh="三层最稳。",
        why_en="Three stand best.",
    )
    for number in (1, 2):
        Answer.objects.create(
            question=question, position=number, text_zh=f"{number}", text_en=f"{number}", is_right=number == 2
        )
    return lesson


def right_answers(lesson: Lesson) -> dict[int, int]:
    """Question id to the id of its right answer."""
    return dict(lesson.questions.filter(answers__is_right=True).values_list("pk", "answers__pk"))


def as_sent(lesson: Lesson, *, right: bool = True) -> dict[str, str]:
    """What the lesson's form sends."""
    wanted = Answer.objects.filter(question__lesson=lesson, is_right=right)
    return {f"question_{answer.question_id}": str(answer.pk) for answer in wanted}


def finish(user: User, lesson: Lesson, *, now: datetime = NOON) -> Outcome:
    return finish_lesson(user=user, lesson_id=lesson.pk, answers=right_answers(lesson), done_at=now, now=now)


def finish_course(user: User, course: Course, *, now: datetime = NOON) -> Outcome:
    return [finish(user, lesson, now=now) for lesson in course.lessons.all()][-1]
