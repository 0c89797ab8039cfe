"""Serves playlists and segments of the embedded engine. On a real host the proxy serves the segments (deploy/Caddyfile)."""

import contextlib
import re
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.http import AuthedRequest
from live import playlists
from live.engines.embedded import KEY, STILL, public, withheld
from live.models import Broadcast

SEGMENT = re.compile(r"[0-9a-f]{32}-\d{6}\.ts")
PLAYLISTS = {playlists.NOW, playlists.AGAIN}
SHARED_SECONDS = 1
STILL_SECONDS = 2


@require_safe
def media(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """A playlist, asked for again each second; or a segment, whose name never comes again, so that it is kept for good."""
    if not KEY.fullmatch(key):  # in no other spelling, or one could be kept in the cache under another's name
        raise Http404
    if name in PLAYLISTS:
        return _playlist(key, name)
    if name == STILL:
        return _still(key)
    if not SEGMENT.fullmatch(name):
        raise Http404
    try:
        file = Path(settings.LIVE_ROOT, "public", key, name).open("rb")  # noqa: SIM115  # the answer closes it
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="video/mp2t")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
@login_required
def desk_media(request: AuthedRequest, pk: int, name: str) -> HttpResponseBase:
    """The same for moderators: of any broadcast, shown to watchers or not, and kept by no cache."""
    broadcast = get_object_or_404(Broadcast, pk=pk, forgotten_at=None)
    if not request.user.is_moderator:
        raise Http404
    if name not in PLAYLISTS and not SEGMENT.fullmatch(name):
        raise Http404
    kind = "application/vnd.apple.mpegurl" if name in PLAYLISTS else "video/mp2t"
    for folder in (public(broadcast), withheld(broadcast)):
        with contextlib.suppress(FileNotFoundError):
            file = (folder / name).open("rb")
            return FileResponse(file, content_type=kind, headers={"Cache-Control": "private, no-store"})
    raise Http404


def _playlist(key: str, name: str) -> HttpResponse:
    text = cache.get_or_set(f"live-playlist:{key}:{name}", lambda: _read(key, name), SHARED_SECONDS)
    if not text:
        raise Http404
    return HttpResponse(text, content_type="application/vnd.apple.mpegurl", headers={"Cache-Control": "no-cache"})


def _still(key: str) -> HttpResponse:
    """The newest picture of a broadcast that is on, for whose signal is too weak for video."""
    picture = cache.get_or_set(f"live-still:{key}", lambda: _read_still(key), STILL_SECONDS)
    if not picture:
        raise Http404
    headers = {"Cache-Control": f"public, max-age={STILL_SECONDS}"}
    return HttpResponse(picture, content_type="image/jpeg", headers=headers)


def _read_still(key: str) -> bytes:
    try:
        broadcast = Broadcast.objects.shown().on_air().get(key=UUID(key))
        return (public(broadcast) / STILL).read_bytes()
    except (Broadcast.DoesNotExist, FileNotFoundError):
        return b""


def _read(key: str, name: str) -> str:
    """The playlist's text; "" when there is none, or nobody may see it (any more)."""
    try:
        broadcast = Broadcast.objects.shown().get(key=UUID(key))
        return (public(broadcast) / name).read_text()
    except (Broadcast.DoesNotExist, FileNotFoundError):
        return ""
