"""Reads of entries."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from accounts.models import Farmer, User
from field.models import Entry

SHOWN = 20


def person_of(user: User) -> str:
    """A name for this person that a phone may keep, so that what one wrote is never sent in another's name."""
    return salted_hmac("field.person", str(user.pk)).hexdigest()[:16]


def taken_in(farmer: Farmer, by: User) -> QuerySet[Entry]:
    """What arrived and was done for this farmer, newest first: all of it for the farmer, their own for a specialist."""
    done = Entry.objects.filter(farmer=farmer, state=Entry.State.DONE).select_related("farmer", "by")
    if farmer.user_id != by.pk:
        done = done.filter(by=by)
    return done.prefetch_related("photo_places__photo")[:SHOWN]
