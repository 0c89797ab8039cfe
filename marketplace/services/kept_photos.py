"""Photos that came with a form in which something else was wrong: kept for the next try, as no browser keeps a chosen file.

They belong to nothing until the form is right, and go after a week like any photo that nobody used (unused.py).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput
from common.transactions import needs_transaction
from marketplace.models import Photo
from marketplace.services.photos import add_photo, check_upload, photos_of, upload_photo
from marketplace.services.unused import used_by_nothing

Upload = UploadedFile | Photo  # just sent, or kept from a try before


def kept_photos(user: User, keys: Iterable[str]) -> list[Photo]:
    """The user's own photos with these keys that belong to nothing yet, in that order; anything else is left out."""
    found = photos_of(user, keys)
    free = set(used_by_nothing(Photo.objects.filter(pk__in=[photo.pk for photo in found])).values_list("pk", flat=True))
    return [photo for photo in found if photo.pk in free]


def keep_photos(*, user: User, uploads: Sequence[Upload], most: int, now: datetime) -> list[Photo]:
    """Keep the first `most` of what came with a form that is shown again. What is no photo is left out."""
    kept: list[Photo] = []
    for upload in uploads:
        if len(kept) == most:
            break
        try:
            kept.append(upload if isinstance(upload, Photo) else upload_photo(user=user, upload=upload, now=now))
        except InvalidInput:  # said beside the field already
            continue
    return kept


@needs_transaction
def take_photos(
    *, user: User, uploads: Sequence[Upload], now: datetime, owner: User | None = None, is_confined: bool = False
) -> list[Photo]:
    """What `user` sent, as photos for one thing alone; all of it or, with InvalidInput (field "photos"), nothing.

    They become `owner`'s, for whom `user` acts (else the user's own); confined ones are shown by that thing's page alone.
    """
    for upload in uploads:  # all first: a file that is stored does not go when the transaction is rolled back
        if isinstance(upload, UploadedFile):
            check_upload(upload)
    return [_take(user, upload, now, owner or user, is_confined) for upload in uploads]


def _take(user: User, upload: Upload, now: datetime, owner: User, is_confined: bool) -> Photo:
    if isinstance(upload, UploadedFile):
        return add_photo(user=owner, upload=upload, now=now, is_confined=is_confined)
    own = Photo.objects.select_for_update(no_key=True).filter(pk=upload.pk, uploaded_by=user).first()
    if own is None or not kept_photos(user, [str(own.key)]):
        raise InvalidInput(_("Please choose the photos again."), field="photos")
    own.uploaded_by, own.is_confined = owner, is_confined
    own.save(update_fields=["uploaded_by", "is_confined"])
    return own
