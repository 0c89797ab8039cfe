"""The parcel's clock: the one table of what may happen to a parcel, when, by whom, and what then.

It is data. `orders.services.moves.move` obeys it, pages ask `allowed` which buttons to show, timers come from it, and
docs/clock.md is rendered from it (`manage.py clock --write`; a test fails when the page is out of date). A row is here
only when there is code behind it: what a claim says and costs is payments' to keep, its moves are here.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent, User
from orders.models import Order, Parcel

State = Parcel.State
AFTER_THE_REMINDER = timedelta(days=1)


class Event(models.TextChoices):
    """What can happen to a parcel; the labels are the words of its timeline."""

    PAY = "PAY", _("Paid")
    SAY_PAID = "SAY_PAID", _("The buyer says that they have paid the farmer directly")
    DENY = "DENY", _("The farmer sees no money yet")
    PROMISE = "PROMISE", _("To be paid on delivery")
    RELEASE = "RELEASE", _("Not paid in time")
    POST = "POST", _("Posted by the farmer")
    CORRECT = "CORRECT", _("The farmer corrected the tracking number")
    REMIND = "REMIND", _("The farmer was reminded to post it")
    ESCALATE = "ESCALATE", _("Late: the county's specialist was told")
    CANCEL = "CANCEL", _("Cancelled")
    RECEIVE = "RECEIVE", _("Received")
    AUTO_RECEIVE = "AUTO_RECEIVE", _("Counted as received: posted long ago")
    ASK = "ASK", _("Posted long ago: the farmer was asked whether the money came")
    COME = "COME", _("The farmer has the money")
    REFUSE = "REFUSE", _("Not taken: it goes back to the farmer")
    COME_BACK = "COME_BACK", _("It came back well: its boxes are on sale again")
    CLAIM = "CLAIM", _("The buyer said that something was wrong")
    SMALL_CLAIM = "SMALL_CLAIM", _("Something small was wrong: money back at once")
    AGREE = "AGREE", _("The farmer agreed to give money back")
    DISPUTE = "DISPUTE", _("The farmer sees it differently: a moderator decides")
    PASS_ON = "PASS_ON", _("No answer from the farmer: a moderator decides")
    ACCEPT = "ACCEPT", _("The buyer took the farmer's offer")
    DECIDE = "DECIDE", _("A moderator decided")
    WITHDRAW = "WITHDRAW", _("The buyer took the claim back")
    SETTLE = "SETTLE", _("Settled with the farmer")


class Role(models.TextChoices):
    """On whose word. GATEWAY is a payment that was confirmed, CLOCK a time that is over: neither is a person.

    SPECIALIST acts by the farmer's consent, and is nothing to a parcel without it.
    """

    BUYER = "BUYER", _("buyer")
    FARMER = "FARMER", _("farmer")
    SPECIALIST = "SPECIALIST", _("specialist, for the farmer")
    MODERATOR = "MODERATOR", _("moderator")
    GATEWAY = "GATEWAY", _("payment")
    CLOCK = "CLOCK", _("clock")


@dataclass(frozen=True)
class Guard:
    """A condition on the parcel itself beyond its state, and its words for docs/clock.md."""

    words: str
    holds: Callable[[Parcel, datetime], bool]


@dataclass(frozen=True)
class Timer:
    """What happens by itself later: `event` at the time `at(parcel, now)`."""

    event: Event
    words: str
    at: Callable[[Parcel, datetime], datetime]


@dataclass(frozen=True)
class Row:
    """One line of the law. `timer` None means that no timer runs afterwards: the old one goes on only if it says so."""

    state: Parcel.State
    event: Event
    who: frozenset[Role]
    to: Parcel.State
    effect: str
    guard: Guard | None = None
    timer: Timer | None = None
    keeps_timer: bool = False


def _due(event: Event) -> Guard:
    """The parcel's timer names this event and has run out."""
    return Guard(
        "its timer has run out",
        lambda parcel, now: parcel.timer == event and parcel.timer_at is not None and parcel.timer_at <= now,
    )


