"""Comparing a sheet with what there is: what would be new, changed, unchanged; what cannot be done, at which cell.

A cell changes something only if it says something else than buyers see now and than what already waits for a moderator.
So an export imports again unchanged, and the same sheet sent twice does nothing the second time.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.errors import DomainError, InvalidInput
from marketplace.services import lots
from marketplace.services.imports.changing import plan_own
from marketplace.services.imports.knowing import Known
from marketplace.services.imports.parsing import COLUMN_OF, Parser, Values
from marketplace.services.imports.plans import ALREADY, NEW, ChangeContent, Entry, NewListing, Own, Plan
from marketplace.sheets.reading import Table

CONTENT = ("produce", "weight", "price", "origin", "keeps_days", "words", "photos")
OF_DRAFTS_TOO = (*CONTENT, "left", "picked_on", "expected_from", "expected_until", "grade")


class Planner:
    """One sheet against one farmer's shop."""

    def __init__(self, farmer: Farmer, table: Table, now: datetime) -> None:
        self.farmer, self.now = farmer, now
        self.parser = Parser(table)
        self.plan = Plan()
        self.rows = self.parser.rows()
        wanted = {row.get("listing") for row in self.rows if "listing" in row}
        self.known = Known(farmer, listings=wanted, digests=[row.digest() for row in self.rows])
        self._first: dict[int, Values] = {}
        self._lots: dict[str, int] = {}
        self._digests: dict[str, int] = {}

    def say(self, error: DomainError, row: Values, key: str) -> None:
        """A refusal about one cell."""
        self.parser.say(error, row.row, key)

    def try_to(self, check: Callable[[], Any], row: Values, key: str) -> bool:
        """Whether a check passes; if not, its refusal is kept, at the cell of the field it names (else `key`)."""
        try:
            check()
        except DomainError as error:
            at = error.field or key
            self.say(error, row, COLUMN_OF.get(at, at))
            return False
        return True

    def photos(self, row: Values, has: Collection[int] = ()) -> tuple[int, ...] | None:
        """The ids of the photos a row names, None if it names none (or one that is not there, which is said)."""
        if "photos" not in row:
            return None
        try:
            return tuple(photo.pk for photo in self.known.photos_called(row.get("photos"), has))
        except DomainError as error:
            self.say(error, row, "photos")
            return None

    def is_repeated(self, digest: str, row: Values) -> bool:
        """Whether an earlier row of this sheet says the same; that is said."""
        first = self._digests.setdefault(digest, row.row)
        if first != row.row:
            self.parser.say_about_row(_("This says the same as row %(first)s."), row.row, first=first)
        return first != row.row

    def lot_is_repeated(self, code: str, row: Values) -> bool:
        first = self._lots.setdefault(code, row.row)
        if first != row.row:
            self.say(InvalidInput(_("Row %(first)s is about the same harvest."), first=first), row, "lot")
        return first != row.row


def make_plan(
    *, farmer: Farmer, table: Table, now: datetime, tell: Callable[[int, int], None] = lambda _done, _all: None
) -> Plan:
    """What this sheet would do for this farmer now. Nothing is written. `tell` hears how far it is (done, all).

    Inside a transaction that holds the listings, the plan is what can be carried out.
    """
    planner = Planner(farmer, table, now)
    for done, row in enumerate(planner.rows):
        if done % 50 == 0:
            tell(done, len(planner.rows))
        if "listing" in row:
            _plan_existing(planner, row)
        elif row.row not in planner.parser.bad_rows:
            _plan_new(planner, row)
    planner.plan.problems = sorted(planner.parser.problems, key=lambda problem: (problem.row, problem.column))
    return planner.plan


def _plan_new(planner: Planner, row: Values) -> None:
    digest, harvest = row.digest(), row.harvest
    if planner.is_repeated(digest, row) or harvest is None:
        return
    imported = planner.known.imported.get(digest)
    if imported and (own := planner.known.own.get(imported.listing_id)):
        _plan_imported_before(planner, row, own)
        return
    produce = row.get("produce")
    keeps_days = row.get("keeps_days") or produce.shelf_life_days or 1
    fine = planner.try_to(lambda: lots.check_packs(row.get("left")), row, "left")
    fine &= planner.try_to(lambda: harvest.check(keeps_days=keeps_days, now=planner.now), row, "picked_on")
    photo_ids = planner.photos(row)
    if not fine:
        return
    entry = Entry(row.row, NEW)
    entry.about(produce, row.get("weight"))
    shown = ("price", "left", "picked_on", "expected_from")
    entry.changes = [(key, None, _shown(row.get(key))) for key in shown if key in row]
    if photo_ids is None:
        entry.note(_("No photo yet: it stays a draft until you add one."))
    planner.plan.entries.append(entry)
    planner.plan.acts.append(
        NewListing(
            row=row.row,
            digest=digest,
            produce_id=produce.pk,
            pack_grams=row.get("weight"),
            price_fen=row.get("price"),
            packs=row.get("left"),
            harvest=harvest,
            origin=row.get("origin") or planner.farmer.town,
            keeps_days=keeps_days,
            words=row.get("words", ""),
            photo_ids=photo_ids or (),
        )
    )


def _plan_imported_before(planner: Planner, row: Values, own: Own) -> None:
    """The row made this listing once: nothing again, but photos that were missing then may come now."""
    entry = Entry(row.row, ALREADY, own.listing.pk)
    entry.about(own.newest.produce, own.newest.pack_grams)
    entry.note(_("Imported before, as number %(number)s."), number=own.listing.pk)
    planner.plan.entries.append(entry)
    photo_ids = planner.photos(row)
    if photo_ids and not own.is_approved and not own.newest_photo_ids:
        entry.what = "changed"
        entry.changes.append(("photos", 0, len(photo_ids)))
        planner.plan.acts.append(ChangeContent(row.row, own.listing.pk, {}, photo_ids=photo_ids))


def _plan_existing(planner: Planner, row: Values) -> None:
    number = row.get("listing")
    own = planner.known.own.get(number)
    if own is None:
        planner.say(InvalidInput(_("You have no listing with the number %(number)s."), number=number), row, "listing")
        return
    entry = Entry(row.row, "unchanged", number)
    entry.about(own.newest.produce, own.listing.pack_grams or own.newest.pack_grams)
    planner.plan.entries.append(entry)
    first = planner._first.setdefault(number, row)
    if first is not row:
        _check_agrees(planner, row, first, CONTENT if own.is_approved else OF_DRAFTS_TOO)
    if row.row not in planner.parser.bad_rows:
        plan_own(planner, row, own, entry, is_first=first is row)


def _check_agrees(planner: Planner, row: Values, first: Values, keys: Iterable[str]) -> None:
    for key in keys:
        if key in row and key in first and row.get(key) != first.get(key):
            planner.say(
                InvalidInput(_("Row %(first)s says otherwise about the same listing."), first=first.row), row, key
            )


def _shown(value: Any) -> Any:
    """A value as JSON can keep it and a page can show it."""
    if hasattr(value, "name_zh"):
        return [value.name_zh, value.name_en]
    if isinstance(value, tuple):
        return len(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
