"""Visits and notes about calls: written by whoever is posted to the household's county that day, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Farmer, Posting, User
from accounts.services.postings import lock_posting
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import needs_transaction, use_case
from marketplace.services.kept_photos import Upload, take_photos
from specialists.calls import find_call
from specialists.models import CallNote, Visit, VisitPhoto

MAX_PHOTOS = 6
MAX_DAYS_AHEAD = 180


@needs_transaction
def _household(user: User, farmer_id: int, now: datetime) -> Farmer:
    """A household of one of their counties, not their own. Raises NotAllowed."""
    farmer = Farmer.objects.select_related("user").filter(pk=farmer_id).exclude(user=user).first()
    if farmer is None:
        raise NotAllowed
    lock_posting(user=user, county_id=farmer.county_id, now=now)
    return farmer


@use_case
def plan_visit(*, farmer_id: int, by: User, planned_on: date, aim: str, now: datetime) -> Visit:
    """Say that somebody will go there. Raises NotAllowed, InvalidInput for a day that is past or far ahead, or no aim."""
    farmer = _household(by, farmer_id, now)
    today = timezone.localdate(now)
    if not today <= planned_on <= today + timedelta(days=MAX_DAYS_AHEAD):
        raise InvalidInput(_("Please choose a day from today on, within half a year."), field="planned_on")
    if not aim.strip():
        raise InvalidInput(_("Please say what for."), field="aim")
    return Visit.objects.create(farmer=farmer, planned_by=by, planned_on=planned_on, aim=aim.strip(), planned_at=now)


@use_case
def finish_visit(*, visit_id: int, by: User, note: str, photos: Sequence[Upload], now: datetime) -> Visit:
    """Say how a visit was, with photos that only the county's specialists see. Once: what was noted stays.

    Raises NotAllowed, WrongState for the second time, InvalidInput for no note, too many photos or what is no photo.
    """
    visit = Visit.objects.select_for_update(no_key=True).filter(pk=visit_id).first()
    if visit is None:
        raise NotAllowed
    _household(by, visit.farmer_id, now)
    if visit.done_at is not None:
        raise WrongState
    if not note.strip():
        raise InvalidInput(_("Please write a line or two: how was it?"), field="note")
    if len(photos) > MAX_PHOTOS:
        raise InvalidInput(_("At most %(most)s photos."), field="photos", most=MAX_PHOTOS)
    visit.done_at, visit.done_by, visit.note = now, by, note.strip()
    visit.save(update_fields=["done_at", "done_by", "note"])
    kept = take_photos(user=by, uploads=photos, now=now, is_confined=True)
    VisitPhoto.objects.bulk_create(VisitPhoto(visit=visit, photo=photo) for photo in kept)
    return visit


@use_case
def note_call(*, task: str, by: User, outcome: str, words: str, now: datetime) -> CallNote:
    """Note that somebody was called about a thing, or that it is done (for today). Raises NotAllowed, InvalidInput.

    WrongState if it needs nobody any more, or is none of theirs.
    """
    today = timezone.localdate(now)
    counties = Posting.objects.current(today).filter(specialist=by, specialist__is_active=True).values("county")
    call = find_call(Farmer.objects.filter(county__in=counties).exclude(user=by), task, now)
    if call is None:
        raise WrongState(_("This needs nobody any more."))
    if outcome not in CallNote.Outcome.values:
        raise InvalidInput(_("Please choose one."), field="outcome")
    lock_posting(user=by, county_id=call.farmer.county_id, now=now)
    return CallNote.objects.create(
        farmer=call.farmer, task=call.task, outcome=outcome, words=words.strip(), by=by, at=now
    )
