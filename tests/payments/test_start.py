"""Going to the provider: one payment however often the button is pressed, committed before the provider hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from payments.errors import AlreadyPaid, PaymentNotSetUp, ProviderUnavailable, TimeToPayIsOver
from payments.gateways.base import Trade, TradeState
from payments.models import Payment, SandboxTrade
from payments.services import start_payment
from tests.payments.scene import make_paid_order, make_payment
from tests.payments.stand_in import NO, NO_ANSWER, paid

pytestmark = pytest.mark.django_db


def start(order: Order) -> str:
    return start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now())


def test_pressing_pay_twice_makes_one_payment_and_one_trade(order):
    assert start(order) == start(order)

    payment = Payment.objects.get()
    trade = SandboxTrade.objects.get()
    assert (payment.amount_fen, payment.status) == (order.total_fen, "STARTED")
    assert (trade.reference, trade.amount_fen) == (payment.reference, order.total_fen)
    assert trade.expires_at == order.pay_by


def test_a_strangers_order_cannot_be_paid(order, stranger):
    with pytest.raises(Order.DoesNotExist):
        start_payment(order_id=order.pk, buyer=stranger, now=timezone.now())

    assert not Payment.objects.exists()


def test_a_paid_order_is_not_paid_again(order):
    make_paid_order(order)

    with pytest.raises(AlreadyPaid):
        start(order)
    assert Payment.objects.count() == 1


def test_after_the_last_second_nothing_can_be_started(order):
    for moment in (order.pay_by, order.pay_by + timedelta(hours=1)):
        with pytest.raises(TimeToPayIsOver):
            start_payment(order_id=order.pk, buyer=order.buyer, now=moment)
    start_payment(order_id=order.pk, buyer=order.buyer, now=order.pay_by - timedelta(seconds=1))


def test_without_a_gateway_it_says_so_and_starts_nothing(order, settings):
    settings.PAYMENT_GATEWAY = ""

    with pytest.raises(PaymentNotSetUp):
        start(order)
    assert not Payment.objects.exists()


def test_a_provider_that_does_not_answer_leaves_a_payment_to_go_on_with(order, provider):
    provider.url = NO_ANSWER
    with pytest.raises(ProviderUnavailable):
        start(order)

    provider.url = "https://pay.example/2"
    assert start(order) == "https://pay.example/2"
    assert Payment.objects.get().status == "STARTED"


def test_after_a_failed_trade_a_new_payment_is_started(order, provider):
    first = make_payment(order)
    answers = iter([NO, "https://pay.example/new"])
    provider.create = lambda payment, **_said: _next(answers)
    provider.trades = [Trade(state=TradeState.FAILED)]

    assert start(order) == "https://pay.example/new"

    first.refresh_from_db()
    assert first.status == "FAILED"
    assert Payment.objects.exclude(pk=first.pk).get().status == "STARTED"


def test_a_trade_that_was_paid_without_our_knowing_is_found_out(order, provider):
    provider.url = NO
    provider.trades = [paid()]

    with pytest.raises(AlreadyPaid):
        start(order)

    order.refresh_from_db()
    assert order.status == "PAID"


def _next(answers):
    answer = next(answers)
    if isinstance(answer, Exception):
        raise answer
    return answer
