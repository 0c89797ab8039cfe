"""What an import would do: acts to carry out, and what is said about each row. Plain values; nothing is written here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise

from marketplace.models import Listing, ListingRevision, Produce
from marketplace.services.lots import Harvest
from marketplace.sheets.problems import Problem, problem

NEW, CHANGED, UNCHANGED, ALREADY = "new", "changed", "unchanged", "already"


@dataclass(frozen=True)
class NewListing:
    """A listing that is not there yet, with its first harvest. Sent to the moderators if it has photos."""

    row: int
    digest: str
    produce_id: int
    pack_grams: int
    price_fen: int
    packs: int
    harvest: Harvest
    origin: str
    keeps_days: int
    words: str
    photo_ids: tuple[int, ...]


@dataclass(frozen=True)
class ChangeContent:
    """What a moderator has to look at (again): some of produce, words, origin, days, photos; before approval, all."""

    row: int
    listing_id: int
    fields: Mapping[str, Any]
    photo_ids: tuple[int, ...] | None = None
    harvest: Harvest | None = None
    send: bool = True


@dataclass(frozen=True)
class ChangePrice:
    row: int
    listing_id: int
    price_fen: int


@dataclass(frozen=True)
class NewLot:
    row: int
    digest: str
    listing_id: int
    packs: int
    harvest: Harvest


@dataclass(frozen=True)
class ChangeLot:
    """Of a lot on sale: so many more or fewer than at export, or exactly so many left, or when it was picked."""

    row: int
    listing_id: int
    lot_id: int
    more: int | None = None
    left: int | None = None
    picked_on: date | None = None


Act = NewListing | ChangeContent | ChangePrice | NewLot | ChangeLot


@dataclass
class Entry:
    """What the preview says about one row. `changes` are (column key, before, after) in plain values."""

    row: int
    what: str
    listing_id: int | None = None
    produce: tuple[str, str] = ("", "")
    pack_grams: int | None = None
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def note(self, message: str | Promise, **params: Any) -> None:
        self.notes.append((problem(message).template, params))

    def about(self, produce: Produce, pack_grams: int | None) -> None:
        self.produce, self.pack_grams = (produce.name_zh, produce.name_en), pack_grams


@dataclass
class Plan:
    """Everything a sheet would do. With problems, nothing of it is done."""

    acts: list[Act] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def digest(self) -> str:
        """The same for the same acts; what merely was sold meanwhile does not change it."""
        said = [[type(act).__name__, asdict(act)] for act in self.acts]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()

    def count(self, *what: str) -> int:
        return sum(entry.what in what for entry in self.entries)


@dataclass(frozen=True)
class Own:
    """One of the farmer's listings as it stands: the newest revision, and the one that waits or is being written."""

    listing: Listing
    newest: ListingRevision
    photo_ids: tuple[int, ...]
    newest_photo_ids: tuple[int, ...]

    @property
    def pending(self) -> ListingRevision | None:
        return self.newest if self.newest.status in ListingRevision.OPEN else None

    @property
    def is_approved(self) -> bool:
        return self.listing.approved_revision_id is not None
