"""A listing written down all at once, where there is no signal to go from step to step: a draft for its farmer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from common.errors import InvalidInput
from common.transactions import needs_transaction, use_case
from marketplace.models import ListingRevision, Produce
from marketplace.services import drafts, lots
from marketplace.services.kept_photos import Upload, take_photos


@dataclass(frozen=True)
class Whole:
    """What can be said about something to sell but for its price."""

    produce: Produce
    pack_grams: int
    packs: int
    origin: str
    words: str
    keeps_days: int
    harvest: lots.Harvest


@use_case
def write_listing(
    *, farmer: Farmer, whole: Whole, price_fen: int, photos: Sequence[Upload], now: datetime
) -> ListingRevision:
    """A draft with everything in it; nobody but the farmer sees it until they send it to the moderators.

    Raises InvalidInput, naming the field.
    """
    drafts.check_price(price_fen)
    draft = write_whole(farmer=farmer, by=farmer.user, whole=whole, photos=photos, now=now)
    drafts.write_fields(draft, {"price_fen": price_fen})
    return draft


@needs_transaction
def write_whole(*, farmer: Farmer, by: User, whole: Whole, photos: Sequence[Upload], now: datetime) -> ListingRevision:
    """As write_listing, without a price, with photos that `by` sent; a step."""
    drafts.check_pack(whole.pack_grams)
    lots.check_packs(whole.packs)
    drafts.check_keeps_days(whole.keeps_days)
    whole.harvest.check(keeps_days=whole.keeps_days, now=now)
    if not whole.origin.strip():
        raise InvalidInput(_("Please say where it grows."), field="origin")
    if len(photos) > drafts.MAX_PHOTOS:
        raise InvalidInput(_("At most %(most)s photos."), field="photos", most=drafts.MAX_PHOTOS)
    kept = take_photos(user=by, uploads=photos, now=now, owner=farmer.user)
    draft = drafts.begin_listing(farmer=farmer, produce=whole.produce, photos=kept, now=now)
    drafts.write_fields(
        draft,
        {
            "pack_grams": whole.pack_grams,
            "packs": whole.packs,
            "origin": whole.origin.strip(),
            "words": whole.words.strip(),
            "keeps_days": whole.keeps_days,
        },
    )
    drafts.set_first_lot(draft.listing, draft, whole.harvest, now)
    return draft
