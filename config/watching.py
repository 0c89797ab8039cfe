"""Watches each request: gives it an id, counts it, and writes one line about it that names nobody."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from common.tracing import follow, is_sane, new_id
from config import metrics
from config.logs import blot_out

logger = logging.getLogger("chushan.access")

HEADER = "X-Request-ID"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Queries:
    """How many statements a request made, and how long they took in seconds."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began


class WatchMiddleware:
    """Outermost. A proxy we trust may choose the id, in X-Request-ID; everyone gets it back in the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        id_, queries, began = _id_of(request), _Queries(), time.perf_counter()
        follow(id_)  # until the request is finished: Django still logs about it after the last middleware
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        _note(request, response, queries, time.perf_counter() - began)
        response[HEADER] = id_
        return response


@receiver(request_finished)
def _finish(**_: Any) -> None:
    follow("")


def _id_of(request: HttpRequest) -> str:
    given = request.headers.get(HEADER, "")
    is_from_proxy = settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
    return given if is_from_proxy and is_sane(given) and blot_out(given) == given else new_id()


def _note(request: HttpRequest, response: HttpResponse, queries: _Queries, seconds: float) -> None:
    route, method = route_of(request), request.method if request.method in METHODS else "OTHER"
    metrics.REQUESTS.labels(method, route, response.status_code).inc()
    metrics.SECONDS.labels(route).observe(seconds)
    metrics.DATABASE_SECONDS.labels(route).observe(queries.seconds)
    facts = {
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000),
        "queries": queries.count,
        "who": who(request),
    }
    logger.info("%s", " ".join(f"{name}={value}" for name, value in facts.items()), extra=facts)


def route_of(request: HttpRequest) -> str:
    """The name of what was asked for; never its path, which may hold a secret or come from anybody's imagination."""
    match = request.resolver_match
    return (match.view_name or "unnamed") if match else "none"


def who(request: HttpRequest) -> str:
    """What kind of person asked, if the page looked at that at all: it must not cost a query of its own."""
    user = getattr(request, "_cached_user", None)
    if user is None:
        return "unasked"
    if not user.is_authenticated:
        return "guest"
    return "staff" if user.is_staff else "moderator" if user.is_moderator else "person"
