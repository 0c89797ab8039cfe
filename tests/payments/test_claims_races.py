"""Claims in a hurry: told twice, agreed while decided, taken back while agreed, and the clock against all of them."""

import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from common.errors import DomainError
from orders.models import Parcel, ParcelEvent
from orders.services.parcels import run_timer
from payments.models import Claim, Refund
from payments.services import claim_steps, claiming
from tests.concurrency.racing import at_once, names
from tests.make import make_moderator
from tests.payments.claim_scene import AFTER_THE_ANSWER, claim_on, dispute, make_received

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

THREADS = 6
ENDS = {"AGREED", "DECIDED", "REFUSED"}


def test_a_claim_told_many_times_at_once_is_one_claim():
    parcel = make_received()

    results = names(at_once(*[partial(claim_on, parcel) for _ in range(THREADS)]))

    assert (results.count("Claim"), results.count("ClaimIsOpen")) == (1, THREADS - 1)
    assert Claim.objects.count() == 1
    assert ParcelEvent.objects.filter(event="CLAIM").count() == 1


def ends(claim: Claim, now: Any) -> list[partial]:
    moderator = make_moderator()
    return [
        partial(claiming.agree_to_claim, claim_id=claim.pk, farmer=claim.parcel.farmer.user, now=now),
        partial(claiming.decide_claim, claim_id=claim.pk, moderator=moderator, back_fen=700, reason="r", now=now),
        partial(claiming.decide_claim, claim_id=claim.pk, moderator=moderator, back_fen=0, reason="r", now=now),
        partial(claiming.accept_offer, claim_id=claim.pk, buyer=claim.parcel.order.buyer, now=now),
    ]


def test_agreed_decided_refused_and_accepted_at_once_ends_once():
    for _round in range(4):
        claim = claim_on(make_received())
        dispute(claim, offered_fen=300)

        results = at_once(*ends(claim, timezone.now() + AFTER_THE_ANSWER))

        claim.refresh_from_db()
        parcel = Parcel.objects.get(pk=claim.parcel_id)
        given = sum(Refund.objects.filter(parcel=parcel).values_list("amount_fen", flat=True))
        assert names(results).count("Claim") == 1, results
        assert all(isinstance(result, Claim | DomainError) for result in results), results
        assert claim.state in ENDS
        assert (claim.decided_fen or 0) == parcel.refunded_fen == given


def test_control_without_the_locks_they_break_on_each_other(monkeypatch):
    """The database still holds (a claim that has ended is protected), but people get errors instead of answers."""
    claim = claim_on(make_received())
    dispute(claim, offered_fen=300)
    slow = claim_steps.owe_refund

    def slowly(**what: Any) -> Refund:
        time.sleep(0.2)  # time for the others to read the same
        return slow(**what)

    monkeypatch.setattr(claim_steps, "owe_refund", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)

    results = at_once(*ends(claim, timezone.now() + AFTER_THE_ANSWER))

    assert not all(isinstance(result, Claim | DomainError) for result in results)


def test_taken_back_while_the_farmer_agrees_is_one_of_the_two():
    for _round in range(4):
        claim = claim_on(make_received())
        now = timezone.now()

        results = names(
            at_once(
                partial(claiming.agree_to_claim, claim_id=claim.pk, farmer=claim.parcel.farmer.user, now=now),
                partial(claiming.withdraw_claim, claim_id=claim.pk, buyer=claim.parcel.order.buyer, now=now),
            )
        )

        claim.refresh_from_db()
        state = Parcel.objects.get(pk=claim.parcel_id).state
        assert sorted(results) == ["Claim", "ClaimHasEnded"]
        assert (claim.state, state, Refund.objects.filter(parcel=claim.parcel_id).count()) in {
            ("AGREED", "SETTLED", 1),
            ("WITHDRAWN", "RECEIVED", 0),
        }


def test_the_last_second_against_the_clock_is_claimed_or_settled_and_nothing_between():
    for _round in range(4):
        parcel = make_received()
        last = parcel.claim_until - timedelta(seconds=1)

        results = at_once(
            partial(claim_on, parcel, now=last),
            partial(run_timer, parcel_id=parcel.pk, now=parcel.claim_until),
        )

        parcel.refresh_from_db()
        is_claimed = isinstance(results[0], Claim)
        assert all(isinstance(result, Claim | DomainError | bool) for result in results), results
        assert parcel.state == ("CLAIMED" if is_claimed else "SETTLED")
        assert Claim.objects.filter(parcel=parcel).count() == is_claimed


def test_agreed_while_the_time_to_answer_runs_out_is_agreed_once_whichever_comes_first():
    for _round in range(2):
        claim = claim_on(make_received())
        due = claim.answer_due

        results = at_once(
            partial(claiming.agree_to_claim, claim_id=claim.pk, farmer=claim.parcel.farmer.user, now=due),
            partial(claiming.agree_to_claim, claim_id=claim.pk, farmer=claim.parcel.farmer.user, now=due),
            partial(run_timer, parcel_id=claim.parcel_id, now=due),
        )

        claim.refresh_from_db()
        parcel = Parcel.objects.get(pk=claim.parcel_id)
        assert sorted(names(results[:2])) == ["Claim", "ClaimHasEnded"]
        assert (claim.state, parcel.state, parcel.timer) == ("AGREED", "SETTLED", "")
        assert (
            parcel.refunded_fen
            == sum(Refund.objects.filter(parcel=parcel).values_list("amount_fen", flat=True))
            == 2000
        )
