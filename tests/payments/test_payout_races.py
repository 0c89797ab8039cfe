"""Payouts in a hurry: two prepare at once, two approve at once, a refund while a batch is prepared."""

import time
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from common.transactions import use_case
from payments.models import Leg, Payout
from payments.services import paying_out
from tests.concurrency.racing import at_once, names
from tests.make import make_farmer, make_finance
from tests.payments.payout_scene import give_back_of, has, make_settled, prepare, sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

THREADS = 4
give_back = use_case(give_back_of)


@pytest.fixture
def people():
    return [make_finance(f"Finance {number}") for number in range(THREADS)]


def test_two_who_prepare_at_once_pay_once(people):
    parcels = [make_settled(make_farmer()) for _ in range(2)]

    results = at_once(*[partial(prepare, person) for person in people])

    assert sorted(names(results)) == ["NothingToPayOut"] * (THREADS - 1) + ["PayoutBatch"]
    assert Payout.objects.count() == 2
    for parcel in parcels:
        assert has(parcel.farmer) == {"payout": Payout.objects.get(farmer=parcel.farmer).amount_fen}


def test_control_without_lock_and_constraint_the_same_money_goes_out_twice(people, monkeypatch):
    farmer = make_settled(make_farmer()).farmer
    index = "CREATE UNIQUE INDEX payout_one_under_way_per_farmer ON payments_payout (farmer_id)"
    plainly = paying_out._make_payout

    def slowly(*args: Any) -> Payout:
        time.sleep(0.5)  # time for the others to read the same
        return plainly(*args)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)
    monkeypatch.setattr(paying_out, "_make_payout", slowly)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX payout_one_under_way_per_farmer")
        try:
            results = at_once(*[partial(prepare, person) for person in people])
            left = has(farmer)
        finally:
            cursor.execute("UPDATE payments_payout SET state = 'DROPPED'")  # or the index could not be made again
            cursor.execute(f"{index} WHERE state IN ('WAITING', 'SENT')")

    assert names(results).count("PayoutBatch") > 1
    assert left["due"] < 0, "more was paid out than there was"


def test_many_who_approve_at_once_approve_once(people):
    make_settled(make_farmer())
    batch = prepare(people[0])

    results = at_once(
        *[partial(paying_out.approve_batch, batch_id=batch.pk, actor=each, now=timezone.now()) for each in people]
    )

    assert names(results).count("PayoutBatch") == 1
    assert set(names(results)) <= {"PayoutBatch", "WrongState", "SecondPersonNeeded"}
    batch.refresh_from_db()
    assert batch.approved_by_id != batch.prepared_by_id


def test_many_who_confirm_at_once_pay_once(people):
    farmer = make_settled(make_farmer()).farmer
    [payout] = sent(people[0], people[1])
    before = Leg.objects.filter(account__kind="PROVIDER").aggregate(fen=Sum("fen"))["fen"]

    results = at_once(
        *[partial(paying_out.confirm_payout, payout_id=payout.pk, actor=each, now=timezone.now()) for each in people]
    )

    assert sorted(names(results)) == ["Payout", *["WrongState"] * (THREADS - 1)]
    assert has(farmer) == {}
    assert Leg.objects.filter(account__kind="PROVIDER").aggregate(fen=Sum("fen"))["fen"] == before - payout.amount_fen


def test_a_refund_while_a_batch_is_prepared_is_counted_once(people):
    """Before or after, never half: what is in the payout and what is taken off the next make up what is the farmer's."""
    for _again in range(3):
        parcel = make_settled(make_farmer())
        whole = sum(has(parcel.farmer).values())

        results = at_once(partial(prepare, people[0]), partial(give_back, parcel, 1000))

        assert names(results) == ["PayoutBatch", "Refund"]
        payout = Payout.objects.get(farmer=parcel.farmer)
        taken_off = -has(parcel.farmer).get("due", 0)
        assert has(parcel.farmer)["payout"] == payout.amount_fen
        assert payout.amount_fen - taken_off == whole - 990
        assert taken_off in (0, 990)
