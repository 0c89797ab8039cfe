"""Where a page's browser asks for events, and what its content policy lets it reach."""

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from csp.constants import SELF
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from live import counted, watchers
from live.models import Broadcast

#: hls.js hands the player a blob: address that it fills itself.
PLAYER = {"media-src": [SELF, "blob:"]}
OVERLAP_MS = 2000  # what may be between two clocks; an event that a page knows already changes nothing in it


def events(request: HttpRequest, broadcast: Broadcast, now: datetime, *, counts: bool = True) -> str:
    """The address of a room's events for this visitor, from now on; "" when nobody tells any.

    Whoever hears them counts as watching, unless `counts` is False.
    """
    where = settings.LIVE_EVENTS_URL.rstrip("/")
    if not where:
        return ""
    if where.startswith(":"):
        where = f"{request.scheme}://{urlsplit(f'//{request.get_host()}').hostname}{where}"
    query = {
        "lang": get_language(),
        "after": f"{int(now.timestamp() * 1000) - OVERLAP_MS}-0",
        "who": counted.sign(watchers.name_of(request), broadcast.pk) if counts else "",
    }
    return f"{where}/live/{broadcast.pk}/events/?{urlencode(query)}"


def let_in(response: HttpResponse, events: str) -> None:
    """Let this page play video and, where they come from another address, hear its events."""
    policy = dict(PLAYER)
    if events:
        parts = urlsplit(events)
        policy["connect-src"] = [SELF, f"{parts.scheme}://{parts.netloc}"]
    response._csp_update = policy  # type: ignore[attr-defined]  # what csp_update() sets, known only now
