"""The books balance, whoever writes them, and what was written stays."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from common.errors import InvalidInput, NotAllowed
from common.transactions import use_case
from orders.clock import Event
from orders.models import Parcel
from orders.services import parcels
from payments import tasks
from payments.errors import ReversedAlready
from payments.models import Account, Entry, Leg, Refund
from payments.services import cancel_and_refund, refunding, settle
from payments.services.booking import reverse_entry
from tests.make import make_farmer, make_listing
from tests.payments.scene import first_parcel, make_order, make_order_of_two, make_paid_order, make_payment, paid_event

pytestmark = pytest.mark.django_db

end_claim = use_case(parcels.end_claim)
owe = use_case(refunding.owe_refund)


def balance(name: str) -> int:
    return Leg.objects.filter(account__name=name).aggregate(fen=Sum("fen"))["fen"] or 0


def balances(farmer_id: int) -> dict[str, int]:
    """Whose the money is, in fen, counted from each one's own side; accounts at nothing are left out."""
    sums = Leg.objects.values_list("account__name").annotate(fen=Sum("fen"))
    names = {name.replace(f":{farmer_id}", ""): fen for name, fen in sums if fen}
    return {name: fen if name.startswith("provider") else -fen for name, fen in names.items()}


def post(parcel: Parcel) -> None:
    parcels.post_parcel(
        parcel_id=parcel.pk,
        actor=parcel.farmer.user,
        courier="SF",
        tracking_number="SF1234567890123",
        now=timezone.now(),
    )


def deliver(parcel: Parcel) -> None:
    """Posted, received, and the time to claim over."""
    post(parcel)
    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())


@pytest.fixture
def parcel(settings):
    """Two boxes at 49.80 and postage, paid; 1 % is the fund's."""
    settings.FUND_SHARE_BASIS_POINTS = 100
    return first_parcel(make_paid_order(make_order({make_listing(make_farmer(), price_fen=4980): 2})))


def test_a_paid_order_is_held_for_farmer_and_fund(parcel):
    assert balances(parcel.farmer_id) == {
        "provider:sandbox": 9960 + parcel.postage_fen,
        "farmer:held": 9960 - 99 + parcel.postage_fen,
        "fund_held": 99,
    }


def test_posting_releases_the_first_part_and_settling_the_rest(parcel):
    whole = 9861 + parcel.postage_fen
    post(parcel)
    assert balances(parcel.farmer_id)["farmer:due"] == whole * 70 // 100
    assert balances(parcel.farmer_id)["farmer:held"] == whole - whole * 70 // 100

    parcels.receive_parcel(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now() + timedelta(days=3))

    assert balances(parcel.farmer_id) == {
        "provider:sandbox": 9960 + parcel.postage_fen,
        "farmer:due": whole,
        "fund": 99,
    }


def test_where_the_provider_cannot_nothing_is_released_early(parcel, settings):
    settings.EARLY_RELEASE_PERCENT = 0
    post(parcel)

    assert "farmer:due" not in balances(parcel.farmer_id)
    assert not Entry.objects.filter(kind="POSTED").exists()


def test_a_cancelled_parcel_goes_back_whole(parcel, provider):
    cancel_and_refund(parcel_id=parcel.pk, actor=parcel.order.buyer, reason="", now=timezone.now())
    assert balances(parcel.farmer_id) == {
        "provider:sandbox": 9960 + parcel.postage_fen,
        "refund_due": 9960 + parcel.postage_fen,
    }

    tasks.send_refunds()
    assert balances(parcel.farmer_id) == {}


def test_a_cancelled_parcel_leaves_the_neighbours_alone():
    order = make_paid_order(make_order_of_two())
    gone, stays = order.parcels.order_by("pk")
    cancel_and_refund(parcel_id=gone.pk, actor=order.buyer, reason="", now=timezone.now())

    assert -balance(f"farmer:{stays.farmer_id}:held") == sum(
        line.farmer_fen + line.postage_fen for line in stays.lines.all()
    )
    assert -balance("refund_due") == gone.total_fen


def test_ten_yuan_over_three_boxes_given_back_one_by_one_are_ten_yuan():
    parcel = first_parcel(make_paid_order(make_order({make_listing(make_farmer(), price_fen=1000): 3})))
    deliver(parcel)
    lines = parcel.lines.all()
    for fen in [333, 333, 334, 1000, 1000, parcel.postage_fen]:
        owe(
            payment=parcel.order.payments.get(),
            amount_fen=fen,
            reason=Refund.Reason.CLAIM,
            now=timezone.now(),
            parcel=parcel,
        )

    assert balances(parcel.farmer_id) == {
        "provider:sandbox": 3000 + parcel.postage_fen,
        "refund_due": 3000 + parcel.postage_fen,
    }
    assert (Leg.objects.filter(line__in=lines).aggregate(fen=Sum("fen"))["fen"] or 0) == -3000 - parcel.postage_fen


