"""Taking in what phones sent: each entry once, by the use-cases that the shop's own pages call, and by no other way.

The entry's row and what it does are one transaction: there is neither an effect without its row nor a row of something
that did not happen. What an entry is about is locked and compared with what its writer saw before anything is done.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from accounts.models import Farmer, User
from accounts.services.consents import begin_act
from common.errors import DomainError, NotAllowed
from common.transactions import ending_with, needs_transaction, starting_with, use_case
from field.errors import ArrivedAlready, ChangedMeanwhile, KeyTaken, SoAlready
from field.kinds import Kind
from field.models import Entry, EntryPhoto
from field.sent import Sent
from marketplace.services.photos import add_photo

State = Entry.State


class _DoneBefore(Exception):  # the answer was lost on the way, the entry was not
    def __init__(self, entry: Entry) -> None:
        self.entry = entry


def take_entry(kind: Kind[Any], sent: Sent, *, now: datetime) -> Entry:
    """Do what an entry says, once: asked again with the same key and body, it gives what was done the first time.

    Raises KeyTaken for another body under the same key, ChangedMeanwhile where the thing is no longer as its writer saw
    it, and whatever the use-case refuses. What was refused did nothing; it is kept with its reason, but for NotAllowed.
    """
    try:
        with starting_with(partial(_begin, kind, sent, now)), ending_with(partial(_finish, kind, sent, now)):
            kind.act(sent, now)
        return Entry.objects.get(farmer=sent.farmer, key=sent.key)
    except _DoneBefore as before:
        return before.entry
    except SoAlready as so:
        return _note(kind, sent, State.DONE, now, about=so.about)
    except (KeyTaken, NotAllowed, ArrivedAlready):
        raise
    except DomainError as error:
        if not error.passes:
            state = State.CONFLICT if isinstance(error, ChangedMeanwhile) else State.REFUSED
            _note(kind, sent, state, now, problem=error.code)
        raise


def done_before(*, key: UUID, farmer: Farmer, by: User, digest: str) -> Entry | None:
    """The entry under this key, if this very thing was sent by them before and done."""
    return Entry.objects.filter(key=key, farmer=farmer, by=by, digest=digest, state=State.DONE).first()


@use_case
def withdraw_entry(*, key: UUID, kind: Kind[Any], farmer: Farmer, by: User, now: datetime) -> None:
    """The phone throws an entry away of which it doesn't know whether it arrived. Raises ArrivedAlready if it was done.

    Afterwards it never will be, however late the network brings it.
    """
    _retire(Sent(key=key, farmer=farmer, by=by, digest="", made_at=now, values={}), key, kind, now)


@needs_transaction
def _begin(kind: Kind[Any], sent: Sent, now: datetime) -> None:
    """The key is this entry's, its writer may act, and the thing is as they saw it; a step, first in the transaction."""
    if sent.replaces:
        _retire(sent, sent.replaces, kind, now)
    entry = _row(kind, sent, now)
    if entry.state == State.DONE:
        raise _DoneBefore(entry)
    if sent.is_delegated:
        begin_act(farmer_id=sent.farmer.pk, specialist=sent.by, now=now)
    thing = kind.hold(sent)
    if thing is not None:
        kind.compare(thing, sent)


@needs_transaction
def _row(kind: Kind[Any], sent: Sent, now: datetime) -> Entry:
    entry, _ = Entry.objects.select_for_update(no_key=True).get_or_create(
        farmer=sent.farmer,
        key=sent.key,
        defaults={
            "by": sent.by,
            "kind": kind.name,
            "digest": sent.digest,
            "state": State.REFUSED,
            "problem": "unfinished",  # never seen: the transaction ends with another state, or without the row
            "made_at": sent.made_at,
            "received_at": now,
        },
    )
    if entry.by_id != sent.by.pk:
        raise NotAllowed
    if (entry.kind, entry.digest) != (kind.name, sent.digest) or entry.state == State.REPLACED:
        raise KeyTaken
    return entry


@needs_transaction
def _retire(sent: Sent, key: UUID, kind: Kind[Any], now: datetime) -> None:
    """From now on the entry with this key is never done; raises ArrivedAlready if it was. It may not have arrived yet."""
    entry, is_new = Entry.objects.select_for_update(no_key=True).get_or_create(
        farmer=sent.farmer,
        key=key,
        defaults={
            "by": sent.by,
            "kind": kind.name,
            "digest": "",
            "state": State.REPLACED,
            "made_at": sent.made_at,
            "received_at": now,
        },
    )
    if entry.by_id != sent.by.pk:
        raise NotAllowed
    if entry.state == State.DONE:
        raise ArrivedAlready
    if not is_new and entry.state != State.REPLACED:
        entry.state, entry.problem = State.REPLACED, ""
        entry.save(update_fields=["state", "problem"])


@needs_transaction
def _finish(kind: Kind[Any], sent: Sent, now: datetime, result: object) -> None:
    """The entry is done, and its photos are kept; a step, last in the transaction."""
    entry = Entry.objects.get(farmer=sent.farmer, key=sent.key)
    _set(kind, entry, State.DONE, now, about=kind.about(result))
    if not kind.keeps_photos:
        return
    kept = [add_photo(user=sent.by, upload=upload, now=now, is_confined=True) for upload in sent.photos]
    EntryPhoto.objects.bulk_create(EntryPhoto(entry=entry, photo=photo) for photo in kept)


@use_case
def _note(
    kind: Kind[Any], sent: Sent, state: Entry.State, now: datetime, *, about: str = "", problem: str = ""
) -> Entry:
    """Keep how it ended where nothing was done; unless the same entry was done meanwhile, by another request."""
    entry = _row(kind, sent, now)
    if entry.state != State.DONE:
        _set(kind, entry, state, now, about=about, problem=problem)
    return entry


@needs_transaction
def _set(
    kind: Kind[Any], entry: Entry, state: Entry.State, now: datetime, *, about: str = "", problem: str = ""
) -> None:
    entry.state, entry.about, entry.problem, entry.received_at = state, about, problem, now
    entry.link = kind.page(entry) if about else ""
    entry.save(update_fields=["state", "about", "link", "problem", "received_at"])
