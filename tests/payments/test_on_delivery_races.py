"""Paying on delivery with real threads: promised and released, paid and refused, two promises; one of two comes first."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import QuerySet

from marketplace.models import Hold
from orders import clock
from orders.models import Order
from orders.services.paying import release_order
from payments.errors import NotOnDelivery, PaymentNotSetUp, TimeToPayIsOver
from payments.services import on_delivery, start_payment
from tests.breaking import breaks
from tests.concurrency.racing import at_once, names
from tests.make import make_user
from tests.payments.on_delivery_scene import CHECKS, came, make_offered_order, make_on_the_way, promise, refuse


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_promise_and_expiry_at_once_leave_one_of_them():
    for _round in range(4):
        order = make_offered_order()
        start_payment(order_id=order.pk, buyer=order.buyer, now=order.placed_at, gateway="on_delivery")
        just, over = order.pay_by - timedelta(seconds=1), order.pay_by

        promised, released = at_once(
            partial(on_delivery.promise, order_id=order.pk, buyer=order.buyer, now=just),
            partial(release_order, order_id=order.pk, now=over),
        )

        order.refresh_from_db()
        hold = Hold.objects.get(order_number=order.number)
        if released is True:
            assert isinstance(promised, TimeToPayIsOver)
            assert (order.status, hold.status) == ("RELEASED", "RELEASED")
        else:
            assert (order.status, hold.status) == ("PROMISED", "SOLD")
    assert breaks(CHECKS) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_refused_and_paid_at_once_leave_one_of_them():
    for _round in range(4):
        parcel = make_on_the_way()

        results = at_once(partial(came, parcel), partial(came, parcel), partial(refuse, parcel, parcel.order.buyer))

        status = Order.objects.get(pk=parcel.order_id).status
        assert status in ("PAID", "REFUSED"), results
        assert names(results).count("WrongMove") == (1 if status == "PAID" else 2), results
    assert breaks(CHECKS) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_one_buyer_cannot_promise_more_by_pressing_two_at_once(settings):
    settings.ON_DELIVERY_OPEN = 1
    buyer = make_user("Buyer")
    orders = [make_offered_order(buyer) for _ in range(3)]

    results = at_once(*[partial(promise, order) for order in orders])

    assert Order.objects.filter(status="PROMISED").count() == 1, results
    assert {type(result) for result in results if not isinstance(result, Order)} <= {NotOnDelivery, PaymentNotSetUp}


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_control_without_locks_only_the_database_is_left_to_say_no(monkeypatch):
    parcel, both_inside, row_for = make_on_the_way(), threading.Barrier(2), clock.row_for

    def together(state: str, event: str) -> clock.Row | None:
        both_inside.wait(timeout=20)  # both have read the same by then
        return row_for(state, event)

    monkeypatch.setattr(clock, "row_for", together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)

    results = at_once(partial(came, parcel), partial(refuse, parcel))

    assert "IntegrityError" in names(results), "no lock told the second that it was too late"
