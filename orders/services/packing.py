"""Noting that a parcel is packed. It moves nothing: the parcel waits for the courier."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from orders.models import Packing, Parcel

MAX_GRAMS = 1_000_000


@use_case
def pack_parcel(*, parcel_id: int, actor: User, grams: int | None, now: datetime) -> Packing:
    """The farmer closed the box; `grams` is what it weighs, None where nobody weighed it.

    Raises NotAllowed for another's parcel, WrongState for one that isn't to be packed or was, InvalidInput ("weight").
    """
    farmer = Farmer.objects.filter(user=actor).first()
    if farmer is None:
        raise NotAllowed
    return close_box(parcel_id=parcel_id, farmer=farmer, by=actor, grams=grams, now=now)


@needs_transaction
def close_box(*, parcel_id: int, farmer: Farmer, by: User, grams: int | None, now: datetime) -> Packing:
    """As pack_parcel, inside the caller's transaction; a step. `by` packed it, for `farmer` if it isn't them."""
    parcel = _hold(parcel_id, farmer)
    if parcel.state != Parcel.State.TO_PACK or Packing.objects.standing().filter(parcel=parcel).exists():
        raise WrongState
    if grams is not None and not 0 < grams <= MAX_GRAMS:
        raise InvalidInput(_("That is too much. Please check the weight and its unit."), field="weight")
    return Packing.objects.create(parcel=parcel, by=by, grams=grams, packed_at=now)


@needs_transaction
def open_box(*, parcel_id: int, farmer: Farmer, packed_at: datetime, now: datetime) -> None:
    """Take back the packing noted at `packed_at`, as if nobody had noted it; a step. The parcel may be packed again.

    Raises NotAllowed for another's parcel, WrongState once it is posted, or where that packing stands no more.
    """
    parcel = _hold(parcel_id, farmer)
    standing = Packing.objects.standing().filter(parcel=parcel, packed_at=packed_at)
    if parcel.state != Parcel.State.TO_PACK or not standing.update(taken_back_at=now):
        raise WrongState


@needs_transaction
def _hold(parcel_id: int, farmer: Farmer) -> Parcel:
    mine = Parcel.objects.of_farmer(farmer).select_for_update(of=("self",), no_key=True)
    parcel = mine.filter(pk=parcel_id).first()
    if parcel is None:
        raise NotAllowed
    return parcel