def test_produce_goes_back_before_postage(parcel):
    deliver(parcel)
    owe(
        payment=parcel.order.payments.get(),
        amount_fen=9960,
        reason=Refund.Reason.CLAIM,
        now=timezone.now(),
        parcel=parcel,
    )

    farmers = -balance(f"farmer:{parcel.farmer_id}:held") - balance(f"farmer:{parcel.farmer_id}:due")
    assert farmers == parcel.postage_fen
    assert balance("fund_held") == 0


def test_money_nobody_wanted_is_the_buyers_at_once():
    order = make_order()
    payment = make_payment(order)
    settle(paid_event(payment), timezone.now())
    settle(paid_event(payment, event_id="again", trade_number="OTHER"), timezone.now())

    assert balance("provider:sandbox") == 2 * order.total_fen
    assert -balance("refund_due") == order.total_fen
    assert Entry.objects.filter(kind="UNWANTED").count() == 1


def test_telling_twice_books_once():
    payment = make_payment(make_order())
    for number in range(3):
        settle(paid_event(payment, event_id=f"copy-{number}"), timezone.now())

    assert Entry.objects.filter(kind="PAID").count() == 1


def test_every_move_to_settled_releases(parcel):
    deliver(parcel)
    use_case(parcels.claim_parcel)(parcel_id=parcel.pk, actor=parcel.order.buyer, now=timezone.now())
    end_claim(parcel_id=parcel.pk, event=Event.AGREE, actor=parcel.farmer.user, back_fen=0, now=timezone.now())

    assert balance(f"farmer:{parcel.farmer_id}:held") == 0
    assert -balance("fund") == 99


# --- Attacks ---------------------------------------------------------------------------------------------------------


def commit() -> None:
    """What COMMIT would do: the deferred checks."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def book_by_hand(*fens: int, ref: str = "by hand", legs: int | None = None) -> Entry:
    entry = Entry.objects.create(ref=ref, kind="PAID", booked_at=timezone.now(), legs=legs or max(2, len(fens)))
    account, _ = Account.objects.get_or_create(name="fund", kind="FUND")
    Leg.objects.bulk_create(Leg(entry=entry, account=account, fen=fen) for fen in fens)
    return entry


@pytest.mark.parametrize(
    ("fens", "legs"),
    [((100, -99), None), ((100,), None), ((), None), ((100, -100), 3), ((100, -100, 5, -5), 2)],
    ids=["off by a fen", "one leg", "no leg", "a leg short", "legs too many"],
)
def test_what_does_not_balance_cannot_be_committed(fens, legs):
    with pytest.raises(IntegrityError, match="adding up to"), transaction.atomic():
        book_by_hand(*fens, legs=legs)
        commit()


def test_the_same_without_the_deferred_check_would_be_committed():
    """The control: it is the trigger that refuses, nothing else."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_leg DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE payments_entry DISABLE TRIGGER USER")
        book_by_hand(100, -99)
        commit()
        assert Leg.objects.aggregate(fen=Sum("fen"))["fen"] == 1
        transaction.set_rollback(True)


def test_legs_cannot_join_an_old_entry():
    entry = book_by_hand(100, -100)
    commit()
    with pytest.raises(IntegrityError, match="has 4 of 2 legs"), transaction.atomic():
        Leg.objects.bulk_create(Leg(entry=entry, account=Account.objects.get(), fen=fen) for fen in (7, -7))
        commit()


def test_a_ref_is_booked_once():
    book_by_hand(100, -100)
    with pytest.raises(IntegrityError, match="ref"), transaction.atomic():
        book_by_hand(100, -100)


@pytest.mark.parametrize("table", ["payments_entry", "payments_leg", "payments_account"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_what_was_booked_stays(parcel, table, statement):
    commit()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


# --- Undoing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def boss():
    return User.objects.create_superuser(email="boss@example.com", name="Boss")


def test_an_entry_is_undone_by_its_mirror_image(parcel, boss):
    entry = Entry.objects.get(kind="PAID")
    undone = reverse_entry(entry_id=entry.pk, actor=boss, reason="Booked for the wrong order.", now=timezone.now())
    commit()

    assert undone.reverses == entry
    assert balances(parcel.farmer_id) == {}
    with pytest.raises(ReversedAlready):
        reverse_entry(entry_id=entry.pk, actor=boss, reason="Again.", now=timezone.now())
    with pytest.raises(ReversedAlready):
        reverse_entry(entry_id=undone.pk, actor=boss, reason="Back again.", now=timezone.now())


def test_only_an_admin_with_a_reason_undoes(parcel, boss):
    entry = Entry.objects.get(kind="PAID")
    with pytest.raises(NotAllowed):
        reverse_entry(entry_id=entry.pk, actor=parcel.order.buyer, reason="Mine.", now=timezone.now())
    with pytest.raises(InvalidInput):
        reverse_entry(entry_id=entry.pk, actor=boss, reason=" ", now=timezone.now())

    assert Entry.objects.count() == 1
