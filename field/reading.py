"""What a phone sends beside the fields: its key, when it was written, and what all of it comes to."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

OLDEST = timedelta(days=60)  # as long as a session lasts
NOT_ITS_BODY = frozenset({"csrfmiddlewaretoken", "key", "replaces", "made_at", "held"})


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which shows the answer itself."""
    return request.headers.get("Accept", "") == "application/json"


def read_key(request: HttpRequest, name: str) -> UUID | None:
    """The key the phone made up; None for what is none."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return None


def read_made_at(request: HttpRequest, now: datetime) -> datetime:
    """When it was written by the phone's clock, as far as that can be; else now."""
    text = request.POST.get("made_at", "")[:40]
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return now
    said = said if said.tzinfo else said.replace(tzinfo=UTC)
    return said if now - OLDEST <= said <= now else now


def digest_of(request: HttpRequest, kind: str) -> str:
    """One number for everything that was sent, photos too: the same key with another one is another entry."""
    whole = hashlib.sha256(kind.encode())
    for name in sorted(set(request.POST) - NOT_ITS_BODY):
        for value in request.POST.getlist(name):
            whole.update(f"\0{name}\0{value}".encode())
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            whole.update(f"\0{name}\0{_sum(upload)}".encode())
    for digest in request.POST.getlist("held"):  # as if they had come along
        whole.update(f"\0photos\0{digest}".encode())
    return whole.hexdigest()


def _sum(upload: object) -> str:
    if not isinstance(upload, UploadedFile):
        return ""
    found = hashlib.sha256()
    for chunk in upload.chunks():
        found.update(chunk)
    upload.seek(0)
    return found.hexdigest()
