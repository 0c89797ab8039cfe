"""Lots: opening a harvest, saying how much is left, when it was picked, closing it.

Stock is promised and sold elsewhere (services.stock). What the farmer sets here can never take back what is
promised: `left` is added to sold and held inside the one UPDATE, whatever a checkout does at the same moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.codes import new_code
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from marketplace.models import Listing, Lot

CODE_LENGTH = 8
MAX_PACKS = 100_000
MAX_DAYS_AHEAD = 365
MAX_WINDOW_DAYS = 92


@dataclass(frozen=True)
class Harvest:
    """When it was picked, or the window in which it will be (presale), and its grade."""

    grade: str
    picked_on: date | None = None
    expected_from: date | None = None
    expected_until: date | None = None

    def check(self, *, keeps_days: int, now: datetime) -> None:
        """Raises InvalidInput, naming the field, for dates that cannot be right; days are days in China."""
        today = timezone.localdate(now)
        if self.picked_on is not None:
            check_picked_on(self.picked_on, keeps_days=keeps_days, now=now)
        elif self.expected_from is None or self.expected_until is None:
            raise InvalidInput(_("Please say when it was picked, or when you expect to pick it."), field="picked_on")
        elif self.expected_until < today:
            raise InvalidInput(_("That time is over. Please say when it was picked."), field="expected_until")
        elif self.expected_until < self.expected_from:
            raise InvalidInput(_("The last day comes before the first."), field="expected_until")
        elif self.expected_until > today + timedelta(days=MAX_DAYS_AHEAD):
            raise InvalidInput(_("That is more than a year away."), field="expected_until")
        elif (self.expected_until - self.expected_from).days > MAX_WINDOW_DAYS:
            raise InvalidInput(_("Please give a time of three months at most."), field="expected_until")


def check_picked_on(picked_on: date, *, keeps_days: int, now: datetime) -> None:
    """Raises InvalidInput for a day to come, or one so long ago that nothing picked then is still good."""
    today = timezone.localdate(now)
    if picked_on > today:
        raise InvalidInput(_("That day has not come yet."), field="picked_on")
    if picked_on < today - timedelta(days=keeps_days):
        raise InvalidInput(_("That is longer ago than it keeps (%(days)s days)."), field="picked_on", days=keeps_days)


def check_packs(packs: int) -> None:
    """Raises InvalidInput unless 1 to MAX_PACKS."""
    if not 1 <= packs <= MAX_PACKS:
        raise InvalidInput(_("Please give a number from 1 to %(most)s."), field="packs", most=MAX_PACKS)


@needs_transaction
def create_lots(harvests: Sequence[tuple[Listing, int, Harvest]], now: datetime) -> list[Lot]:
    """New lots of (listing, packs, harvest), in that order, in two queries; a step. The caller has checked them."""
    fresh: set[str] = set()
    while len(fresh) < len(harvests):
        fresh |= {new_code(CODE_LENGTH) for _ in range(len(harvests) - len(fresh))}
        fresh -= set(Lot.objects.filter(trace_code__in=fresh).values_list("trace_code", flat=True))
    return Lot.objects.bulk_create(
        Lot(
            listing=listing,
            trace_code=code,
            harvested=packs,
            grade=harvest.grade,
            picked_on=harvest.picked_on,
            expected_from=harvest.expected_from,
            expected_until=harvest.expected_until,
            created_at=now,
        )
        for code, (listing, packs, harvest) in zip(fresh, harvests, strict=True)
    )


@needs_transaction
def create_lot(*, listing: Listing, packs: int, harvest: Harvest, now: datetime) -> Lot:
    """A new lot under a trace code nobody has; a step. The caller has checked packs and harvest."""
    while True:
        lot, is_new = Lot.objects.get_or_create(
            trace_code=new_code(CODE_LENGTH),
            defaults={
                "listing": listing,
                "harvested": packs,
                "grade": harvest.grade,
                "picked_on": harvest.picked_on,
                "expected_from": harvest.expected_from,
                "expected_until": harvest.expected_until,
                "created_at": now,
            },
        )
        if is_new:
            return lot


@use_case
def open_lot(*, listing_id: int, farmer: Farmer, packs: int, harvest: Harvest, now: datetime) -> Lot:
    """Put a new harvest of an approved listing on sale, at once. Raises InvalidInput, NotAllowed, WrongState."""
    listing = Listing.objects.select_for_update(no_key=True).filter(pk=listing_id, farmer=farmer).first()
    if listing is None:
        raise NotAllowed
    return add_lot(listing=listing, packs=packs, harvest=harvest, now=now)


@needs_transaction
def add_lot(*, listing: Listing, packs: int, harvest: Harvest, now: datetime) -> Lot:
    """As open_lot, inside the caller's transaction; a step. The caller holds the listing."""
    if listing.keeps_days is None:  # never approved: its first lot belongs to the wizard
        raise WrongState
    check_packs(packs)
    harvest.check(keeps_days=listing.keeps_days, now=now)
    return create_lot(listing=listing, packs=packs, harvest=harvest, now=now)