_UNPAID = Guard("the time to pay is over", lambda parcel, now: parcel.order.pay_by <= now)
_TO_PAY = Guard("there is still time to pay", lambda parcel, now: parcel.order.pay_by > now)
_TRACKED = Guard(
    "courier and tracking number are given", lambda parcel, now: bool(parcel.courier and parcel.tracking_number)
)

_PROMISED = Guard("it is to be paid on delivery", lambda parcel, now: parcel.order.status == Order.Status.PROMISED)
_ARRIVED = Guard(
    "its timer has run out, and it is paid",
    lambda parcel, now: _due(Event.AUTO_RECEIVE).holds(parcel, now) and not _PROMISED.holds(parcel, now),
)
_SILENT = Guard(
    "the same, and it is to be paid on delivery",
    lambda parcel, now: _due(Event.AUTO_RECEIVE).holds(parcel, now) and _PROMISED.holds(parcel, now),
)
_IN_TIME = Guard(
    "before `claim_until`", lambda parcel, now: parcel.claim_until is not None and now < parcel.claim_until
)
_HEARD = Guard(
    "the farmer has answered, or the time to answer is over",
    lambda parcel, now: parcel.timer_at is None or parcel.timer_at <= now,
)

_REMIND = Timer(Event.REMIND, "at `post_by`", lambda parcel, now: parcel.post_by or now)
_ESCALATE = Timer(Event.ESCALATE, "a day after the reminder", lambda parcel, now: now + AFTER_THE_REMINDER)
_AUTO_RECEIVE = Timer(
    Event.AUTO_RECEIVE,
    "`AUTO_RECEIVE_AFTER` after posting",
    lambda parcel, now: (parcel.posted_at or now) + settings.AUTO_RECEIVE_AFTER,
)
_SETTLE = Timer(Event.SETTLE, "at `claim_until`", lambda parcel, now: parcel.claim_until or now)
_PASS_ON = Timer(
    Event.PASS_ON, "`CLAIM_ANSWER_TIME` after the claim", lambda parcel, now: now + settings.CLAIM_ANSWER_TIME
)

_BUYER, _FARMER = frozenset({Role.BUYER}), frozenset({Role.FARMER})
_MODERATOR = frozenset({Role.MODERATOR})
_CLOCK, _GATEWAY = frozenset({Role.CLOCK}), frozenset({Role.GATEWAY})

