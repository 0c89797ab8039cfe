"""What happened before the ledger is booked as it would have been then."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from common.transactions import use_case
from orders.services import parcels
from payments import tasks
from payments.models import Entry, Leg, Refund
from payments.services import cancel_and_refund, refunding, settle
from tests.make import make_farmer, make_listing
from tests.payments.scene import make_order, make_order_of_two, make_paid_order, make_payment, paid_event

pytestmark = pytest.mark.django_db

owe = use_case(refunding.owe_refund)


def post(parcel):
    parcels.post_parcel(
        parcel_id=parcel.pk, actor=parcel.farmer.user, courier="SF", tracking_number="SF1234567890123",
        now=timezone.now(),
    )  # fmt: skip


def live_a_little() -> None:
    """One order of two farmers, a parcel cancelled; one settled, then partly given back; one posted; one paid twice."""
    order = make_paid_order(make_order_of_two())
    cancelled, posted = order.parcels.select_related("farmer__user").order_by("pk")
    cancel_and_refund(parcel_id=cancelled.pk, actor=order.buyer, reason="", now=timezone.now())
    tasks.send_refunds()
    post(posted)
    order = make_paid_order(make_order({make_listing(make_farmer(), price_fen=3333): 3}))
    settled = order.parcels.get()
    post(settled)
    parcels.receive_parcel(parcel_id=settled.pk, actor=order.buyer, now=timezone.now())
    parcels.run_timer(parcel_id=settled.pk, now=timezone.now() + timedelta(days=3))
    later = timezone.now() + timedelta(days=3, hours=1)
    owe(payment=order.payments.get(), amount_fen=1234, reason=Refund.Reason.CLAIM, now=later, parcel=settled)
    payment = make_payment(make_order())
    settle(paid_event(payment), timezone.now())
    settle(paid_event(payment, event_id="again", trade_number="OTHER"), timezone.now())


def books() -> set[tuple]:
    return set(
        Leg.objects.values_list("entry__ref", "account__name", "line", "part").annotate(fen=Sum("fen")).order_by()
    )


def forget() -> None:
    """As if there had been no ledger: past the triggers, which would not let anyone."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM payments_leg")
        cursor.execute("DELETE FROM payments_entry")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_books_are_as_if_they_had_been_kept_all_along(provider):
    live_a_little()
    before = books()
    forget()
    assert len(before) > 20
    assert books() == set()

    call_command("ledger", "--catch-up")

    assert books() == before
    assert not Leg.objects.values("entry").annotate(fen=Sum("fen")).exclude(fen=0).exists()


def test_running_it_again_books_nothing(provider, capsys):
    live_a_little()
    count = Entry.objects.count()

    call_command("ledger", "--catch-up")

    assert Entry.objects.count() == count
    assert capsys.readouterr().out == ""
