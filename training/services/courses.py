"""The courses that ship with the shop: written down in training/data/courses, one file each."""

import tomllib
from pathlib import Path
from typing import Any

from common.transactions import needs_transaction, use_case
from training.models import Answer, Course, Lesson, Question

DATA = Path(__file__).resolve().parent.parent / "data" / "courses"


@use_case
def load_courses() -> int:
    """Make the courses that are not there yet, and return how many were made.

    A course that is there stays as it is: staff may have rewritten it, and people may have finished its lessons.
    """
    there = set(Course.objects.values_list("slug", flat=True))
    written = [(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(DATA.glob("*.toml"))]
    new = [(slug, course) for slug, course in written if slug not in there]
    for slug, course in new:
        _make(slug, course)
    return len(new)


@needs_transaction
def _make(slug: str, written: dict[str, Any]) -> None:
    lessons = written.pop("lesson")
    course = Course.objects.create(slug=slug, is_published=True, **written)
    for place, wanted in enumerate(lessons, 1):
        questions = wanted.pop("question")
        lesson = Lesson.objects.create(course=course, position=place, **_trimmed(wanted))
        for number, question in enumerate(questions, 1):
            answers = question.pop("answer")
            asked = Question.objects.create(lesson=lesson, position=number, **question)
            Answer.objects.bulk_create(
                Answer(question=asked, position=at, **answer) for at, answer in enumerate(answers, 1)
            )


def _trimmed(lesson: dict[str, Any]) -> dict[str, Any]:
    return {name: text.strip() if isinstance(text, str) else text for name, text in lesson.items()}
