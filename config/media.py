"""Serves sanitised photos from local storage. With object storage, photos have their addresses there."""

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """One clean copy. The name holds a random key, so it may be cached for good; only WebP files are ever there."""
    storage = storages["default"]
    if not (path.startswith("photos/") and path.endswith(".webp") and ".." not in path and storage.exists(path)):
        raise Http404
    response = FileResponse(storage.open(path), content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
