"""Photos: taken in on the request, cleaned by a task, told about when they cannot be read.

The original is kept in private storage, under a random key, only until clean copies exist or it is given up.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput
from common.memory import at_most
from common.transactions import needs_transaction, use_case
from common.wake import wake
from marketplace.likeness import bands_of
from marketplace.models import Photo
from marketplace.services import images

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
CLAIM = timedelta(minutes=3)  # longer than a task may run
UPLOADS_PER_DAY = 300


class TooManyPhotos(InvalidInput):
    """More uploads in a day than any household needs."""

    code = "too_many_photos"
    default_message = _("That is a lot of photos for one day. Please go on tomorrow.")


def check_upload(upload: UploadedFile) -> bytes:
    """The bytes of an upload that may become a photo; raises InvalidInput (field "photos") for what may not."""
    if (upload.size or 0) > settings.PHOTO_MAX_BYTES:
        raise InvalidInput(
            _("That photo is too large: at most %(limit)s MB."), field="photos", limit=settings.PHOTO_MAX_BYTES >> 20
        )
    upload.seek(0)
    data = upload.read()
    try:
        images.check_picture(data)
    except InvalidInput as error:
        error.field = "photos"
        raise
    return data


@needs_transaction
def add_photo(*, user: User, upload: UploadedFile, now: datetime, is_confined: bool = False) -> Photo:
    """Take in one upload as a WAITING photo of `user` and wake the worker; a step. Raises InvalidInput.

    A confined one is shown by the page of what it belongs to alone, and never becomes part of a listing.
    """
    data = check_upload(upload)
    if Photo.objects.filter(uploaded_by=user, uploaded_at__gt=now - timedelta(days=1)).count() >= UPLOADS_PER_DAY:
        raise TooManyPhotos(field="photos")
    photo = Photo(uploaded_by=user, uploaded_at=now, is_confined=is_confined)
    photo.original.save("original", ContentFile(data), save=False)
    photo.save()
    wake("marketplace.tasks.process_waiting_photos")
    return photo


@use_case
def upload_photo(*, user: User, upload: UploadedFile, now: datetime) -> Photo:
    """Take in one upload by itself, before the thing it belongs to is saved. Raises InvalidInput."""
    return add_photo(user=user, upload=upload, now=now)


def photos_of(user: User, keys: Iterable[str]) -> list[Photo]:
    """The user's own photos with these keys, in the order given, each once; anything else is left out."""
    wanted = list(dict.fromkeys(key for key in (_as_uuid(key) for key in keys) if key))
    found = {photo.key: photo for photo in Photo.objects.filter(uploaded_by=user, is_confined=False, key__in=wanted)}
    return [found[key] for key in wanted if key in found]


def _as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def waiting_photo_ids(now: datetime, limit: int = 50) -> list[int]:
    """Photos nobody is working on, oldest first."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    waiting = Photo.objects.filter(free, status=Photo.Status.WAITING).order_by("uploaded_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:limit])


def process_photo(*, photo_id: int, now: datetime) -> bool:
    """Make the clean copies of one photo. Safe twice and from two workers: only who gets the claim does anything.

    What cannot be decoded is refused at once; after a full disk or a worker's death it is tried again, MAX_ATTEMPTS
    times in all. Returns whether this call made the photo ready.
    """
    if not _claim(photo_id, now):
        return False
    photo = Photo.objects.get(pk=photo_id)
    try:
        with photo.original.open("rb") as original:
            data = original.read()
        with at_most(settings.PHOTO_MEMORY):
            cleaned = images.clean(data)
        for width, copy in cleaned.copies.items():
            _store(storages["private"], photo.path(width), copy)
    except InvalidInput:
        return _give_up(photo)
    except (OSError, MemoryError):
        logger.exception("photo %s could not be prepared, attempt %s", photo_id, photo.attempts)
        return _give_up(photo) if photo.attempts >= MAX_ATTEMPTS else False
    ready = Photo.objects.filter(pk=photo_id, status=Photo.Status.WAITING).update(
        status=Photo.Status.READY,
        width=cleaned.width,
        height=cleaned.height,
        sizes=sorted(cleaned.copies),
        fingerprint=cleaned.fingerprint,
        bands=bands_of(cleaned.fingerprint),
    )
    forget_original(photo)
    return bool(ready)


def _claim(photo_id: int, now: datetime) -> bool:
    """Take the photo for a while. The attempt is counted before the work, so one that kills its worker ends, too."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    mine = Photo.objects.filter(free, pk=photo_id, status=Photo.Status.WAITING)
    if mine.filter(attempts__gte=MAX_ATTEMPTS).update(status=Photo.Status.REFUSED):
        return False
    return bool(mine.update(attempts=F("attempts") + 1, claimed_until=now + CLAIM))


def _store(storage: Storage, path: str, data: bytes) -> None:
    """Write under exactly this name: a copy half-written by a worker that died is replaced."""
    if storage.exists(path):
        storage.delete(path)
    storage.save(path, ContentFile(data))


def _give_up(photo: Photo) -> bool:
    Photo.objects.filter(pk=photo.pk, status=Photo.Status.WAITING).update(status=Photo.Status.REFUSED)
    forget_original(photo)
    return False


def forget_original(photo: Photo) -> None:
    """Delete what came in: it may hold where and when it was taken."""
    if photo.original:
        photo.original.delete(save=False)
    Photo.objects.filter(pk=photo.pk).update(original="")


def forget_originals_left_behind(limit: int = 50) -> int:
    """Delete originals whose worker died between finishing and deleting; returns how many."""
    done = Photo.objects.exclude(status=Photo.Status.WAITING).exclude(original="").order_by("uploaded_at")[:limit]
    for photo in done:
        forget_original(photo)
    return len(done)


@needs_transaction
def approve_photos(photos: Iterable[Photo], now: datetime) -> None:
    """Let everybody see these photos from now on; a step. Their copies move to public storage after the commit."""
    ids = [photo.pk for photo in photos]
    if Photo.objects.filter(pk__in=ids, approved_at__isnull=True).update(approved_at=now):
        wake("marketplace.tasks.publish_photos")


def photos_to_publish(limit: int = 100) -> list[int]:
    """Approved photos whose copies are not in public storage yet, oldest first."""
    approved = Photo.objects.filter(approved_at__isnull=False, withdrawn_at=None)
    ready = approved.filter(public_at__isnull=True, status=Photo.Status.READY)
    return list(ready.order_by("approved_at", "pk").values_list("pk", flat=True)[:limit])


def publish_photo(*, photo_id: int, now: datetime) -> bool:
    """Move the copies of an approved photo to public storage. Safe twice and from two workers; returns whether it did.

    The copies are written first and the row says so afterwards; only then do the private ones go.
    """
    photo = Photo.objects.get(pk=photo_id)
    if (
        photo.approved_at is None
        or photo.withdrawn_at
        or photo.public_at is not None
        or photo.status != Photo.Status.READY
    ):
        return False
    private, public = storages["private"], storages["default"]
    for size in photo.sizes:
        if private.exists(photo.path(size)):
            with private.open(photo.path(size), "rb") as copy:
                _store(public, photo.path(size), copy.read())
    done = Photo.objects.filter(pk=photo_id, public_at__isnull=True, withdrawn_at=None).update(public_at=now)
    for size in photo.sizes:
        private.delete(photo.path(size))
    return bool(done)
