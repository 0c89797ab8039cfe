"""Weighing and packing for a household that consented: as on the farmer's own pages, told, and undone within a day."""

from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from accounts.models import DelegatedAct, User
from accounts.services.consents import begin_act, record_delegated
from common.errors import NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from common.weight import show_weight
from marketplace.models import Lot
from marketplace.services import lots
from orders.models import Parcel
from orders.services.packing import close_box, open_box
from specialists.models import WeighingChange
from specialists.services.words import called

TOO_LATE = _("This can't be undone any more.")


@use_case
def weigh_lot_for(
    *, farmer_id: int, by: User, lot_id: int, grams: int, picked_on: date | None, now: datetime
) -> DelegatedAct:
    """A whole harvest of the farmer was put on the scale; see `lots.weigh_lot`.

    Raises NotAllowed without a consent that stands and a posting, or for another's; InvalidInput and WrongState as there.
    """
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    theirs = Lot.objects.select_for_update(of=("self",), no_key=True).filter(listing__farmer=consent.farmer)
    before = theirs.filter(pk=lot_id).first()
    if before is None:
        raise NotAllowed
    after = lots.set_weighed(lot_id, grams=grams, picked_on=picked_on, now=now)
    act = record_delegated(
        consent=consent,
        kind=DelegatedAct.Kind.WEIGHED,
        about=f"lot:{lot_id}",
        words=f"{called(after.listing)}：{before.harvested} → {after.harvested} 箱",
        now=now,
    )
    WeighingChange.objects.create(
        act=act,
        lot=after,
        old_packs=before.harvested,
        new_packs=after.harvested,
        noted_picked=before.picked_on is None and after.picked_on is not None,
    )
    return act


@use_case
def pack_parcel_for(*, farmer_id: int, by: User, parcel_id: int, grams: int | None, now: datetime) -> DelegatedAct:
    """The farmer's box was closed by the specialist; `grams` is what it weighs, None where nobody weighed it.

    Raises NotAllowed without a consent that stands and a posting, or for another's parcel; the rest as `pack_parcel`.
    """
    consent = begin_act(farmer_id=farmer_id, specialist=by, now=now)
    packing = close_box(parcel_id=parcel_id, farmer=consent.farmer, by=by, grams=grams, now=now)
    number = Parcel.objects.values_list("number", flat=True).get(pk=parcel_id)
    return record_delegated(
        consent=consent,
        kind=DelegatedAct.Kind.PACKED,
        about=f"parcel:{parcel_id}",
        words=f"{number} {show_weight(packing.grams)}" if packing.grams else number,
        now=now,
    )


@needs_transaction
def take_back_weighing(act: DelegatedAct) -> None:
    """As many boxes as before, or as many as are promised by now; a step of `undo_act`.

    Raises WrongState where the harvest was closed or its boxes were counted anew since.
    """
    change = WeighingChange.objects.get(act=act)
    still_so = Lot.objects.filter(pk=change.lot_id, closed_at=None, harvested=change.new_packs)
    as_before: dict[str, Any] = {"harvested": Greatest(change.old_packs, F("sold") + F("held"))}
    if change.noted_picked:
        as_before |= {"picked_on": None}
    if not still_so.update(**as_before):
        raise WrongState(TOO_LATE)


@needs_transaction
def take_back_packing(act: DelegatedAct, now: datetime) -> None:
    """The parcel counts as not packed; a step of `undo_act`. Raises WrongState once it is posted."""
    parcel_id = int(act.about.partition(":")[2])
    try:
        open_box(parcel_id=parcel_id, farmer=act.farmer, packed_at=act.at, now=now)
    except WrongState as error:
        raise WrongState(TOO_LATE) from error
