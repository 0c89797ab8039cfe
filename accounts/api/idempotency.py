"""Idempotency-Key: the same key and body give the same answer, and the thing happens once (as with Stripe).

A view's method behind `@idempotent` needs the header. In it, `keep(request, act, show)` calls one use-case and saves the
answer in that use-case's own transaction. A method that doesn't use `keep` (because what it calls commits in several
steps, each guarded by a key of its own) has its answer saved after it.

Saved: what succeeded, and what the domain refused (409, 403). Not saved: what failed validation (422), what will pass
(503), a mistake of ours (500): asked again, these are tried again.
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import KeptAnswer
from accounts.services import answers
from common.api import problems
from common.api.problems import Problem
from common.errors import DomainError
from common.transactions import ending_with

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT_HEADERS = ("Location", "ETag")
T = TypeVar("T")


def idempotent(method: Callable[..., Any]) -> Callable[..., Any]:
    """A view's method that needs an Idempotency-Key. For people who are signed in only."""

    @wraps(method)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = _key_of(request)
        fingerprint = _fingerprint(request)
        claim = answers.claim_key(user_id=request.user.pk, key=key, fingerprint=fingerprint, now=timezone.now())
        if isinstance(claim, KeptAnswer):
            return _again(claim)
        request.claim = claim
        request.was_kept = False
        try:
            response = method(view, request, *args, **kwargs)
            if not request.was_kept:
                response = _kept_after(claim, response)
        except DomainError as error:
            if problems.status_of(error) not in (403, 409) or isinstance(error, answers.ClaimLost):
                answers.release_key(claim)
                raise
            refusal = problems.handle(error, {})
            assert refusal is not None  # noqa: S101  # a DomainError is always a problem
            return _kept_after(claim, refusal, problems.CONTENT_TYPE)
        except BaseException:
            answers.release_key(claim)  # does nothing to an answer that has been saved
            raise
        return response

    once.needs_idempotency_key = True  # type: ignore[attr-defined]  # for the schema
    return once


def keep(request: Request, act: Callable[[], T], show: Callable[[T], Response]) -> HttpResponse:
    """Call a use-case; its effect and the answer that `show` makes of its result are committed together."""
    made: list[HttpResponse] = []

    def save(result: T) -> None:
        response = show(result)
        body, headers = _text(response), _headers(response)
        answers.save_answer(request.claim, status=response.status_code, body=body, headers=headers)
        made.append(_plain(response.status_code, body, headers))

    with ending_with(save):
        act()
    request.was_kept = True
    return made[0]


def _kept_after(claim: answers.Claim, response: Response, content_type: str = "application/json") -> HttpResponse:
    body, headers = _text(response), _headers(response)
    if content_type != "application/json":
        headers["Content-Type"] = content_type
    answers.keep_answer(claim, status=response.status_code, body=body, headers=headers)
    return _plain(response.status_code, body, headers)


def _again(kept: KeptAnswer) -> HttpResponse:
    response = _plain(kept.status, kept.body, kept.headers)
    response["Idempotency-Replayed"] = "true"
    return response


def _plain(status: int, body: str, headers: dict[str, str]) -> HttpResponse:
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    content_type = headers.get("Content-Type", "application/json") if body else None
    response = HttpResponse(body, status=status, content_type=content_type, headers=rest)
    if not body:
        del response["Content-Type"]
    return response


def _text(response: Response) -> str:
    return "" if response.data is None else JSONRenderer().render(response.data).decode()


def _headers(response: Response) -> dict[str, str]:
    return {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}


def _key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "").strip()
    if not key:
        raise Problem(
            400, "idempotency_key_missing", _("Please send an Idempotency-Key: any text you use once, a UUID say.")
        )
    if len(key) > MAX_KEY or not (key.isascii() and key.isprintable()):
        raise Problem(
            400, "idempotency_key_bad", _("An Idempotency-Key has up to 255 plain letters, digits and signs.")
        )
    return key


def _fingerprint(request: Request) -> str:
    """What makes two requests the same: method, path, and the body's meaning. Files count by their bytes."""
    parts: list[Any] = [request.method, request.path]
    if hasattr(request.data, "lists"):
        parts.append(sorted((name, [_of_value(one) for one in values]) for name, values in request.data.lists()))
    else:
        parts.append(request.data)
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _of_value(value: Any) -> str:
    if hasattr(value, "chunks"):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return digest.hexdigest()
    return str(value)
