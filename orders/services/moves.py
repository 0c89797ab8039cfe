"""The one way a parcel moves."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import Consent, User
from common.errors import NotAllowed
from common.transactions import needs_transaction
from orders import clock
from orders.errors import WrongMove
from orders.models import Parcel, ParcelEvent


@needs_transaction
def move(
    *,
    parcel_id: int,
    event: clock.Event,
    actor: User | None,
    now: datetime,
    note: str = "",
    consent: Consent | None = None,
    **fields: Any,
) -> Parcel:
    """Lock the parcel, check the law, write the event and set the next timer; a step.

    `fields` are columns that the event fills in (e.g. tracking_number), seen by the guard. `actor` None is the clock or
    a confirmed payment; with `consent`, the specialist to whom the farmer gave it. Raises WrongMove where the law has no
    such line or its guard does not hold, NotAllowed where the actor is not among those who may. Those who keep their own
    books of parcels (settings.AFTER_PARCEL_MOVES) follow
    in the same transaction, so that no move is ever without its entry.
    """
    parcel = (
        Parcel.objects.select_for_update(of=("self",), no_key=True)
        .select_related("order__buyer", "farmer__user", "farmer__county")
        .get(pk=parcel_id)
    )
    row = clock.row_for(parcel.state, event)
    roles = clock.roles(parcel, actor, consent)
    if actor and not roles:
        raise NotAllowed
    if row is None:
        raise WrongMove
    if not row.who & roles:
        raise NotAllowed
    for name, value in fields.items():
        setattr(parcel, name, value)
    if row.guard and not row.guard.holds(parcel, now):
        raise WrongMove
    ParcelEvent.objects.create(
        parcel=parcel, event=event, moved_from=parcel.state, moved_to=row.to, actor=actor, note=note, happened_at=now
    )
    parcel.state = row.to
    if not row.keeps_timer:
        parcel.timer = row.timer.event if row.timer else ""
        parcel.timer_at = row.timer.at(parcel, now) if row.timer else None
    parcel.save(update_fields=["state", "timer", "timer_at", *fields])
    for path in settings.AFTER_PARCEL_MOVES:
        import_string(path)(parcel=parcel, event=event, now=now)
    return parcel
