"""What a moderator sees: who waits, what would change, and what is known of the farmer."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, When

from accounts.models import Farmer, User
from marketplace.models import Listing, ListingRevision, ModerationDecision, Photo, Storefront

PAGE_SIZE = 30
Verdict = ModerationDecision.Verdict
_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)


def waiting_revisions(after: tuple[datetime, int] | None = None) -> list[ListingRevision]:
    """Revisions that wait, oldest first, with what a row of the queue shows; after the last of the page before. 1 query."""
    waiting = ListingRevision.objects.filter(status=ListingRevision.Status.WAITING)
    if after:
        at, pk = after
        waiting = waiting.filter(Q(submitted_at__gt=at) | Q(submitted_at=at, pk__gt=pk))
    rows = waiting.select_related("produce", "listing__farmer__county").order_by("submitted_at", "pk")
    return list(rows[:PAGE_SIZE])


def waiting_storefronts() -> list[Storefront]:
    """Storefronts whose proposal waits, oldest first. 1 query."""
    proposed = Storefront.objects.filter(proposed_at__isnull=False)
    return list(proposed.select_related("farmer__county").order_by("proposed_at", "pk")[:PAGE_SIZE])


@dataclass(frozen=True)
class Piece:
    """Some characters of a text: "same", "gone" or "new"."""

    kind: str
    text: str


def words_diff(before: str, after: str) -> list[Piece]:
    """What was taken out of a text and what was put in: by character in Chinese, by word in English."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        pieces += [Piece("gone", "".join(old[i:j]))] if j > i else []
        pieces += [Piece("new", "".join(new[k:m]))] if m > k else []
    return pieces


@dataclass(frozen=True)
class Comparison:
    """A proposed revision beside what buyers see now. `changed` names the fields that differ (none for a new listing)."""

    now: Listing | None
    changed: frozenset[str]
    words: list[Piece]
    photos: list[tuple[Photo, str]]  # with "new" or ""
    gone: list[Photo]
    photos_waiting: int
    photos_refused: int


def compare(revision: ListingRevision) -> Comparison:
    """What approving `revision` would change. 2 queries (1 for a new listing)."""
    listing = revision.listing
    proposed = _photos(revision)
    shown = _photos(listing.approved_revision) if listing.approved_revision else []
    is_new = listing.approved_revision_id is None
    changed = set() if is_new else {name for name in _FIELDS if _value(revision, name) != _value(listing, name)}
    if not is_new and [photo.pk for photo in proposed] != [photo.pk for photo in shown]:
        changed.add("photos")
    shown_ids, proposed_ids = {photo.pk for photo in shown}, {photo.pk for photo in proposed}
    return Comparison(
        now=None if is_new else listing,
        changed=frozenset(changed),
        words=words_diff("" if is_new else listing.words, revision.words),
        photos=[(photo, "" if is_new or photo.pk in shown_ids else "new") for photo in proposed],
        gone=[photo for photo in shown if photo.pk not in proposed_ids],
        photos_waiting=sum(photo.status == Photo.Status.WAITING for photo in proposed),
        photos_refused=sum(photo.status == Photo.Status.REFUSED for photo in proposed),
    )


_FIELDS = ("produce", "pack_grams", "price_fen", "words", "origin", "keeps_days")


def _value(thing: Any, name: str) -> Any:
    return getattr(thing, f"{name}_id" if name == "produce" else name)


def _photos(revision: ListingRevision) -> list[Photo]:
    return [place.photo for place in revision.photo_places.select_related("photo").order_by("position")]


@dataclass(frozen=True)
class Record:
    """What is known of a farmer: how many listings buyers see, and how the moderators decided so far."""

    farmer: Farmer
    live: int
    approved: int
    sent_back: int
    taken_down: int
    last: Sequence[ModerationDecision]


def record_of(farmer: Farmer) -> Record:
    """The farmer's record. 3 queries."""
    decisions = ModerationDecision.objects.filter(Q(listing__farmer=farmer) | Q(storefront__farmer=farmer))
    counts = decisions.aggregate(
        approved=Count("pk", filter=Q(verdict=Verdict.APPROVE)),
        sent_back=Count("pk", filter=Q(verdict__in=[Verdict.ASK_CHANGE, Verdict.REJECT])),
        taken_down=Count("pk", filter=Q(verdict=Verdict.TAKE_DOWN)),
    )
    return Record(
        farmer,
        live=Listing.objects.filter(farmer=farmer, status=Listing.Status.LIVE).count(),
        last=list(decisions.select_related("decided_by", "listing__produce", "revision__produce").order_by("-pk")[:5]),
        **counts,
    )


def next_waiting(moderator: User, after: ListingRevision) -> int | None:
    """The pk of the next revision that waits for this moderator (not of their own people), oldest first; None for none.

    What was sent after the one just decided comes first, so that a moderator goes once through the queue. 1 query.
    """
    payee = Farmer.objects.filter(
        user=moderator,
        payee_kind=OuterRef("listing__farmer__payee_kind"),
        payee_account=OuterRef("listing__farmer__payee_account"),
    )
    waiting = ListingRevision.objects.filter(~Exists(payee), status=ListingRevision.Status.WAITING)
    others = waiting.exclude(listing__farmer__user=moderator).exclude(listing__farmer__ties__user=moderator)
    later = Case(When(submitted_at__gte=after.submitted_at, then=0), default=1, output_field=IntegerField())
    return others.exclude(pk=after.pk).order_by(later, "submitted_at", "pk").values_list("pk", flat=True).first()
