"""Asking the provider: a payment whose notification never came is found, and a provider that lies or sleeps does no harm."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from orders.services.paying import release_order
from payments import tasks
from payments.gateways.base import Trade, TradeState
from payments.gateways.sandbox.provider import Decision, decide
from payments.models import GatewayMessage, Payment, Refund, SandboxTrade
from payments.services import querying, start_payment
from tests.payments.stand_in import NO, NO_ANSWER, paid

pytestmark = pytest.mark.django_db


def ask_at(moment) -> None:
    for payment_id in querying.claim_queries(moment):
        querying.ask_provider(payment_id=payment_id, now=moment)


def test_it_asks_after_30_seconds_2_minutes_10_minutes_before_and_after_the_end(payment, provider):
    asked = []
    for second in range(0, 17 * 60, 10):
        before = len(provider.calls)
        ask_at(payment.started_at + timedelta(seconds=second))
        asked += [second] * ("query" in provider.calls[before:])

    # 15 minutes to pay: the fourth comes before the stock is released, the fifth closes the trade
    assert asked == [30, 120, 600, 860, 960]


def test_a_payment_whose_notification_never_came_is_found(order):
    start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now())
    decide(token=SandboxTrade.objects.get().token, decision=Decision.PAY_SILENT, now=timezone.now())

    ask_at(timezone.now() + timedelta(seconds=31))

    order.refresh_from_db()
    assert order.status == "PAID"
    assert Payment.objects.get().status == "SUCCEEDED"


def test_the_task_asks_and_one_bad_payment_stops_no_other(payment, provider, monkeypatch):
    Payment.objects.update(query_at=timezone.now())
    provider.trades = [RuntimeError("odd")]

    assert tasks.query_open_payments() == 1
    assert tasks.query_open_payments() == 0  # claimed: not due again yet


def test_two_askers_do_not_ask_about_the_same_payment(payment):
    moment = payment.query_at

    assert querying.claim_queries(moment) == [payment.pk]
    assert querying.claim_queries(moment) == []


def test_a_provider_that_does_not_answer_changes_nothing_and_is_asked_again(payment, provider):
    provider.trades = [NO_ANSWER, paid()]

    ask_at(payment.started_at + timedelta(seconds=30))
    payment.refresh_from_db()
    assert payment.status == "STARTED"

    ask_at(payment.query_at)
    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"


@pytest.mark.parametrize("lie", [{"amount_fen": 1}, {"currency": "USD"}, {"merchant_id": "else"}, {"reference": "PX"}])
def test_a_provider_that_answers_with_another_trade_is_not_believed(payment, provider, lie):
    provider.trades = [paid(**lie)]

    ask_at(payment.started_at + timedelta(seconds=30))

    payment.refresh_from_db()
    payment.order.refresh_from_db()
    assert (payment.status, payment.order.status) == ("STARTED", "UNPAID")
    assert GatewayMessage.objects.get().outcome == "QUARANTINED"
    assert payment.query_at is None  # a person looks at it


def test_after_the_time_is_over_the_trade_is_closed(payment, provider):
    provider.trades = [Trade(state=TradeState.WAITING), Trade(state=TradeState.CLOSED)]

    ask_at(payment.order.pay_by + timedelta(minutes=2))

    payment.refresh_from_db()
    assert provider.calls == ["query", "close", "query"]
    assert (payment.status, payment.query_at) == ("CLOSED", None)


def test_a_payment_made_between_asking_and_closing_is_not_lost(payment, provider):
    provider.trades = [Trade(state=TradeState.WAITING), paid()]
    provider.closing = NO

    ask_at(payment.order.pay_by + timedelta(minutes=2))

    payment.refresh_from_db()
    assert payment.status == "SUCCEEDED"


def test_a_payment_found_after_release_takes_the_packs_again_or_goes_back(payment, provider):
    order = payment.order
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now())
    release_order(order_id=order.pk, now=timezone.now())
    lot = order.parcels.get().lines.get().lot
    lot.harvested = 1
    lot.held = 1
    lot.save(update_fields=["harvested", "held"])
    provider.trades = [paid()]

    ask_at(timezone.now() + timedelta(minutes=20))

    payment.refresh_from_db()
    assert payment.status == "TO_REFUND"
    assert Refund.objects.get().amount_fen == order.total_fen


def test_a_trade_the_provider_never_heard_of_is_closed_once_the_time_is_over(payment, provider):
    provider.trades = [Trade(state=TradeState.UNKNOWN)]

    ask_at(payment.started_at + timedelta(seconds=30))
    payment.refresh_from_db()
    assert payment.status == "STARTED"

    ask_at(payment.order.pay_by + timedelta(minutes=2))
    payment.refresh_from_db()
    assert payment.status == "CLOSED"
    assert "close" not in provider.calls


def test_a_silent_provider_is_asked_less_and_less_often(payment, provider):
    provider.trades = [NO_ANSWER]
    moment, waits = payment.order.pay_by + timedelta(minutes=2), []
    for _ in range(8):
        ask_at(moment)
        payment.refresh_from_db()
        waits.append(payment.query_at - moment)
        moment = payment.query_at

    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
