"""What a kind of entry has to say about itself."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Model
from django.utils.functional import Promise

from accounts.models import Farmer
from common.errors import NotAllowed
from field.errors import ChangedMeanwhile, SoAlready
from field.forms import EntryForm
from field.models import Entry
from field.sent import Sent

T = TypeVar("T", bound=Model)


class Kind(Generic[T]):
    """One kind of entry: its form, what it is about, and the one use-case that does it."""

    name: ClassVar[Entry.Kind]
    slug: ClassVar[str]
    words: ClassVar[str | Promise]
    explains: ClassVar[str | Promise]
    nothing: ClassVar[str | Promise]
    form: ClassVar[type[EntryForm]] = EntryForm
    keeps_photos: ClassVar[bool] = True

    def form_for(self, *, own: bool) -> type[EntryForm]:
        """The form for the farmer, or for a specialist who writes for them."""
        return self.form

    def first_values(self, farmer: Farmer) -> dict[str, Any]:
        """What stands in a fresh form."""
        return {}

    def choices(self, farmer: Farmer) -> list[tuple[str, str]]:
        """What an entry of this kind can be about now: (its id and version, its words)."""
        raise NotImplementedError

    def hold(self, sent: Sent) -> T | None:
        """What the entry is about, locked; a step. Raises NotAllowed where it is none of the farmer's."""
        raise NotImplementedError

    def marks(self, thing: T) -> tuple[object, ...]:
        """What must not have changed since the entry was written."""
        raise NotImplementedError

    def rows(self, thing: T) -> list[tuple[str, str]]:
        """How the thing is now, for its writer to compare: (label, value)."""
        raise NotImplementedError

    def can_insist(self, thing: T, sent: Sent) -> bool:
        """Whether the entry can be done all the same, once its writer has seen how the thing is now."""
        raise NotImplementedError

    def is_so(self, thing: T, sent: Sent) -> str | None:
        """What the entry is about (“parcel:3”), if what it says is so already."""
        return None

    def act(self, sent: Sent, now: datetime) -> object:
        """Do it: one call of one use-case."""
        raise NotImplementedError

    def about(self, result: Any) -> str:
        """What was made or changed, from what the use-case gave back."""
        raise NotImplementedError

    def page(self, entry: Entry) -> str:
        """The address at which what was done is seen, by who wrote it."""
        raise NotImplementedError

    def version(self, thing: T) -> str:
        """A short name of how the thing is."""
        return self.sum_of(self.marks(thing))

    @staticmethod
    def sum_of(marks: tuple[object, ...]) -> str:
        return hashlib.sha256(repr(marks).encode()).hexdigest()[:12]

    def value(self, thing: T) -> str:
        """As it stands in the form: which thing, and how it was."""
        return f"{thing.pk}@{self.version(thing)}"

    def compare(self, thing: T, sent: Sent) -> None:
        """Raises ChangedMeanwhile unless the thing is as the entry's writer saw it, SoAlready where there is nothing to do."""
        if about := self.is_so(thing, sent):
            raise SoAlready(about)
        if sent.version != (version := self.version(thing)):
            raise ChangedMeanwhile(self.rows(thing), version=version, can_insist=self.can_insist(thing, sent))


def theirs(found: T | None) -> T:
    """What was found, else NotAllowed."""
    if found is None:
        raise NotAllowed
    return found


def id_of(about: str) -> int:
    """The number in “lot:12”."""
    return int(about.partition(":")[2])
