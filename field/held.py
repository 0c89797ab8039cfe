"""Photos that came up before what they belong to: held under the sum of what is in them until their entry arrives.

A phone sends each by itself and asks before which of them are here, so what has arrived once is not sent again when the line
drops. What nobody came for is forgotten after two days; the phone has it still, and sends it once more.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction

from accounts.models import User
from common.errors import InvalidInput
from common.storage import private_storage
from common.transactions import use_case
from field.models import HeldPhoto
from marketplace.services.photos import UPLOADS_PER_DAY, TooManyPhotos, check_upload

KEPT = timedelta(days=2)
MOST_ASKED = 30  # an entry has nine at most
_SUM = re.compile(r"[0-9a-f]{64}")


@use_case
def hold_photo(*, by: User, upload: UploadedFile, now: datetime) -> HeldPhoto:
    """Keep one photo for an entry of this person's that is to follow. Sent twice, it is there once.

    Raises InvalidInput (field "photos") for what can be no photo, or for more than anybody needs in a day.
    """
    data = check_upload(upload)
    digest = hashlib.sha256(data).hexdigest()
    held, is_new = HeldPhoto.objects.get_or_create(by=by, digest=digest, defaults={"received_at": now})
    if not is_new:
        return held
    if HeldPhoto.objects.filter(by=by, received_at__gt=now - timedelta(days=1)).count() > UPLOADS_PER_DAY:
        raise TooManyPhotos(field="photos")
    storage, path = private_storage(), held.path
    if storage.exists(path):  # of a transaction that ended after its file was written
        storage.delete(path)
    storage.save(path, ContentFile(data))
    return held


def held_already(by: User, digests: Iterable[str]) -> list[str]:
    """Those of these sums whose photos of this person's are here."""
    asked = [digest for digest in digests if _SUM.fullmatch(digest)][:MOST_ASKED]
    return list(HeldPhoto.objects.filter(by=by, digest__in=asked).values_list("digest", flat=True))


def as_uploads(by: User, digests: list[str]) -> list[UploadedFile] | None:
    """The held photos of these sums as if they had come with the request, in that order; None if one isn't here."""
    here = set(held_already(by, digests))
    if not set(digests) <= here:
        return None
    storage, found = private_storage(), []
    for number, digest in enumerate(digests, 1):
        path = HeldPhoto(by=by, digest=digest).path
        if not storage.exists(path):
            return None
        with storage.open(path, "rb") as file:
            found.append(SimpleUploadedFile(str(number), file.read()))
    return list(found)


def hold_for_next_try(by: User, uploads: Iterable[UploadedFile], *, now: datetime) -> list[str]:
    """The sums of what came with a form that is shown again, as no browser keeps a file; what is no photo is left out."""
    sums = []
    for upload in uploads:
        try:
            sums.append(hold_photo(by=by, upload=upload, now=now).digest)
        except InvalidInput:  # said beside the field already
            continue
    return sums


@use_case
def forget_held(*, now: datetime) -> int:
    """Forget the photos of the last batch that nobody came for in two days. Returns how many; ask again until it is 0."""
    old = HeldPhoto.objects.select_for_update(skip_locked=True).filter(received_at__lt=now - KEPT)
    batch = list(old.order_by("received_at", "pk")[:100])
    HeldPhoto.objects.filter(pk__in=[held.pk for held in batch]).delete()
    for held in batch:
        transaction.on_commit(partial(private_storage().delete, held.path))
    return len(batch)
