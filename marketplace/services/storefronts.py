"""A farmer's public shop page: made when they first list, changed by proposals that wait for a moderator."""

import secrets
from datetime import datetime

from django.db.models import F
from django.utils.text import slugify

from accounts.models import Farmer
from accounts.services.showing import says_name
from common.errors import NotAllowed
from common.transactions import needs_transaction, use_case
from marketplace.chinese import syllables
from marketplace.errors import NothingChanged, PhotoUnreadable
from marketplace.models import Photo, Storefront

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def slug_for(name: str) -> str:
    """ "chen-gui-lan-jia-x7k2" for 陈桂兰家: readable, and never the same for two."""
    words = slugify("-".join(syllables(name)))[:30].strip("-") or "farm"
    return f"{words}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"


@needs_transaction
def ensure_storefront(*, farmer: Farmer, now: datetime) -> Storefront:
    """The farmer's storefront, made if there is none yet; a step."""
    storefront = Storefront.objects.filter(farmer=farmer).first()
    while storefront is None:
        slug = slug_for(farmer.name)
        if not Storefront.objects.filter(slug=slug).exists():
            storefront, _ = Storefront.objects.get_or_create(farmer=farmer, defaults={"slug": slug, "created_at": now})
    return storefront


@use_case
def propose_storefront(*, farmer: Farmer, story: str, photo: Photo | None, now: datetime) -> Storefront:
    """Ask for a new story and photo (the whole of both); what is shown now stays until a moderator agrees.

    A newer proposal replaces one that waits. Raises NothingChanged, NotAllowed for someone else's photo.
    """
    ensure_storefront(farmer=farmer, now=now)
    storefront = Storefront.objects.select_for_update(no_key=True).get(farmer=farmer)
    if photo and photo.pk != storefront.photo_id and photo.uploaded_by_id != farmer.user_id:
        raise NotAllowed
    if photo and photo.status == Photo.Status.REFUSED:
        raise PhotoUnreadable(field="photo")
    is_same = story == storefront.story and (photo and photo.pk) == storefront.photo_id
    if is_same and storefront.proposed_at is None:
        raise NothingChanged
    storefront.proposed_story, storefront.proposed_photo = story, photo
    storefront.proposed_at = None if is_same else now
    storefront.save(update_fields=["proposed_story", "proposed_photo", "proposed_at"])
    return storefront


@needs_transaction
def accept_proposal(storefront: Storefront) -> None:
    """Show what was proposed; a step. The caller holds the row.

    A story that says the name of a farmer who wants it shown nowhere is kept for when they say otherwise.
    """
    says_it = says_name(storefront.proposed_story, storefront.farmer)
    Storefront.objects.filter(pk=storefront.pk).update(
        story="" if says_it else F("proposed_story"),
        kept_story=F("proposed_story") if says_it else "",
        photo=F("proposed_photo"),
        proposed_story="",
        proposed_photo=None,
        proposed_at=None,
    )
