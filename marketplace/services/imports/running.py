"""A worker's part: looking at sheets that came in, saving those that were agreed to.

A sheet is claimed with a lapse, so a killed worker's is taken up again. Looking writes nothing but its result. Saving is
one transaction with the sheet's own row in it: whoever comes second finds it done. How far it is goes through the cache,
since nobody sees into a transaction; if that is lost, only the bar is.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer
from common.transactions import needs_transaction, use_case
from marketplace.models import ImportedRow, Listing, SheetImport
from marketplace.services.imports.parsing import Parser
from marketplace.services.imports.planning import make_plan
from marketplace.services.imports.plans import ALREADY, CHANGED, NEW, UNCHANGED, Plan
from marketplace.services.imports.saving import carry_out
from marketplace.sheets.problems import Problem, Unreadable
from marketplace.sheets.reading import Table, read

logger = logging.getLogger(__name__)

CLAIM = timedelta(seconds=150)  # longer than a task may live
MAX_ATTEMPTS = 3
MOST_PROBLEMS = 200
FORGET_AFTER = timedelta(days=3)
Status = SheetImport.Status


def run_next(*, now: datetime) -> bool:
    """Take the next sheet that nobody has, and look at it or save it. False if there is none."""
    sheet = _claim_next(now=now)
    if sheet is None:
        return False
    try:
        if sheet.attempts > MAX_ATTEMPTS:
            raise Unreadable(_("Something went wrong with this file, and nothing was saved. Please try a smaller one."))
        with sheet.file.open("rb") as file:
            table = read(file.read())
        if sheet.status == Status.SAVING:
            save(sheet_id=sheet.pk, table=table, now=timezone.now())
        else:
            plan = make_plan(farmer=sheet.farmer, table=table, now=now, tell=teller(sheet.pk))
            _note_look(sheet_id=sheet.pk, table=table, plan=plan, now=timezone.now())
    except Unreadable as error:
        _refuse(sheet_id=sheet.pk, problems=[error.problem], now=timezone.now())
    except Exception:
        logger.exception("sheet %s, attempt %s", sheet.pk, sheet.attempts)
        _let_go(sheet)  # tried again at the next tick; the attempts are counted
    return True


def teller(sheet_id: int) -> Callable[[int, int], None]:
    """Tells the page how far a sheet is."""

    def tell(done: int, of: int) -> None:
        cache.set(f"sheet-{sheet_id}", (done, of), 600)

    return tell


def progress_of(sheet: SheetImport) -> tuple[int, int]:
    """(done, of): rows looked at or acts carried out; (0, 0) where nobody knows."""
    return cache.get(f"sheet-{sheet.pk}") or (0, 0)


@use_case
def _claim_next(*, now: datetime) -> SheetImport | None:
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    sheet = (
        SheetImport.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("farmer__county")
        .filter(free, status__in=SheetImport.AT_WORK)
        .order_by("uploaded_at", "pk")
        .first()
    )
    if sheet is not None:
        sheet.attempts, sheet.claimed_until = sheet.attempts + 1, now + CLAIM
        sheet.save(update_fields=["attempts", "claimed_until"])
    return sheet


@use_case
def _let_go(sheet: SheetImport) -> None:
    SheetImport.objects.filter(pk=sheet.pk, attempts=sheet.attempts).update(claimed_until=None)


@use_case
def _note_look(*, sheet_id: int, table: Table, plan: Plan, now: datetime) -> None:
    sheet = SheetImport.objects.select_for_update(no_key=True).get(pk=sheet_id)
    if sheet.status == Status.CHECKING:
        _show_plan(sheet, table, plan, now)


@needs_transaction
def _show_plan(sheet: SheetImport, table: Table, plan: Plan, now: datetime) -> None:
    """Keep what a look found, for the farmer to agree to or to mend. The caller holds the sheet."""
    sheet.row_count = len(table.rows)
    sheet.unknown_columns = table.unknown
    sheet.new_count, sheet.changed_count = plan.count(NEW), plan.count(CHANGED)
    sheet.unchanged_count = plan.count(UNCHANGED, ALREADY)
    sheet.plan_digest = plan.digest()
    sheet.preview = [vars(entry) for entry in plan.entries]
    _say_problems(sheet, plan.problems, now)
    if not plan.problems:
        sheet.status = Status.READY
    sheet.claimed_until = None
    sheet.save()


def _say_problems(sheet: SheetImport, problems: list[Problem], now: datetime) -> None:
    sheet.problem_count = len(problems)
    sheet.problems = [problem.as_json() for problem in problems[:MOST_PROBLEMS]]
    if problems:
        sheet.status, sheet.finished_at = Status.REFUSED, now


@use_case
def _refuse(*, sheet_id: int, problems: list[Problem], now: datetime) -> None:
    sheet = SheetImport.objects.select_for_update(no_key=True).get(pk=sheet_id)
    if sheet.status in SheetImport.AT_WORK:
        _say_problems(sheet, problems, now)
        sheet.claimed_until = None
        sheet.save()


@use_case
def save(*, sheet_id: int, table: Table, now: datetime) -> SheetImport:
    """Carry out a sheet that was agreed to: all of it or, when it no longer fits, none. A second run finds it done.

    Locks, in this order: the sheet, the farmer (two sheets of one farmer follow each other), the listings by pk, and
    at the end lots by pk.
    """
    sheet = SheetImport.objects.select_for_update(no_key=True).get(pk=sheet_id)
    if sheet.status != Status.SAVING:
        return sheet
    Farmer.objects.select_for_update(no_key=True).get(pk=sheet.farmer_id)
    own = _lock_listings(sheet.farmer_id, table)
    plan = make_plan(farmer=sheet.farmer, table=table, now=now)
    if plan.problems or plan.digest() != sheet.plan_digest:
        sheet.has_moved_on = True
        _show_plan(sheet, table, plan, now)
        return sheet
    carry_out(plan, sheet=sheet, own=own, now=now, tell=teller(sheet.pk))
    sheet.status, sheet.finished_at, sheet.claimed_until = Status.DONE, now, None
    sheet.save(update_fields=["status", "finished_at", "claimed_until"])
    return sheet


def _lock_listings(farmer_id: int, table: Table) -> dict[int, Listing]:
    """All the farmer's listings that the sheet may touch, by pk, held until the end."""
    rows = Parser(table).rows()
    numbers = {row.get("listing") for row in rows if "listing" in row}
    made = ImportedRow.objects.filter(farmer=farmer_id, digest__in=[row.digest() for row in rows])
    numbers |= set(made.values_list("listing_id", flat=True))
    held = Listing.objects.filter(farmer=farmer_id, pk__in=numbers).select_for_update(of=("self",), no_key=True)
    return {listing.pk: listing for listing in held.select_related("approved_revision").order_by("pk")}


def forget_files(*, now: datetime) -> int:
    """Delete the files of sheets that are through, and throw away those nobody agreed to for days. Returns how many."""
    old = SheetImport.objects.filter(status=Status.READY, uploaded_at__lt=now - FORGET_AFTER)
    old.update(status=Status.DROPPED, finished_at=now)
    through = SheetImport.objects.exclude(file="").filter(status__in=[Status.DONE, Status.REFUSED, Status.DROPPED])
    forgotten = list(through.order_by("uploaded_at")[:50])
    for sheet in forgotten:
        sheet.file.delete(save=False)
        SheetImport.objects.filter(pk=sheet.pk).update(file="")
    return len(forgotten)
