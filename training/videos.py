"""A lesson's film and its poster: for everybody who may read the lesson, in the parts that a player asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from common.storage import private_storage
from training.models import LessonVideo

PIECE = 64 * 1024
FOR_GOOD = "public, max-age=31536000, immutable"  # another film has another key
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@require_safe
def film(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The film, whole or the part that is asked for: Safari plays nothing that it can't ask for in parts."""
    shown = _shown(key)
    path, size = shown.film, shown.size or 0
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        response: HttpResponseBase = FileResponse(_open(path), content_type="video/mp4")
    else:
        start, end = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
        if start >= size or end < start:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = StreamingHttpResponse(_part(path, start, end), status=206, content_type="video/mp4")
        response["Content-Range"] = f"bytes {start}-{end}/{size}"
        response["Content-Length"] = str(end - start + 1)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = FOR_GOOD
    return response


@require_safe
def poster(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Its picture, before anybody taps it."""
    response = FileResponse(_open(_shown(key).poster), content_type="image/webp")
    response["Cache-Control"] = FOR_GOOD
    return response


def _shown(key: UUID) -> LessonVideo:
    shown = LessonVideo.objects.filter(status=LessonVideo.Status.READY, lesson__course__is_published=True)
    return get_object_or_404(shown, key=key)


def _open(path: str) -> IO[Any]:
    storage = private_storage()
    if not storage.exists(path):
        raise Http404
    return storage.open(path, "rb")


def _part(path: str, start: int, end: int) -> Iterator[bytes]:
    with _open(path) as file:
        file.seek(start)
        left = end - start + 1
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
