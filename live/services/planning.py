"""Planning a broadcast: its title, its time and what lies on its table; and calling it off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from accounts.services.showing import without_name
from common.errors import DomainError, InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from live.errors import NotVerified
from live.models import Broadcast, TableItem
from marketplace.models import ForbiddenTerm, Listing
from marketplace.services import offers, stock
from marketplace.wording import find

MAX_ITEMS = 8
TITLE_LENGTH = 40
MAX_AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Laid:
    """What is to lie on the table: packs of a listing, at a live price (fen)."""

    listing_id: int
    price_fen: int
    packs: int


@use_case
def plan_broadcast(
    *, farmer: Farmer, title: str, planned_for: datetime, minutes: int, table: Sequence[Laid], now: datetime
) -> Broadcast:
    """Announce a broadcast and set aside the packs it is to sell; nothing is saved unless there are enough of all.

    Raises NotVerified, what `missing_before_first` finds, NotAllowed for another's listing, InvalidInput (fields "title",
    "planned_for", "table", "price", "packs") and OutOfStock; the last two say by `listing_id` which listing they are about.
    """
    if Farmer.objects.values_list("status", flat=True).get(pk=farmer.pk) != Farmer.Status.VERIFIED:
        raise NotVerified
    if missing := missing_before_first(farmer):
        raise missing
    if not Farmer.objects.filter(pk=farmer.pk, shows_picture=True).exists():
        raise InvalidInput(
            _("You chose not to be seen. Say on “My name and picture” that you may be, first."), field="title"
        )
    check_title(title)
    if planned_for < now - timedelta(minutes=10):
        raise InvalidInput(_("That time is over."), field="planned_for")
    if planned_for > now + MAX_AHEAD:
        raise InvalidInput(_("Please plan no more than 30 days ahead."), field="planned_for")
    if not table:
        raise InvalidInput(_("Please put at least one thing on the table."), field="table")
    if len(table) > MAX_ITEMS:
        raise InvalidInput(_("At most %(most)s things fit on the table."), field="table", most=MAX_ITEMS)
    broadcast = Broadcast.objects.create(
        farmer=farmer,
        title=without_name(title, farmer)[:TITLE_LENGTH],
        planned_for=planned_for,
        minutes=minutes,
        created_at=now,
    )
    _lay_table(broadcast, table, now)
    return broadcast


def missing_before_first(farmer: Farmer) -> DomainError | None:
    """What a farmer has to do before a first broadcast, e.g. a course; it may have a `link`. None who has been on air."""
    if Broadcast.objects.filter(farmer=farmer, started_at__isnull=False).exists():
        return None
    for path in settings.BEFORE_FIRST_BROADCAST:
        try:
            import_string(path)(farmer.user)
        except DomainError as missing:
            return missing
    return None


def check_title(title: str) -> None:
    """Raises InvalidInput (field "title") for one that says what a listing had better not say either."""
    if not title.strip():
        raise InvalidInput(_("Please give it a title."), field="title")
    if found := find(title, ForbiddenTerm.objects.filter(is_active=True)):
        words = title[found[0].start : found[0].end]
        raise InvalidInput(_("Please leave “%(words)s” out: %(why)s"), field="title", words=words, why=found[0].why)


@needs_transaction
def _lay_table(broadcast: Broadcast, table: Sequence[Laid], now: datetime) -> None:
    """Set the slices aside, in the order of the listings; all their lots are locked first, by pk as everywhere."""
    listings = (
        Listing.objects.shown().filter(farmer_id=broadcast.farmer_id).in_bulk([laid.listing_id for laid in table])
    )
    if len(listings) != len(table):
        raise NotAllowed
    stock.lock_open_lots(listings)
    places = {laid.listing_id: place for place, laid in enumerate(table)}
    for laid in sorted(table, key=lambda laid: laid.listing_id):
        try:
            offer = offers.set_aside(
                listing=listings[laid.listing_id], price_fen=laid.price_fen, packs=laid.packs, now=now
            )
        except InvalidInput as refused:
            refused.params["listing_id"] = laid.listing_id
            raise
        TableItem.objects.create(
            broadcast=broadcast, listing_id=laid.listing_id, offer=offer, position=places[laid.listing_id]
        )


@use_case
def call_off(*, broadcast_id: int, farmer: Farmer, now: datetime) -> None:
    """Give the packs back and announce it no more. Raises NotAllowed, WrongState once it has begun."""
    broadcast = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, farmer=farmer).first()
    if broadcast is None:
        raise NotAllowed
    _call_off(broadcast, now)


@use_case
def call_off_forgotten(*, broadcast_id: int, now: datetime) -> None:
    """As call_off, for one whose time passed without anybody going live. Does nothing to any other; safe twice."""
    late = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, status=Broadcast.Status.PLANNED)
    if broadcast := late.filter(planned_for__lte=now - settings.LIVE_LATE_START).first():
        _call_off(broadcast, now)


def _call_off(broadcast: Broadcast, now: datetime) -> None:
    if broadcast.status != Broadcast.Status.PLANNED:
        raise WrongState
    broadcast.status = Broadcast.Status.CALLED_OFF
    broadcast.save(update_fields=["status"])
    offers.close_offers(broadcast.items.values_list("offer_id", flat=True), now)
