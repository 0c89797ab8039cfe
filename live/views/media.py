"""Serves playlists and segments of the embedded engine. On a real host the proxy serves the segments (deploy/Caddyfile)."""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from live import playlists
from live.engines.embedded import public
from live.models import Broadcast

KEY = re.compile(r"[0-9a-f]{32}")  # no other spelling, or one could be kept in the cache under another's name
SEGMENT = re.compile(r"[0-9a-f]{32}-\d{6}\.ts")
PLAYLISTS = {playlists.NOW, playlists.AGAIN}
SHARED_SECONDS = 1


@require_safe
def media(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A playlist, asked for again each second; or a segment, whose name never comes again, so that it is kept for good."""
    if not KEY.fullmatch(key):
        raise Http404
    if name in PLAYLISTS:
        return _playlist(key, name)
    if not SEGMENT.fullmatch(name):
        raise Http404
    try:
        file = Path(settings.LIVE_ROOT, "public", key, name).open("rb")  # noqa: SIM115  # the answer closes it
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="video/mp2t")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _playlist(key: str, name: str) -> HttpResponse:
    text = cache.get_or_set(f"live-playlist:{key}:{name}", lambda: _read(key, name), SHARED_SECONDS)
    if not text:
        raise Http404
    return HttpResponse(text, content_type="application/vnd.apple.mpegurl", headers={"Cache-Control": "no-cache"})


def _read(key: str, name: str) -> str:
    """The playlist's text; "" when there is none, or nobody may see it (any more)."""
    try:
        broadcast = Broadcast.objects.shown().get(key=UUID(key))
        return (public(broadcast) / name).read_text()
    except (Broadcast.DoesNotExist, FileNotFoundError):
        return ""
