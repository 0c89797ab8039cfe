"""Photos that were sent and never used: a form given up, a picture taken out before it was saved."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import storages
from django.db.models import PROTECT, Exists, ForeignObjectRel, OuterRef, QuerySet

from common.transactions import use_case
from marketplace.models import Photo
from marketplace.services.photos import forget_original

UNUSED_AFTER = timedelta(days=7)  # a form may stay open for a while
AT_ONCE = 100


def unused_photos(now: datetime) -> QuerySet[Photo]:
    """Photos sent more than a week ago that nothing shows or keeps, in this app or in one above it."""
    return used_by_nothing(
        Photo.objects.filter(uploaded_at__lt=now - UNUSED_AFTER).exclude(status=Photo.Status.WAITING)
    )


def used_by_nothing(found: QuerySet[Photo]) -> QuerySet[Photo]:
    """Those of these photos that no listing, shop, review, claim, or anything else shows or keeps."""
    for use in _uses():
        name = use.field.name
        found = found.filter(~Exists(use.related_model._base_manager.filter(**{name: OuterRef("pk")})))
    return found


@use_case
def forget_unused(*, now: datetime) -> int:
    """Delete at most AT_ONCE unused photos, files first. Returns how many; safe twice and beside uploads.

    The rows are locked while it looks again, so none becomes part of something meanwhile; files that are gone
    already are no reason to stop.
    """
    old = list(unused_photos(now).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    locked = list(Photo.objects.select_for_update(skip_locked=True).filter(pk__in=old).order_by("pk"))
    photos = list(unused_photos(now).filter(pk__in=[photo.pk for photo in locked]))
    for photo in photos:
        for width in photo.sizes:
            storages["default"].delete(photo.path(width))
            storages["private"].delete(photo.path(width))  # where it is until somebody approves it
        forget_original(photo)
        photo.delete()
    return len(photos)


def _uses() -> Iterator[ForeignObjectRel]:
    """All keys that point at a photo and protect it; what goes with it (a fingerprint, say) is no use."""
    for relation in Photo._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and getattr(relation, "on_delete", None) is PROTECT:
            yield relation
