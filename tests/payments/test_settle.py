"""A provider's word is applied once, only when it matches what we asked for, and never silently too late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.services.stock import hold_stock
from notifications.models import Notification
from orders.models import Order, Parcel
from orders.services.paying import release_order
from payments.gateways.base import FailedEvent
from payments.models import GatewayMessage, Payment, Refund
from payments.services import settle
from payments.services.settling import record_failure
from tests.make import make_listing
from tests.payments.scene import make_order, make_payment, paid_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing():
    return make_listing(packs=5)


@pytest.fixture
def order(listing):
    return make_order({listing: 2})


@pytest.fixture
def payment(order):
    return make_payment(order)


def released(order: Order) -> Order:
    """The time to pay is over and the clock has let the packs go."""
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))
    assert release_order(order_id=order.pk, now=timezone.now())
    order.refresh_from_db()
    return order


def told(order: Order) -> list[str]:
    return sorted(Notification.objects.filter(recipient=order.buyer).values_list("kind", flat=True))


def unchanged(payment: Payment) -> bool:
    payment.refresh_from_db()
    payment.order.refresh_from_db()
    return (payment.status, payment.trade_number, payment.order.status) == ("STARTED", "", "UNPAID") and not (
        Refund.objects.exists()
    )


def test_a_paid_order_is_packed_and_everyone_told(listing, order, payment):
    message = settle(paid_event(payment), timezone.now())

    payment.refresh_from_db()
    order.refresh_from_db()
    lot = listing.lots.get()
    assert message.outcome == "APPLIED"
    assert (payment.status, payment.trade_number, payment.query_at) == ("SUCCEEDED", f"SBX{payment.pk}", None)
    assert (order.status, order.parcels.get().state) == ("PAID", "TO_PACK")
    assert (lot.sold, lot.held) == (2, 0)
    assert "order_paid" in told(order)
    assert Notification.objects.filter(recipient=listing.farmer.user, kind="parcel_to_pack").count() == 1


def test_the_same_message_again_changes_nothing(order, payment):
    first = settle(paid_event(payment), timezone.now())
    before = Notification.objects.count()

    again = settle(paid_event(payment), timezone.now())

    assert again.pk == first.pk
    assert (GatewayMessage.objects.count(), Notification.objects.count()) == (1, before)


def test_the_same_trade_under_another_event_changes_nothing(order, payment):
    settle(paid_event(payment), timezone.now())

    message = settle(paid_event(payment, event_id="query:1"), timezone.now())

    assert message.outcome == "NO_CHANGE"
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"amount_fen": 1}, "another amount"),
        ({"amount_fen": 10_761}, "another amount"),
        ({"amount_fen": 0}, "another amount"),
        ({"amount_fen": -10_760}, "another amount"),
        ({"currency": "USD"}, "another currency"),
        ({"currency": ""}, "another currency"),
        ({"merchant_id": "somebody-else"}, "another merchant"),
        ({"reference": "P20261124NOBODYS"}, "unknown reference"),
        ({"gateway": "alipay"}, "unknown reference"),
    ],
)
def test_what_does_not_match_is_kept_and_changes_nothing(payment, change, note):
    message = settle(paid_event(payment, **change), timezone.now())

    assert message.outcome == "QUARANTINED"
    assert message.note.startswith(note)
    assert unchanged(payment)


def test_a_trade_of_another_order_pays_nothing(listing, payment):
    other = make_payment(make_order({listing: 2}))
    settle(paid_event(other, trade_number="SBX-SHARED"), timezone.now())

    message = settle(paid_event(payment, trade_number="SBX-SHARED"), timezone.now())

    assert message.outcome == "QUARANTINED"
    assert unchanged(payment)


def test_paid_after_release_takes_the_stock_again_if_there_is_any(listing, order, payment):
    released(order)
    assert listing.lots.get().held == 0

    settle(paid_event(payment), timezone.now())

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.status, listing.lots.get().sold) == ("PAID", "SUCCEEDED", 2)
    assert not Refund.objects.exists()


def test_paid_after_release_with_nothing_left_goes_back(listing, order, payment):
    released(order)
    lot = listing.lots.get()
    lot.harvested = lot.sold + 1  # one of the two packs
    lot.save(update_fields=["harvested"])

    settle(paid_event(payment), timezone.now())

    order.refresh_from_db()
    payment.refresh_from_db()
    lot.refresh_from_db()
    refund = Refund.objects.get()
    assert (order.status, payment.status, lot.sold, lot.held) == ("RELEASED", "TO_REFUND", 0, 0)
    assert (refund.amount_fen, refund.reason, refund.status) == (order.total_fen, "PAID_LATE", "DUE")
    assert "payment_late_refund" in told(order)
    assert "order_paid" not in told(order)


def test_of_two_lots_none_is_kept_when_the_other_is_gone():
    first, second = make_listing(packs=5), make_listing(packs=1)
    order = make_order({first: 2, second: 1})
    payment = make_payment(order)
    released(order)
    hold_stock(order_number="OTHER", wanted={second.pk: 1}, now=timezone.now(), expires_at=order.pay_by)

    settle(paid_event(payment), timezone.now())

    assert (first.lots.get().held, first.lots.get().sold) == (0, 0)
    assert Refund.objects.get().amount_fen == order.total_fen
    assert set(Parcel.objects.filter(order=order).values_list("state", flat=True)) == {"RELEASED"}


def test_a_second_trade_of_the_same_payment_goes_back_alone(order, payment):
    settle(paid_event(payment), timezone.now())

    settle(paid_event(payment, trade_number="SBX-2", event_id="2"), timezone.now())
    settle(paid_event(payment, trade_number="SBX-2", event_id="3"), timezone.now())

    payment.refresh_from_db()
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (payment.status, order.status) == ("SUCCEEDED", "PAID")
    assert (refund.reason, refund.amount_fen, refund.payment.trade_number) == ("PAID_TWICE", order.total_fen, "SBX-2")
    assert refund.payment != payment
    assert "payment_twice_refund" in told(order)


def test_a_second_payment_of_the_same_order_goes_back(order, payment):
    record_failure(FailedEvent(gateway="sandbox", event_id="f", reference=payment.reference), timezone.now())
    second = make_payment(order)
    assert second != payment
    settle(paid_event(second), timezone.now())

    settle(paid_event(payment), timezone.now())

    payment.refresh_from_db()
    assert payment.status == "TO_REFUND"
    assert Refund.objects.get().payment == payment


def test_a_failed_payment_leaves_the_order_to_be_paid_again(order, payment):
    message = record_failure(FailedEvent(gateway="sandbox", event_id="f", reference=payment.reference), timezone.now())

    payment.refresh_from_db()
    order.refresh_from_db()
    assert (message.outcome, payment.status, order.status) == ("APPLIED", "FAILED", "UNPAID")


def test_a_failure_that_comes_after_success_is_not_believed(payment):
    settle(paid_event(payment), timezone.now())

    message = record_failure(FailedEvent(gateway="sandbox", event_id="f", reference=payment.reference), timezone.now())

    payment.refresh_from_db()
    assert (message.outcome, payment.status) == ("NO_CHANGE", "SUCCEEDED")


def test_a_failure_of_an_unknown_payment_is_kept_aside():
    message = record_failure(FailedEvent(gateway="sandbox", event_id="f", reference="PNONE"), timezone.now())

    assert message.outcome == "QUARANTINED"


def test_money_for_a_cancelled_order_goes_back(order, payment):
    Order.objects.filter(pk=order.pk).update(status="CANCELLED")

    settle(paid_event(payment), timezone.now())

    assert Refund.objects.get().reason == "PAID_LATE"
