"""ETags: what a program has already need not be sent again, and an edit of something that has changed is refused."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.problems import Problem
from common.transactions import starting_with


def etag_of(body: bytes) -> str:
    """A strong ETag: the same bytes, the same tag. Another language is another tag."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def conditional(request: Request, response: Response) -> Any:
    """After rendering a GET: tag it, and answer 304 to whoever has it already (If-None-Match)."""
    if response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return None
    tag = etag_of(response.content)
    response["ETag"] = tag
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or tag in {one.removeprefix("W/") for one in known}:
        return _not_modified(response)
    return None


def _not_modified(response: HttpResponseBase) -> HttpResponseBase:
    response.status_code = 304
    response.content = b""  # type: ignore[attr-defined]  # a rendered template response has content
    for header in ("Content-Type", "Content-Length"):
        if response.has_header(header):
            del response[header]
    return response


def unchanged(request: Request, name: str, now: Callable[[], Any]) -> AbstractContextManager[None]:
    """With If-Match: the use-case called in here runs only if `now()`, what GET would answer, still has that ETag.

    `name` is the thing's own ("address:7"): edits of it with If-Match wait for one another, so that of two that
    read the same, one gets 412. Without the header nothing is asked.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return nullcontext()

    def check() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"api:{name}"])
        tag = etag_of(JSONRenderer().render(now()))
        if wanted.strip() != "*" and tag not in parse_etags(wanted):
            raise Problem(412, "changed_meanwhile")

    return starting_with(check)


def takes_if_match(method: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view's method that uses `unchanged`, for the schema."""
    method.takes_if_match = True  # type: ignore[attr-defined]
    return method
