"""The second step of staff: when it was last taken, and what was typed while it had become old."""

import time
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.urls import reverse

FRESH_SECONDS = 15 * 60
KEPT = "second_step_kept"
MOST_KEPT = 50_000  # characters; far more than any decision and its reason


def last_taken(request: HttpRequest) -> float | None:
    """When this session last took the second step, in seconds of time.time(); None for never."""
    records = get_authentication_records(request, request.user)
    return max((record["at"] for record in records if record["method"] == "mfa"), default=None)


def is_fresh(taken: float) -> bool:
    """Whether a second step taken then is good enough to decide something now."""
    return time.time() - taken < FRESH_SECONDS


def keep_form(request: HttpRequest) -> str:
    """Keep what a POST sent in the session until the second step is taken again; returns where to go on after it.

    Files, passwords and what is too much are not kept: then it is the page with the form, to begin anew.
    """
    fields = [
        (name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    secret = any("password" in name for name, _value in fields)
    if request.FILES or secret or sum(len(name) + len(value) for name, value in fields) > MOST_KEPT:
        before = urlsplit(request.headers.get("referer", ""))
        return (
            before.path
            if before.netloc == request.get_host() and before.path
            else reverse("marketplace:moderation_queue")
        )
    request.session[KEPT] = {"path": request.get_full_path(), "fields": fields}
    return reverse("accounts:second_step_go_on")


def kept_form(request: HttpRequest) -> tuple[str, list[tuple[str, str]]] | None:
    """Where what is kept wants to go, and its fields; None for nothing."""
    kept = request.session.get(KEPT)
    return (kept["path"], [(name, value) for name, value in kept["fields"]]) if kept else None


def forget_kept(request: HttpRequest) -> None:
    """It has been sent."""
    kept = request.session.get(KEPT)
    if kept and kept["path"] == request.get_full_path():
        del request.session[KEPT]
