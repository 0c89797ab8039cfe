"""A claim is taken back, meets money that went back before, and is held by the database whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from common.transactions import use_case
from orders.errors import WrongMove
from orders.models import Parcel
from orders.services.parcels import end_claim, run_timer
from payments.errors import (
    ClaimHasEnded,
    RefundExceedsPaid,
    TooLateToClaim,
)
from payments.models import Claim, Refund
from payments.services import claiming, refunding
from tests.payments.claim_scene import (
    HOUR,
    agree,
    claim_on,
    decide,
    dispute,
    stands,
    told,
)

pytestmark = pytest.mark.django_db

owe = use_case(refunding.owe_refund)


# --- Taking it back ---


def test_taken_back_in_time_it_can_be_claimed_again_but_the_time_is_not_longer(parcel):
    first = claim_on(parcel)
    claiming.withdraw_claim(claim_id=first.pk, buyer=parcel.order.buyer, now=timezone.now() + HOUR)

    before = parcel.claim_until
    parcel.refresh_from_db()
    assert (parcel.state, parcel.timer, parcel.timer_at) == ("RECEIVED", "SETTLE", before)
    assert len(told("claim_withdrawn", parcel.farmer.user)) == 1
    second = claim_on(parcel, asked_fen=500, now=timezone.now() + 2 * HOUR)
    assert len(told("claim_opened", parcel.farmer.user)) == 2

    with pytest.raises(ClaimHasEnded):  # the farmer's page still showed the first one
        agree(first)
    assert stands(second) == ("CLAIMED", 0, 0)


def test_taken_back_after_the_window_it_settles_at_the_next_look(parcel, claim):
    late = parcel.claim_until + HOUR
    claiming.withdraw_claim(claim_id=claim.pk, buyer=parcel.order.buyer, now=late)

    with pytest.raises(TooLateToClaim):
        claim_on(parcel, now=late)
    assert run_timer(parcel_id=parcel.pk, now=late) is True

    assert stands(claim) == ("SETTLED", 0, 0)


def test_only_the_buyer_takes_it_back(claim):
    with pytest.raises(NotAllowed):
        claiming.withdraw_claim(claim_id=claim.pk, buyer=claim.parcel.farmer.user, now=timezone.now())

    assert stands(claim) == ("CLAIMED", 0, 0)


# --- Money that went back before ---


def test_what_was_given_back_before_cannot_be_asked_for_again(parcel):
    given = parcel.total_fen - 1500
    Parcel.objects.filter(pk=parcel.pk).update(refunded_fen=given)

    with pytest.raises(InvalidInput):
        claim_on(parcel, asked_fen=1501)

    claim = claim_on(parcel, asked_fen=None)
    assert claim.asked_fen == 1500
    agree(claim)
    assert Parcel.objects.get().refunded_fen == parcel.total_fen


def test_an_earlier_refund_of_the_payment_bounds_what_a_claim_gives_back(parcel):
    """Goodwill the parcel knows nothing of: the trigger adds up all refunds, and all of the agreement is undone."""
    payment = parcel.order.payments.get()
    owe(payment=payment, amount_fen=1000, reason=Refund.Reason.CLAIM, now=timezone.now(), parcel=parcel)
    claim = claim_on(parcel, asked_fen=None)

    with pytest.raises(RefundExceedsPaid):
        agree(claim)

    claim.refresh_from_db()
    assert (claim.state, claim.refund) == ("OPEN", None)
    assert Parcel.objects.values_list("state", "refunded_fen").get() == ("CLAIMED", 0)
    assert Refund.objects.get().amount_fen == 1000
    dispute(claim, offered_fen=payment.amount_fen - 1000)
    claiming.accept_offer(claim_id=claim.pk, buyer=parcel.order.buyer, now=timezone.now())
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == payment.amount_fen


# --- What the database itself refuses, whoever writes ---


@pytest.mark.parametrize(
    "broken",
    [
        {"asked_fen": 0},
        {"asked_fen": 10**8},
        {"words": ""},
        {"state": "AGREED"},
        {"state": "REFUSED"},
        {"decided_fen": 100},
        {"offered_fen": 100},
        {"answer": "没有时间"},
    ],
)
def test_no_half_claim_can_be_stored(parcel, broken):
    now = timezone.now()
    whole = {"parcel": parcel, "kind": "OTHER", "words": "x", "asked_fen": 100, "opened_at": now, "answer_due": now}

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(**whole | broken)

    assert Claim.objects.create(**whole)


def test_two_open_claims_on_one_parcel_cannot_be_stored(claim):
    now = timezone.now()

    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(
            parcel_id=claim.parcel_id, kind="OTHER", words="x", asked_fen=1, opened_at=now, answer_due=now
        )


@pytest.mark.parametrize(
    "change", ["words = 'other'", "asked_fen = 1", "answer_due = now()", "parcel_id = parcel_id + 1"]
)
def test_what_the_buyer_said_never_changes(claim, change):
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE payments_claim SET {change}")  # noqa: S608 - fixed words


def test_an_ended_claim_is_neither_changed_nor_deleted(claim, moderator):
    decide(claim, moderator, 0)

    for change in ("UPDATE payments_claim SET reason = 'other'", "DELETE FROM payments_claim"):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_a_claim_ends_by_the_clock_only(parcel):
    """orders' own step refuses what the table does not have, whatever payments believes."""
    with pytest.raises(WrongMove):
        use_case(end_claim)(
            parcel_id=parcel.pk, event="AGREE", actor=parcel.farmer.user, back_fen=1, now=timezone.now()
        )

    assert Parcel.objects.get().refunded_fen == 0
