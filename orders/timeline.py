"""How far a parcel has come, in the words of whoever looks at it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from marketplace.models import Listing
from orders import clock
from orders.clock import Event, Role
from orders.models import OrderLine, Parcel, ParcelEvent, Review
from orders.services.reviews import REVIEWABLE

State = Parcel.State


@dataclass
class Step:
    """One dot of the timeline: `at` None is still to come."""

    words: str | Promise
    at: datetime | None = None
    note: str = ""
    is_now: bool = False


@dataclass
class Reviewable:
    """A listing in a received parcel, and the buyer's review of it if there is one."""

    listing: Listing
    line: OrderLine
    review: Review | None


@dataclass
class BuyersParcel:
    """A parcel as its buyer sees it: timeline, and the buttons that the clock allows."""

    parcel: Parcel
    steps: list[Step]
    can_receive: bool
    can_cancel: bool
    can_claim: bool
    was_claimed: bool
    reviewables: list[Reviewable] = field(default_factory=list)


def buyers_view(parcel: Parcel, now: datetime) -> BuyersParcel:
    """Made of prefetched rows only (queries.order_page): no query."""
    may = clock.allowed(parcel, {Role.BUYER})
    return BuyersParcel(
        parcel,
        list(steps(parcel)),
        can_receive=Event.RECEIVE in may,
        can_cancel=Event.CANCEL in may,
        can_claim=clock.possible(parcel, Event.CLAIM, {Role.BUYER}, now),
        was_claimed=was_claimed(parcel),
        reviewables=list(_reviewables(parcel)),
    )


def steps(parcel: Parcel) -> Iterator[Step]:
    """What has happened, and what comes next on the straight way."""
    events = [event for event in parcel.events.all() if event.event != Event.REMIND]
    for event in events:
        yield Step(words_of(parcel, event), event.happened_at, event.note, is_now=event is events[-1])
    ahead = {
        State.PLACED: [_("Waiting for your payment")],
        State.TO_PACK: [_("The farmer packs and posts it"), _("Received")],
        State.ON_THE_WAY: [_("Received")],
    }
    for words in ahead.get(State(parcel.state), []):
        yield Step(words)


def farmers_steps(parcel: Parcel) -> Iterator[Step]:
    """The same for the farmer: all that has happened, reminders too, and nothing of what is to come."""
    events = list(parcel.events.all())
    for event in events:
        yield Step(words_of(parcel, event), event.happened_at, event.note, is_now=event is events[-1])


def words_of(parcel: Parcel, event: ParcelEvent) -> str | Promise:
    """What happened; what a specialist did for the farmer names both. No query on prefetched events with their actors."""
    if event.event == Event.POST and event.actor is not None and event.actor_id != parcel.farmer.user_id:
        return format_lazy(
            _("Posted by {specialist} for {farmer}"), specialist=str(event.actor), farmer=parcel.farmer.name
        )
    return Event(event.event).label


def was_claimed(parcel: Parcel) -> bool:
    """Whether there is a claim to look at, whatever became of it; from prefetched events."""
    return any(event.event in (Event.CLAIM, Event.SMALL_CLAIM) for event in parcel.events.all())


def _reviewables(parcel: Parcel) -> Iterator[Reviewable]:
    if parcel.state not in REVIEWABLE or parcel.order.paid_at is None:
        return
    written = {review.listing_id: review for review in parcel.reviews.all()}
    seen: set[int] = set()
    for line in parcel.lines.all():
        if line.listing_id not in seen:
            seen.add(line.listing_id)
            yield Reviewable(line.listing, line, written.get(line.listing_id))