@use_case
def set_packs_left(*, lot_id: int, farmer: Farmer, left: int, now: datetime) -> Lot:
    """Say how many packs of an open lot can still be sold. 0 stops it; what is held or sold stays promised.

    Raises InvalidInput (field "left"), NotAllowed, WrongState for a closed lot.
    """
    check_left(left)
    _check_is_theirs(lot_id, farmer)
    set_left(lot_id, left)
    return Lot.objects.get(pk=lot_id)


def check_left(left: int) -> None:
    """Raises InvalidInput unless 0 to MAX_PACKS."""
    if not 0 <= left <= MAX_PACKS:
        raise InvalidInput(_("Please give a number from 0 to %(most)s."), field="left", most=MAX_PACKS)


@needs_transaction
def set_left(lot_id: int, left: int) -> None:
    """As set_packs_left, for a lot known to be the farmer's; a step. Raises WrongState for a closed lot."""
    if not Lot.objects.filter(pk=lot_id, closed_at=None).update(harvested=F("sold") + F("held") + left):
        raise WrongState


@needs_transaction
def add_to_left(lot_id: int, packs: int) -> None:
    """So many packs more (or fewer, down to none left), whatever is sold meanwhile; a step. Raises WrongState.

    For changes made on a list that is hours old: what was sold since stays sold.
    """
    promised = F("sold") + F("held")
    changed = Lot.objects.filter(pk=lot_id, closed_at=None).update(
        harvested=Least(Greatest(F("harvested") + packs, promised), promised + MAX_PACKS)
    )
    if not changed:
        raise WrongState


@use_case
def weigh_lot(*, lot_id: int, farmer: Farmer, grams: int, picked_on: date | None, now: datetime) -> Lot:
    """A whole harvest was put on the scale: as many boxes as it fills, those that are sold already among them.

    `picked_on` says when a presale was picked, and is nothing to one that was. Raises InvalidInput (field "weight") for
    less than a box or than what is promised, NotAllowed, WrongState for a closed lot.
    """
    _check_is_theirs(lot_id, farmer)
    return set_weighed(lot_id, grams=grams, picked_on=picked_on, now=now)


@needs_transaction
def set_weighed(lot_id: int, *, grams: int, picked_on: date | None, now: datetime) -> Lot:
    """As weigh_lot, for a lot known to be the farmer's; a step."""
    lot = Lot.objects.select_related("listing").get(pk=lot_id)
    if lot.listing.pack_grams is None or lot.closed_at is not None:
        raise WrongState
    packs = grams // lot.listing.pack_grams
    if not 1 <= packs <= MAX_PACKS:
        raise InvalidInput(_("That fills no box, or too many. Please check the weight and its unit."), field="weight")
    if picked_on is not None and lot.picked_on is None:
        note_picked(lot_id, picked_on, now)
    if not Lot.objects.filter(pk=lot_id, closed_at=None, sold__lte=packs - F("held")).update(harvested=packs):
        promised = Lot.objects.values_list(F("sold") + F("held"), flat=True).get(pk=lot_id)
        raise InvalidInput(
            _(
                "That makes %(packs)s boxes, and %(promised)s are sold already. Please call the buyers or the specialist."
            ),
            field="weight",
            packs=packs,
            promised=promised,
        )
    lot.refresh_from_db()
    return lot


@use_case
def close_lot(*, lot_id: int, farmer: Farmer, now: datetime) -> None:
    """Sell no more of a lot. Orders that hold some of it go on. Raises NotAllowed, WrongState when closed already."""
    _check_is_theirs(lot_id, farmer)
    if not Lot.objects.filter(pk=lot_id, closed_at=None).update(closed_at=now):
        raise WrongState


@use_case
def mark_picked(*, lot_id: int, farmer: Farmer, picked_on: date, now: datetime) -> None:
    """A presale has been picked. Raises InvalidInput (field "picked_on"), NotAllowed, WrongState."""
    _check_is_theirs(lot_id, farmer)
    note_picked(lot_id, picked_on, now)


@needs_transaction
def note_picked(lot_id: int, picked_on: date, now: datetime) -> None:
    """As mark_picked, for a lot known to be the farmer's; a step."""
    keeps_days = Listing.objects.values_list("keeps_days", flat=True).get(lots=lot_id)
    if keeps_days is None:
        raise WrongState
    check_picked_on(picked_on, keeps_days=keeps_days, now=now)
    if not Lot.objects.filter(pk=lot_id, closed_at=None, picked_on=None).update(picked_on=picked_on):
        raise WrongState


def _check_is_theirs(lot_id: int, farmer: Farmer) -> None:
    if not Lot.objects.filter(pk=lot_id, listing__farmer=farmer).exists():
        raise NotAllowed