TABLE: tuple[Row, ...] = (
    Row(
        State.PLACED, Event.PAY, _GATEWAY, State.TO_PACK, timer=_REMIND,
        effect="held packs are sold; `post_by` is set; the farmer is told what to pack",
    ),
    Row(
        State.PLACED, Event.SAY_PAID, _BUYER, State.PLACED, guard=_TO_PAY,
        effect="paid with the farmer's own code: packs are kept `OFFLINE_CONFIRM_TIME`; the farmer is asked to look",
    ),
    Row(
        State.PLACED, Event.DENY, _FARMER, State.PLACED, guard=_TO_PAY,
        effect="no money came: packs are kept `TIME_TO_PAY` from now; the buyer is told",
    ),
    Row(
        State.PLACED, Event.PROMISE, _BUYER, State.TO_PACK, guard=_TO_PAY, timer=_REMIND,
        effect="to be paid on delivery, one farmer's parcel: else as if it were paid, and no money is booked",
    ),
    Row(
        State.PLACED, Event.RELEASE, _CLOCK, State.RELEASED, guard=_UNPAID,
        effect="held packs go back on sale; the buyer is told",
    ),
    Row(
        State.RELEASED, Event.PAY, _GATEWAY, State.TO_PACK, timer=_REMIND,
        effect="paid late: the packs are taken again, else no move and the money goes back; then as when paid in time",
    ),
    Row(
        State.TO_PACK, Event.POST, _FARMER | {Role.SPECIALIST}, State.ON_THE_WAY, guard=_TRACKED, timer=_AUTO_RECEIVE,
        effect="the buyer is told courier and tracking number; the farmer too, if a specialist did it for them",
    ),
    Row(
        State.ON_THE_WAY, Event.CORRECT, _FARMER, State.ON_THE_WAY, guard=_TRACKED, timer=_AUTO_RECEIVE,
        effect="a mistyped tracking number is put right; the buyer is told the new one",
    ),
    Row(
        State.TO_PACK, Event.REMIND, _CLOCK, State.TO_PACK, guard=_due(Event.REMIND), timer=_ESCALATE,
        effect="the farmer is reminded",
    ),
    Row(
        State.TO_PACK, Event.ESCALATE, _CLOCK, State.TO_PACK, guard=_due(Event.ESCALATE),
        effect="late: on the specialist's list; farmer and specialist are told, the buyer that they may cancel",
    ),
    Row(
        State.TO_PACK, Event.CANCEL, frozenset({Role.BUYER, Role.FARMER, Role.MODERATOR}), State.CANCELLED,
        effect="packs go back on sale, the buyer's money, if any came, goes back; the other side is told why",
    ),
    Row(
        State.ON_THE_WAY, Event.RECEIVE, _BUYER, State.RECEIVED, timer=_SETTLE,
        effect="`claim_until` is set; the farmer is told",
    ),
    Row(
        State.ON_THE_WAY, Event.AUTO_RECEIVE, _CLOCK, State.RECEIVED, guard=_ARRIVED, timer=_SETTLE,
        effect="`claim_until` is set; the buyer is told",
    ),
    Row(
        State.ON_THE_WAY, Event.ASK, _CLOCK, State.ON_THE_WAY, guard=_SILENT,
        effect="no time makes money: it does not count as received; the farmer is asked whether the money came",
    ),
    Row(
        State.ON_THE_WAY, Event.COME, _GATEWAY, State.RECEIVED, guard=_PROMISED, timer=_SETTLE,
        effect="the farmer has the money: it is paid, and here; `claim_until` is set; the buyer is told",
    ),
    *(
        Row(
            state, Event.COME, _GATEWAY, state, guard=_PROMISED, keeps_timer=True,
            effect="the farmer has the money: it is paid; the buyer is told",
        )
        for state in (State.RECEIVED, State.CLAIMED, State.SETTLED)
    ),
    Row(
        State.ON_THE_WAY, Event.REFUSE, _BUYER | _FARMER, State.REFUSED, guard=_PROMISED,
        effect="not taken at the door, for good; the other side is told; its packs stay sold until they are back",
    ),
    Row(
        State.REFUSED, Event.COME_BACK, _FARMER, State.REFUSED,
        effect="the farmer has them again, as good as new: packs go back on sale, once",
    ),
    Row(
        State.RECEIVED, Event.SETTLE, _CLOCK, State.SETTLED, guard=_due(Event.SETTLE),
        effect="nothing can be claimed any more; the farmer is told",
    ),
    Row(
        State.RECEIVED, Event.CLAIM, _BUYER, State.CLAIMED, guard=_IN_TIME, timer=_PASS_ON,
        effect="settling waits; the farmer is told what is wrong and asked to answer",
    ),
    Row(
        State.RECEIVED, Event.SMALL_CLAIM, _BUYER, State.RECEIVED, guard=_IN_TIME, timer=_SETTLE,
        effect="counted, with photos and below `CLAIMS_AT_ONCE_FEN`: it goes back at once; the farmer is told",
    ),
    Row(
        State.CLAIMED, Event.AGREE, _FARMER, State.SETTLED,
        effect="what the buyer asked for goes back; the buyer is told",
    ),
    Row(
        State.CLAIMED, Event.DISPUTE, _FARMER, State.CLAIMED,
        effect="the farmer's side, once, perhaps with an offer; it is the moderators' now; they and the buyer are told",
    ),
    Row(
        State.CLAIMED, Event.PASS_ON, _CLOCK, State.CLAIMED, guard=_due(Event.PASS_ON),
        effect="no answer: it is the moderators' now; all three are told",
    ),
    Row(
        State.CLAIMED, Event.ACCEPT, _BUYER, State.SETTLED,
        effect="what the farmer offered goes back; the farmer is told",
    ),
    Row(
        State.CLAIMED, Event.DECIDE, _MODERATOR, State.SETTLED, guard=_HEARD,
        effect="all of what was asked goes back, a part, or nothing, with a reason that both sides are told",
    ),
    Row(
        State.CLAIMED, Event.WITHDRAW, _BUYER, State.RECEIVED, timer=_SETTLE,
        effect="as if nothing had been claimed, with no more time than before; the farmer is told",
    ),
)  # fmt: skip

