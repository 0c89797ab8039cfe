"""Noting that a parcel is packed. It moves nothing: the parcel waits for the courier."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from orders.models import Packing, Parcel

MAX_GRAMS = 1_000_000


@use_case
def pack_parcel(*, parcel_id: int, actor: User, grams: int | None, now: datetime) -> Packing:
    """The farmer closed the box; `grams` is what it weighs, None where nobody weighed it.

    Raises NotAllowed for another's parcel, WrongState for one that isn't to be packed or was, InvalidInput ("weight").
    """
    parcel = (
        Parcel.objects.select_for_update(of=("self",), no_key=True).filter(pk=parcel_id, farmer__user=actor).first()
    )
    if parcel is None:
        raise NotAllowed
    if parcel.state != Parcel.State.TO_PACK or Packing.objects.filter(parcel=parcel).exists():
        raise WrongState
    if grams is not None and not 0 < grams <= MAX_GRAMS:
        raise InvalidInput(_("That is too much. Please check the weight and its unit."), field="weight")
    return Packing.objects.create(parcel=parcel, by=actor, grams=grams, packed_at=now)
