"""The clock is the law: nothing moves but along its table, docs/clock.md shows it, timers run once."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import Posting
from common.errors import DomainError, NotAllowed
from common.transactions import use_case
from notifications.models import Notification
from orders import clock, tasks
from orders.clock import Event, Role, State
from orders.errors import WrongMove
from orders.models import Parcel
from orders.services import parcels
from orders.services.moves import move
from orders.services.paying import release_order
from tests.make import NOON, make_moderator, make_user
from tests.orders.making import cancel_parcel, make_order, make_parcel, mark_paid, post


def test_docs_show_the_clock_as_it_is():
    page = Path(settings.BASE_DIR, "docs", "clock.md").read_text(encoding="utf-8")

    assert page == clock.render(), "out of date: run `manage.py clock --write`"


def test_no_line_stands_twice_and_every_timer_has_its_line():
    assert len(clock.LAW) == len(clock.TABLE)
    for row in clock.TABLE:
        if row.timer:
            assert clock.row_for(row.to, row.timer.event), f"{row.timer.event} can never happen in {row.to}"


def test_every_timer_event_is_the_clocks_alone_and_has_code():
    timed = {row.timer.event for row in clock.TABLE if row.timer}

    assert timed == set(parcels._TIMERS)
    assert all(row.who == {Role.CLOCK} for row in clock.TABLE if row.event in timed)


@pytest.mark.django_db
def test_buttons_follow_the_table():
    parcel = make_parcel()

    assert clock.allowed(parcel, {Role.BUYER}) == {Event.CANCEL}
    assert clock.allowed(parcel, {Role.FARMER}) == {Event.POST, Event.CANCEL}
    assert clock.allowed(parcel, {Role.MODERATOR}) == {Event.CANCEL}
    assert clock.allowed(parcel, set()) == set()


@pytest.mark.django_db
def test_what_is_possible_minds_the_guards_too():
    parcel = make_parcel(State.RECEIVED)
    last = parcel.claim_until - timedelta(seconds=1)

    assert clock.possible(parcel, Event.CLAIM, {Role.BUYER}, last)
    assert not clock.possible(parcel, Event.CLAIM, {Role.BUYER}, parcel.claim_until)
    assert not clock.possible(parcel, Event.CLAIM, {Role.FARMER}, last)
    assert not clock.possible(parcel, Event.AGREE, {Role.FARMER}, last)


@pytest.mark.django_db
def test_a_stranger_moves_nothing():
    parcel = make_parcel()

    for event in Event:
        with pytest.raises(NotAllowed):
            move(parcel_id=parcel.pk, event=event, actor=make_user("stranger"), now=NOON)

    parcel.refresh_from_db()
    assert (parcel.state, parcel.events.count()) == (State.TO_PACK, 1)


@pytest.mark.django_db
def test_the_buyer_cannot_post_and_the_farmer_cannot_receive():
    to_pack, on_the_way = make_parcel(), make_parcel(State.ON_THE_WAY)

    with pytest.raises(NotAllowed):
        parcels.post_parcel(
            parcel_id=to_pack.pk, actor=to_pack.order.buyer, courier="SF", tracking_number="SF1234567890123", now=NOON
        )
    with pytest.raises(NotAllowed):
        parcels.receive_parcel(parcel_id=on_the_way.pk, actor=on_the_way.farmer.user, now=NOON)


@pytest.mark.django_db
def test_a_parcel_not_posted_is_reminded_then_escalated_each_once():
    parcel = make_parcel()
    specialist, elsewhere = make_user("specialist"), make_user("former specialist")
    county = parcel.farmer.county
    Posting.objects.create(specialist=specialist, county=county, starts_on=NOON.date())
    Posting.objects.create(
        specialist=elsewhere, county=county, starts_on=NOON.date() - timedelta(9), ends_on=NOON.date() - timedelta(1)
    )
    due = NOON + timedelta(days=3, minutes=1)

    assert parcels.run_timer(parcel_id=parcel.pk, now=due - timedelta(seconds=1)) is False
    assert parcels.run_timer(parcel_id=parcel.pk, now=due) is True
    assert parcels.run_timer(parcel_id=parcel.pk, now=due) is False
    assert Notification.objects.filter(kind="parcel_post_reminder", recipient=parcel.farmer.user).count() == 1

    assert parcels.run_timer(parcel_id=parcel.pk, now=due + timedelta(days=1)) is True
    assert parcels.run_timer(parcel_id=parcel.pk, now=due + timedelta(days=9)) is False

    parcel.refresh_from_db()
    assert (parcel.state, parcel.is_late, parcel.timer) == (State.TO_PACK, True, "")
    told = Notification.objects.filter(kind="parcel_late").values_list("recipient", flat=True)
    assert set(told) == {parcel.farmer.user_id, parcel.order.buyer_id, specialist.pk}


@pytest.mark.django_db
def test_posting_stops_the_reminder():
    parcel = make_parcel(State.ON_THE_WAY)

    assert parcel.timer == Event.AUTO_RECEIVE
    assert parcels.run_timer(parcel_id=parcel.pk, now=NOON + timedelta(days=4)) is False


@pytest.mark.django_db
def test_a_parcel_posted_long_ago_counts_as_received_and_settles():
    parcel = make_parcel(State.ON_THE_WAY)
    received = NOON + timedelta(days=10, hours=5)

    assert parcels.run_timer(parcel_id=parcel.pk, now=received) is True
    parcel.refresh_from_db()
    assert (parcel.state, parcel.claim_until) == (State.RECEIVED, received + timedelta(hours=48))

    assert parcels.run_timer(parcel_id=parcel.pk, now=received + timedelta(hours=47)) is False
    assert parcels.run_timer(parcel_id=parcel.pk, now=received + timedelta(hours=48)) is True
    parcel.refresh_from_db()
    assert (parcel.state, parcel.settled_at) == (State.SETTLED, received + timedelta(hours=48))
    assert Notification.objects.filter(kind="parcel_settled").get().context["amount_fen"] == parcel.total_fen


@pytest.mark.django_db
def test_a_corrected_number_keeps_the_time_it_counts_as_received():
    parcel = make_parcel(State.ON_THE_WAY)
    before = parcel.timer_at

    parcels.correct_tracking(
        parcel_id=parcel.pk,
        actor=parcel.farmer.user,
        courier="ZTO",
        tracking_number="75 1234 5678 9012",
        now=NOON + timedelta(days=2),
    )

    parcel.refresh_from_db()
    assert (parcel.courier, parcel.tracking_number, parcel.timer_at) == ("ZTO", "75123456789012", before)
    assert Notification.objects.filter(kind="parcel_posted").count() == 2


@pytest.mark.django_db
def test_the_sweep_runs_what_is_due_and_a_bad_row_stops_no_other(monkeypatch, caplog):
    long_ago = timezone.now() - timedelta(days=40)
    bad, good, fresh = make_parcel(now=long_ago), make_parcel(now=long_ago), make_parcel(now=timezone.now())
    remind = parcels._TIMERS[Event.REMIND]

    def stumble(parcel_id, now):
        if parcel_id == bad.pk:
            raise ValueError("a bad row")
        remind(parcel_id, now)

    monkeypatch.setitem(parcels._TIMERS, Event.REMIND, stumble)

    assert tasks.run_parcel_timers() == 1

    assert [parcel.events.filter(event="REMIND").count() for parcel in (bad, good, fresh)] == [0, 1, 0]
    assert f"row {bad.pk}" in caplog.text


class Lives(RuleBasedStateMachine):
    """Parcels pushed about by everybody at any time. What the table does not list must never happen."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.order = make_order(now=NOON)
        self.parcel = self.order.parcels.get()
        self.people = {
            Role.BUYER: self.order.buyer,
            Role.FARMER: self.parcel.farmer.user,
            Role.MODERATOR: make_moderator(),
            None: make_user("stranger"),
        }
        self.seen = [State.PLACED]
        self.given = 0

    def attempt(self, event: Event, role: Role | None, act) -> None:
        before = Parcel.objects.get(pk=self.parcel.pk)
        row = clock.row_for(before.state, event)
        lawful = row is not None and role in row.who
        try:
            act()
        except (DomainError, WrongMove):
            after = Parcel.objects.get(pk=self.parcel.pk)
            assert (after.state, after.timer, after.timer_at) == (before.state, before.timer, before.timer_at)
        else:
            after = Parcel.objects.get(pk=self.parcel.pk)
            if after.events.count() > len(self.seen) - 1:
                assert lawful, f"{role} did {event} in {before.state}"
                assert after.state == row.to
                self.seen.append(after.state)

    @rule(hours=st.integers(1, 120))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def payment_arrives(self) -> None:
        self.attempt(Event.PAY, Role.GATEWAY, lambda: mark_paid(order_id=self.order.pk, now=self.now))

    @rule()
    def time_to_pay_ends(self) -> None:
        self.attempt(Event.RELEASE, Role.CLOCK, lambda: release_order(order_id=self.order.pk, now=self.now))

    @rule(role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]))
    def someone_posts(self, role: Role | None) -> None:
        self.parcel.farmer.user, mine = self.people[role], self.parcel.farmer.user
        try:
            self.attempt(Event.POST, role, lambda: post(self.parcel, now=self.now))
        finally:
            self.parcel.farmer.user = mine

    @rule(role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]))
    def someone_receives(self, role: Role | None) -> None:
        who = self.people[role]
        self.attempt(
            Event.RECEIVE,
            role,
            lambda: parcels.receive_parcel(parcel_id=self.parcel.pk, actor=who, now=self.now),
        )

    @rule(role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]))
    def someone_cancels(self, role: Role | None) -> None:
        who = self.people[role]
        self.attempt(
            Event.CANCEL,
            role,
            lambda: cancel_parcel(parcel_id=self.parcel.pk, actor=who, reason="why", now=self.now),
        )

    @rule(role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]))
    def someone_claims(self, role: Role | None) -> None:
        claim = use_case(parcels.claim_parcel)
        self.attempt(Event.CLAIM, role, lambda: claim(parcel_id=self.parcel.pk, actor=self.people[role], now=self.now))

    @rule(role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]), takes_back=st.booleans())
    def someone_answers_or_takes_it_back(self, role: Role | None, takes_back: bool) -> None:
        event = Event.WITHDRAW if takes_back else Event.DISPUTE
        step = use_case(parcels.withdraw_claim if takes_back else parcels.dispute_claim)
        self.attempt(event, role, lambda: step(parcel_id=self.parcel.pk, actor=self.people[role], now=self.now))

    @rule(
        role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]),
        event=st.sampled_from([Event.AGREE, Event.ACCEPT, Event.DECIDE]),
        back_fen=st.integers(0, 500),
    )
    def someone_ends_the_claim(self, role: Role | None, event: Event, back_fen: int) -> None:
        def end() -> None:
            use_case(parcels.end_claim)(
                parcel_id=self.parcel.pk, event=event, actor=self.people[role], back_fen=back_fen, now=self.now
            )
            self.given = back_fen

        self.attempt(event, role, end)

    @rule()
    def the_timer_is_looked_at(self) -> None:
        timer = Parcel.objects.get(pk=self.parcel.pk).timer
        if timer:
            self.attempt(Event(timer), Role.CLOCK, lambda: parcels.run_timer(parcel_id=self.parcel.pk, now=self.now))

    @rule(event=st.sampled_from(list(Event)), role=st.sampled_from([Role.BUYER, Role.FARMER, Role.MODERATOR, None]))
    def someone_tries_the_raw_move(self, event: Event, role: Role | None) -> None:
        """Only for people and events that the law forbids here: the lawful ones go through their services."""
        row = clock.row_for(Parcel.objects.get(pk=self.parcel.pk).state, event)
        if row is None or role not in row.who:
            who = self.people[role]
            with pytest.raises(DomainError):
                move(parcel_id=self.parcel.pk, event=event, actor=who, now=self.now)

    @invariant()
    def the_record_tells_the_whole_way(self) -> None:
        parcel = Parcel.objects.get(pk=self.parcel.pk)
        events = list(parcel.events.order_by("pk"))
        assert [event.moved_to for event in events] == self.seen[1:]
        assert all(later.moved_from == earlier.moved_to for earlier, later in pairwise(events))
        assert parcel.state == self.seen[-1]
        lot = parcel.lines.get().lot
        kept = parcel.state not in (State.RELEASED, State.CANCELLED)
        assert lot.sold + lot.held == (parcel.lines.get().packs if kept else 0)
        assert parcel.refunded_fen == (parcel.total_fen if parcel.state == State.CANCELLED else self.given)
        assert parcel.state != State.SETTLED or parcel.settled_at


class LivesAfterReceipt(Lives):
    """The same, from where a claim can begin: chance alone seldom gets there."""

    def __init__(self) -> None:
        super().__init__()
        mark_paid(order_id=self.order.pk, now=self.now)
        post(self.parcel, now=self.now)
        parcels.receive_parcel(parcel_id=self.parcel.pk, actor=self.people[Role.BUYER], now=self.now)
        self.seen += [State.TO_PACK, State.ON_THE_WAY, State.RECEIVED]


class TestLives(TestCase):
    def test_no_one_ever_moves_a_parcel_against_the_law(self) -> None:
        self.run_lives(Lives)

    def test_nor_a_claimed_one(self) -> None:
        self.run_lives(LivesAfterReceipt)

    def run_lives(self, lives: type[Lives]) -> None:
        run_state_machine_as_test(
            lives,
            settings=hypothesis_settings(
                max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