LAW: dict[tuple[str, str], Row] = {(row.state, row.event): row for row in TABLE}


def row_for(state: str, event: str) -> Row | None:
    """The line of the law for an event in a state; None where it cannot happen."""
    return LAW.get((state, event))


def roles(parcel: Parcel, user: User | None, consent: Consent | None = None) -> frozenset[Role]:
    """What someone is to a parcel. None stands for no person: the clock, or a payment that was confirmed.

    `consent` is one that stands, of this farmer and to this person; who brings it has made sure of its county and day.
    """
    if user is None:
        return frozenset({Role.CLOCK, Role.GATEWAY})
    found = {
        Role.BUYER: parcel.order.buyer_id == user.pk,
        Role.FARMER: parcel.farmer.user_id == user.pk,
        Role.SPECIALIST: consent is not None
        and (consent.state, consent.farmer_id, consent.specialist_id) == ("STANDS", parcel.farmer_id, user.pk),
        Role.MODERATOR: user.is_moderator,
    }
    return frozenset(role for role, is_so in found.items() if is_so)


def allowed(parcel: Parcel, as_roles: Collection[Role]) -> frozenset[Event]:
    """Which events these roles could bring about now: what a page shows buttons for (guards on input aside)."""
    return frozenset(row.event for row in TABLE if row.state == parcel.state and row.who & frozenset(as_roles))


def possible(parcel: Parcel, event: Event, as_roles: Collection[Role], now: datetime) -> bool:
    """Whether these roles could bring this about at this very moment, its guard included."""
    row = row_for(parcel.state, event)
    return bool(row and row.who & frozenset(as_roles) and (row.guard is None or row.guard.holds(parcel, now)))


def render() -> str:
    """docs/clock.md: the table and its diagram, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# The parcel's clock"
    yield ""
    yield "Rendered from `orders/clock.py` by `manage.py clock --write`; change it there. What is not in this table"
    yield "cannot happen. Who: a *gateway* is a confirmed payment, the *clock* a time that is over. Time to pay:"
    yield "`TIME_TO_PAY`; to post: `DAYS_TO_POST` (presale: after the harvest); to claim: `CLAIM_WINDOW`; to answer a"
    yield "claim: `CLAIM_ANSWER_TIME`. A *specialist* acts by the farmer's consent alone (docs/specialists.md)."
    yield ""
    yield "| State | Event | Who | Only if | Then | Timer | Effect |"
    yield "|---|---|---|---|---|---|---|"
    for row in TABLE:
        who = ", ".join(role.lower() for role in Role.values if role in row.who)
        guard = row.guard.words if row.guard else ""
        timer = f"{row.timer.event.lower()} {row.timer.words}" if row.timer else "as before" if row.keeps_timer else ""
        yield f"| {row.state} | {row.event.lower()} | {who} | {guard} | {row.to} | {timer} | {row.effect} |"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.PLACED}: order placed"
    for row in TABLE:
        who = " / ".join(role.lower() for role in Role.values if role in row.who)
        yield f"    {row.state} --> {row.to}: {row.event.lower()} ({who})"
    for state in State.values:
        if state in {row.to for row in TABLE} and state not in {row.state for row in TABLE}:
            yield f"    {state} --> [*]"
    yield "```"
