"""What becomes of a farmer's shop, listings and photos when they don't want to be shown (any more), and back.

A photo that was taken away has no address from the commit on; its files leave public storage right after it, and a sweep
takes up what a process that died in between left there.
"""

import logging
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from accounts.models import Farmer, ShowingChoice, User
from accounts.services.showing import says_name
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from common.wake import wake
from marketplace.models import Listing, ListingRevision, Photo, Storefront
from marketplace.services.search import index_listing
from marketplace.services.storefronts import slug_for

logger = logging.getLogger(__name__)


@needs_transaction
def follow(*, farmer: Farmer, what: str, now: datetime) -> None:
    """Do with shop and listings what the farmer chose; a step (settings.AFTER_SHOWING_CHANGES). The caller holds the farmer."""
    shop = Storefront.objects.select_for_update(no_key=True).filter(farmer=farmer).first()
    if shop is None:
        return
    if what == ShowingChoice.What.PICTURE:
        if shop.photo_id:
            _take_away([shop.photo_id], None if farmer.shows_picture else now)
        return
    shop.slug = slug_for(farmer.name)  # the old address says the name
    if farmer.shows_name:
        shop.story, shop.kept_story = shop.story or shop.kept_story, ""  # a newer one, written since, stays
    elif says_name(shop.story, farmer):
        shop.kept_story, shop.story = shop.story, ""
    shop.save(update_fields=["slug", "story", "kept_story"])
    _words(farmer)


def _words(farmer: Farmer) -> None:
    """What a listing says in the farmer's words stays away while it says the name; and it is found by the name no more."""
    listings = Listing.objects.filter(farmer=farmer).select_for_update(of=("self",), no_key=True).order_by("pk")
    for listing in listings.select_related("produce__parent", "county", "province", "farmer", "approved_revision"):
        revision: ListingRevision | None = listing.approved_revision
        words = revision.words if revision else listing.words
        words = "" if says_name(words, farmer) else words
        if words != listing.words:
            listing.words = words
            listing.save(update_fields=["words"])
        if listing.produce_id:
            listing.farmer = farmer
            index_listing(listing)


@use_case
def take_photo_away(*, user: User, photo_id: int, is_shown: bool, now: datetime) -> None:
    """One of a farmer's own photos is to be shown nowhere (any more), or again. Raises NotAllowed for another's."""
    if not Photo.objects.filter(pk=photo_id, uploaded_by=user, approved_at__isnull=False).exists():
        raise NotAllowed
    _take_away([photo_id], None if is_shown else now)


@needs_transaction
def _take_away(photo_ids: list[int], at: datetime | None) -> None:
    Photo.objects.filter(pk__in=photo_ids).update(withdrawn_at=at)
    if at is None:
        wake("marketplace.tasks.publish_photos")
    else:
        transaction.on_commit(lambda: [hide_photo(photo_id=photo_id) for photo_id in photo_ids], robust=True)


def photos_to_hide(limit: int = 100) -> list[int]:
    """Photos that were taken away and whose copies still lie in public storage."""
    left = Photo.objects.filter(withdrawn_at__isnull=False, public_at__isnull=False).order_by("withdrawn_at", "pk")
    return list(left.values_list("pk", flat=True)[:limit])


def hide_photo(*, photo_id: int) -> bool:
    """Move the copies of a photo that was taken away out of public storage. Safe twice; whether this call did."""
    photo = Photo.objects.get(pk=photo_id)
    if photo.withdrawn_at is None or photo.public_at is None:
        return False
    private, public = storages["private"], storages["default"]
    for size in photo.sizes:
        path = photo.path(size)
        if public.exists(path):
            with public.open(path, "rb") as copy:
                if not private.exists(path):
                    private.save(path, ContentFile(copy.read()))
            public.delete(path)
    return bool(Photo.objects.filter(pk=photo_id, withdrawn_at__isnull=False).update(public_at=None))
