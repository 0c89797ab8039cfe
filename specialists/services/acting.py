"""What a specialist does for a farmer who consented: through the steps that the farmer's own pages take, both named.

Nothing here knows a payee or a payout, and a price only goes by the farmer's own code (pricing.py). A listing is prepared
without its price; the farmer sets it and sends it to the moderators. Each use-case holds the posting and the consent
first, so that neither ends while it works.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import DelegatedAct, Farmer, User
from accounts.services.consents import begin_act, record_delegated
from common.errors import NotAllowed, WrongState
from common.transactions import use_case
from common.weight import show_weight
from marketplace.models import Listing, ListingRevision, Lot, Produce
from marketplace.services import drafts, lots
from marketplace.services.kept_photos import Upload
from marketplace.services.whole import Whole, write_whole
from orders.models import Parcel
from orders.services.parcels import hand_over
from specialists.services.boxes import take_back_packing, take_back_weighing
from specialists.services.pricing import take_back_price

Kind = DelegatedAct.Kind


Prepared = Whole  # there is no price in it


@use_case
def prepare_listing(
    *, farmer_id: int, by: User, prepared: Prepared, photos: Sequence[Upload], now: datetime
) -> DelegatedAct:
    """A draft in the farmer's own list, without a price: the farmer sets it and sends it on, or throws it away.

    Raises NotAllowed without a consent that stands and a posting, InvalidInput naming the field.
    """
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    farmer = Farmer.objects.select_related("county", "user").get(pk=farmer_id)
    draft = write_whole(farmer=farmer, by=by, whole=prepared, photos=photos, now=now)
    return record_delegated(
        consent=consent,
        kind=Kind.LISTING,
        about=f"listing:{draft.listing_id}",
        words=_what(prepared.produce, prepared.pack_grams, prepared.packs),
        now=now,
    )


@use_case
def open_lot_for(
    *, farmer_id: int, by: User, listing_id: int, packs: int, harvest: lots.Harvest, now: datetime
) -> DelegatedAct:
    """Put a new harvest of the farmer's approved listing on sale, at the price the farmer set. Raises as `prepare_listing`."""
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    listing = drafts.lock_listing(listing_id, consent.farmer)
    lot = lots.add_lot(listing=listing, packs=packs, harvest=harvest, now=now)
    produce, grams = listing.produce, listing.pack_grams
    if produce is None or grams is None:
        raise WrongState
    return record_delegated(
        consent=consent, kind=Kind.LOT, about=f"lot:{lot.pk}", words=_what(produce, grams, packs), now=now
    )


@use_case
def post_parcel_for(
    *, farmer_id: int, by: User, parcel_id: int, courier: str, tracking_number: str, now: datetime
) -> DelegatedAct:
    """Say that the farmer's parcel was handed to a courier. What is posted can't be unposted, so this can't be undone.

    Raises as `prepare_listing`; NotAllowed for a parcel of somebody else, WrongMove for one that isn't to be packed.
    """
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    if not Parcel.objects.of_farmer(consent.farmer).filter(pk=parcel_id).exists():
        raise NotAllowed
    parcel = hand_over(
        parcel_id=parcel_id, actor=by, courier=courier, tracking_number=tracking_number, now=now, consent=consent
    )
    return record_delegated(
        consent=consent,
        kind=Kind.PARCEL,
        about=f"parcel:{parcel.pk}",
        words=f"{parcel.number} {parcel.tracking_number}",
        now=now,
    )


@use_case
def undo_act(*, act_id: int, farmer: Farmer, now: datetime) -> DelegatedAct:
    """The farmer takes back within a day what was done for them: the draft is thrown away, the harvest sells no
    more, the price is as before, so are its boxes, and the parcel is unpacked.

    What was sold of it meanwhile stays sold. Raises NotAllowed for another's, WrongState once undone, too late, posted, or
    for a draft the farmer has made their own by sending it on.
    """
    act = DelegatedAct.objects.select_for_update(no_key=True).filter(pk=act_id, farmer=farmer).first()
    if act is None:
        raise NotAllowed
    if not act.can_be_undone(now):
        raise WrongState(_("This can't be undone any more."))
    pk = int(act.about.partition(":")[2])
    if act.kind == Kind.LISTING:
        _discard(pk, farmer)
    elif act.kind == Kind.PRICE:
        take_back_price(act, now)
    elif act.kind == Kind.WEIGHED:
        take_back_weighing(act)
    elif act.kind == Kind.PACKED:
        take_back_packing(act, now)
    elif not Lot.objects.filter(pk=pk, listing__farmer=farmer, closed_at=None).update(closed_at=now):
        raise WrongState(_("This can't be undone any more."))
    act.undone_at = now
    act.save(update_fields=["undone_at"])
    return act


def _discard(listing_id: int, farmer: Farmer) -> None:
    listing: Listing = drafts.lock_listing(listing_id, farmer)
    draft = listing.revisions.filter(status=ListingRevision.Status.DRAFT).first()
    if draft is None or listing.approved_revision_id is not None:
        raise WrongState(_("This can't be undone any more."))
    drafts.withdraw(draft)


def _what(produce: Produce, grams: int, packs: int) -> str:
    """In Chinese, as the farmers read it: the row keeps words, and it is they who have to know it again."""
    with translation.override("zh-hans"):
        return f"{produce.name_zh} {show_weight(grams)} × {packs}"
