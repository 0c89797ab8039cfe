"""A broadcast from going live to its end: prices that begin and end with it, pins, and who may stop it."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, User
from accounts.queries import is_close_to
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from live.errors import AlreadyOnAir, NotOnAir, NotVerified, TooManyOnAir
from live.models import Broadcast, IngestSession, Pin, TableItem
from marketplace.errors import OwnListing
from marketplace.services import offers
from notifications.services import notify

REASON_LENGTH = 500


@use_case
def go_live(*, broadcast_id: int, farmer: Farmer, now: datetime) -> Broadcast:
    """Begin: the live prices hold from now on, the first thing on the table is pinned. Doing it twice changes nothing.

    Raises NotAllowed, NotVerified, WrongState, AlreadyOnAir, TooManyOnAir.
    """
    current = Farmer.objects.select_for_update(no_key=True).get(pk=farmer.pk)  # one of theirs goes live at a time
    broadcast = _locked(broadcast_id, farmer)
    if current.status != Farmer.Status.VERIFIED:
        raise NotVerified
    if broadcast.status == Broadcast.Status.LIVE:
        return broadcast
    if broadcast.status != Broadcast.Status.PLANNED:
        raise NotOnAir
    if Broadcast.objects.on_air().filter(farmer=farmer).exists():
        raise AlreadyOnAir
    if Broadcast.objects.on_air().count() >= settings.LIVE_MAX_BROADCASTS:
        raise TooManyOnAir
    broadcast.status, broadcast.started_at, broadcast.seen_at = Broadcast.Status.LIVE, now, now
    broadcast.save(update_fields=["status", "started_at", "seen_at"])
    items = list(broadcast.items.all())
    offers.open_offers([item.offer_id for item in items], now=now, closes_at=broadcast.until)
    if items:
        Pin.objects.create(broadcast=broadcast, item=items[0], pinned_at=now)
    return broadcast


@use_case
def pin_item(*, broadcast_id: int, farmer: Farmer, item_id: int, now: datetime) -> None:
    """Show this thing to the watchers as the one spoken of. Raises NotAllowed, NotOnAir."""
    broadcast = _locked(broadcast_id, farmer)
    if broadcast.status != Broadcast.Status.LIVE:
        raise NotOnAir
    item = TableItem.objects.filter(pk=item_id, broadcast=broadcast).first()
    if item is None:
        raise NotAllowed
    newest = broadcast.pins.order_by("-pinned_at", "-pk").first()
    if newest is None or newest.item_id != item.pk:
        Pin.objects.create(broadcast=broadcast, item=item, pinned_at=now)


@use_case
def end_broadcast(*, broadcast_id: int, farmer: Farmer, now: datetime) -> None:
    """End it: the live prices are over, what is left of the slices goes back. Doing it twice changes nothing.

    Raises NotAllowed, NotOnAir for one that never began.
    """
    broadcast = _locked(broadcast_id, farmer)
    if broadcast.status == Broadcast.Status.LIVE:
        _end(broadcast, Broadcast.Status.ENDED, now)
    elif broadcast.status not in {Broadcast.Status.ENDED, Broadcast.Status.STOPPED}:
        raise NotOnAir


@use_case
def end_abandoned(*, broadcast_id: int, now: datetime) -> None:
    """End one that went silent for LIVE_ABSENT, or has lasted as long as any may. Else does nothing; safe twice."""
    over = Q(seen_at__lte=now - settings.LIVE_ABSENT) | Q(started_at__lte=now - settings.LIVE_MAX_LENGTH)
    live = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, status=Broadcast.Status.LIVE)
    if broadcast := live.filter(over).first():
        _end(broadcast, Broadcast.Status.ENDED, now)


@use_case
def close_late_offers(*, broadcast_id: int, now: datetime) -> None:
    """Give back what is left of slices whose announced time is over while the broadcast goes on. Safe twice."""
    broadcast = Broadcast.objects.select_for_update(no_key=True).get(pk=broadcast_id)
    over = broadcast.items.filter(offer__closed_at=None, offer__closes_at__lte=now)
    offers.close_offers(over.values_list("offer_id", flat=True), now)


@use_case
def stop_broadcast(*, broadcast_id: int, moderator: User, reason: str, now: datetime) -> None:
    """Take it out of the announcements, off the air or out of the replays, at once; the farmer is told why.

    Raises NotAllowed for who is no moderator, OwnListing for one close to the farmer, InvalidInput (field "reason"),
    WrongState when it was called off or stopped before.
    """
    if not (moderator.is_active and moderator.is_moderator):
        raise NotAllowed
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise InvalidInput(_("Please say why: the farmer will read it."), field="reason")
    found = Broadcast.objects.select_for_update(no_key=True, of=("self",)).filter(pk=broadcast_id)
    broadcast = found.select_related("farmer__user").first()
    if broadcast is None:
        raise NotAllowed
    if is_close_to(moderator, broadcast.farmer):
        raise OwnListing
    if broadcast.status not in {Broadcast.Status.PLANNED, Broadcast.Status.LIVE, Broadcast.Status.ENDED}:
        raise WrongState
    before = broadcast.status
    broadcast.stopped_by, broadcast.stop_reason = moderator, reason.strip()
    _end(broadcast, Broadcast.Status.STOPPED, now)
    record_act(
        actor=moderator,
        kind="broadcast_stop",
        about=f"broadcast:{broadcast.pk}",
        now=now,
        old={"status": before},
        new={"status": broadcast.status},
        reason=broadcast.stop_reason,
    )
    notify(
        recipient=broadcast.farmer.user,
        kind="broadcast_stopped",
        about=f"broadcast:{broadcast.pk}",
        now=now,
        link=reverse("live:broadcast_manage", args=[broadcast.pk]),
        reason=broadcast.stop_reason,
    )


@needs_transaction
def _end(broadcast: Broadcast, status: str, now: datetime) -> None:
    """Over, or never to be: recorders and offers are closed. One that is over already keeps its end."""
    broadcast.status = status
    if broadcast.started_at and broadcast.ended_at is None:
        broadcast.ended_at = max(now, broadcast.started_at)
    broadcast.save(update_fields=["status", "ended_at", "stopped_by", "stop_reason"])
    broadcast.sessions.filter(closed_at=None).update(closed_at=now, outcome=IngestSession.Outcome.ENDED)
    offers.close_offers(broadcast.items.values_list("offer_id", flat=True), now)


def _locked(broadcast_id: int, farmer: Farmer) -> Broadcast:
    broadcast = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, farmer=farmer).first()
    if broadcast is None:
        raise NotAllowed
    return broadcast
