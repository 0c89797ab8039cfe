"""What a phone is told about an entry it sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import JsonResponse

from common.errors import DomainError
from field.errors import ChangedMeanwhile
from field.models import Entry


def done(entry: Entry) -> JsonResponse:
    """It is done, now or before."""
    return _answer(201, state="done", url=entry.link, about=entry.about)


def refused(form: forms.Form, status: int) -> JsonResponse:
    """What is wrong, by field; "" is the whole."""
    errors: dict[str, list[str]] = {}
    for name, found in form.errors.items():
        errors["" if name == "__all__" else name] = [str(each) for each in found]
    return _answer(status, state="refused", errors=errors)


def conflict(error: ChangedMeanwhile) -> JsonResponse:
    """How the thing is now."""
    return _answer(
        409,
        state="conflict",
        words=error.message,
        now=[[str(label), str(value)] for label, value in error.rows],
        version=error.version,
        can_insist=error.can_insist,
    )


def problem(error: DomainError, status: int) -> JsonResponse:
    """A refusal that belongs to no field."""
    return _answer(status, state="refused", errors={"": [error.message]})


def wrong(field: str, words: str) -> JsonResponse:
    """A refusal of one field that no form is about."""
    return _answer(422, state="refused", errors={field: [words]})


def held(digest: str) -> JsonResponse:
    """A photo is here, under this sum."""
    return _answer(201, state="held", sum=digest)


def later() -> JsonResponse:
    """A photo that it names is not here (any more): the phone asks which, and sends it again."""
    return _answer(503, state="later")


def withdrawn() -> JsonResponse:
    """It will never be done."""
    return _answer(200, state="withdrawn")


def _answer(status: int, **content: Any) -> JsonResponse:
    answer = JsonResponse(content, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
