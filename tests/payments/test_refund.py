"""Money goes back once, exactly, under one reference, and never more than came."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.transactions import use_case
from notifications.models import Notification
from payments import tasks
from payments.errors import RefundExceedsPaid
from payments.gateways.base import RefundAnswer, RefundState
from payments.models import Payment, Refund
from payments.services import cancel_and_refund, refunding
from tests.payments.scene import first_parcel, make_order_of_two, make_paid_order
from tests.payments.stand_in import NO_ANSWER

pytestmark = pytest.mark.django_db

owe = use_case(refunding.owe_refund)


@pytest.fixture
def refund(order):
    """Owed for the cancelled parcel of a paid order."""
    order = make_paid_order(order)
    parcel = first_parcel(order)
    return cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())


def send_at(moment) -> None:
    for refund_id in refunding.claim_refunds(moment):
        refunding.send_refund(refund_id=refund_id, now=moment)


def test_it_is_sent_and_the_buyer_told(refund, provider):
    assert tasks.send_refunds() == 1

    refund.refresh_from_db()
    assert refund.status == "DONE"
    assert provider.sent_refunds == [refund.reference]
    assert Notification.objects.filter(kind="refund_done", recipient=refund.payment.order.buyer).count() == 1


def test_running_the_task_again_sends_nothing(refund, provider):
    tasks.send_refunds()
    assert tasks.send_refunds() == 0

    refunding.send_refund(refund_id=refund.pk, now=timezone.now())
    refunding.finish_refund(refund_id=refund.pk, now=timezone.now())

    assert provider.calls == ["refund"]
    assert Notification.objects.filter(kind="refund_done").count() == 1


def test_after_a_timeout_it_first_asks_and_keeps_its_reference(refund, provider):
    provider.refunding = NO_ANSWER
    send_at(timezone.now())
    refund.refresh_from_db()
    assert (refund.status, refund.last_error) == ("SENT", "no answer: timed out")

    provider.refunding = RefundAnswer(state=RefundState.DONE)
    send_at(refund.next_attempt_at)

    refund.refresh_from_db()
    assert refund.status == "DONE"
    assert provider.calls == ["refund", "query_refund", "refund"]
    assert set(provider.sent_refunds) == {refund.reference}


def test_a_refund_that_went_through_unheard_is_not_sent_again(refund, provider):
    provider.refunding = NO_ANSWER
    send_at(timezone.now())
    refund.refresh_from_db()

    provider.refund_known = RefundAnswer(state=RefundState.DONE)
    send_at(refund.next_attempt_at)

    refund.refresh_from_db()
    assert refund.status == "DONE"
    assert provider.calls == ["refund", "query_refund"]


def test_one_in_the_works_is_asked_about_until_done(refund, provider):
    provider.refunding = RefundAnswer(state=RefundState.PROCESSING)
    send_at(timezone.now())
    for state in (RefundState.PROCESSING, RefundState.DONE):
        refund.refresh_from_db()
        assert refund.status == "SENT"
        provider.refund_known = RefundAnswer(state=state)
        send_at(refund.next_attempt_at)

    refund.refresh_from_db()
    assert (refund.status, len(provider.sent_refunds)) == ("DONE", 1)


def test_a_refused_one_is_parked_and_can_be_sent_again_by_hand(refund, provider):
    provider.refunding = RefundAnswer(state=RefundState.REFUSED, note="balance too low")
    send_at(timezone.now())
    refund.refresh_from_db()
    assert (refund.status, refund.last_error) == ("FAILED", "balance too low")
    send_at(timezone.now() + timedelta(days=30))
    assert provider.calls == ["refund"]

    provider.refunding = RefundAnswer(state=RefundState.DONE)
    assert refunding.retry_refund(refund_id=refund.pk, now=timezone.now())
    send_at(timezone.now())

    refund.refresh_from_db()
    assert refund.status == "DONE"
    assert set(provider.sent_refunds) == {refund.reference}


def test_a_worker_that_died_after_claiming_loses_nothing(refund, provider):
    assert refunding.claim_refunds(timezone.now()) == [refund.pk]  # and then the worker was killed
    assert refunding.claim_refunds(timezone.now()) == []

    refund.refresh_from_db()
    send_at(refund.next_attempt_at)

    refund.refresh_from_db()
    assert refund.status == "DONE"


def test_of_an_order_of_two_only_the_cancelled_parcel_comes_back(provider):
    order = make_paid_order(make_order_of_two())
    parcel, other = order.parcels.order_by("pk")

    refund = cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())

    other.refresh_from_db()
    order.refresh_from_db()
    assert refund.amount_fen == parcel.goods_fen + parcel.postage_fen
    assert refund.amount_fen < order.total_fen
    assert (other.state, other.refunded_fen, order.status) == ("TO_PACK", 0, "PAID")


def test_both_parcels_together_come_back_to_the_fen(provider):
    order = make_paid_order(make_order_of_two())
    for parcel in order.parcels.all():
        cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())

    order.refresh_from_db()
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == order.total_fen
    assert order.status == "CANCELLED"


# --- The guard in the database ---


def row(payment: Payment, fen: int, reference: str) -> Refund:
    return Refund(
        payment=payment,
        reference=reference,
        amount_fen=fen,
        reason="CLAIM",
        parcel=first_parcel(payment.order),
        next_attempt_at=timezone.now(),
        created_at=timezone.now(),
    )


def test_the_database_refuses_more_than_was_paid_whoever_writes(order):
    payment = make_paid_order(order).payments.get()
    row(payment, payment.amount_fen - 1, "A").save()

    with pytest.raises(IntegrityError), transaction.atomic():
        row(payment, 2, "B").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.bulk_create([row(payment, 1, "C"), row(payment, 1, "D")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.update(amount_fen=payment.amount_fen + 1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE payments_refund SET amount_fen = amount_fen + 2")

    row(payment, 1, "E").save()
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == payment.amount_fen


def test_the_service_says_so_in_words(order):
    payment = make_paid_order(order).payments.get()

    with pytest.raises(RefundExceedsPaid):
        owe(
            payment=payment,
            amount_fen=payment.amount_fen + 1,
            reason=Refund.Reason.CLAIM,
            now=timezone.now(),
            parcel=first_parcel(payment.order),
        )
    assert not Refund.objects.exists()


@pytest.mark.parametrize("column", ["amount_fen", "reference", "gateway", "order_id"])
def test_what_a_payment_was_started_for_cannot_be_changed(payment, column):
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        value = {"amount_fen": "1", "reference": "'x'", "gateway": "'x'", "order_id": "order_id + 1"}[column]
        cursor.execute(f"UPDATE payments_payment SET {column} = {value}")  # noqa: S608
