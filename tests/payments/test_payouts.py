"""Released money becomes payouts that two people answer for; only the bank's word makes them paid."""

import csv
import io

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Farmer, PayeeChange, StaffAct, Tie
from accounts.services import payees
from common.errors import InvalidInput, NotAllowed, WrongState
from common.transactions import use_case
from payments import earnings
from payments.errors import CannotBeReversed, NothingToPayOut, SecondPersonNeeded
from payments.models import Entry, Leg, Payout, PayoutBatch
from payments.payout_files import bank_file
from payments.services import paying_out
from payments.services.booking import reverse_entry
from tests.accounts.signing_in import codes_for
from tests.make import make_farmer, make_finance, make_moderator, make_user
from tests.payments.claim_scene import told
from tests.payments.payout_scene import come_back, confirm, give_back_of, has, make_settled, prepare, sent

pytestmark = pytest.mark.django_db

give_back = use_case(give_back_of)


@pytest.fixture
def one():
    return make_finance("One")


@pytest.fixture
def two():
    return make_finance("Two")


@pytest.fixture
def parcel(settings):
    settings.FUND_SHARE_BASIS_POINTS = 100
    return make_settled()


def whole(parcel) -> int:
    return sum(line.farmer_fen + line.postage_fen for line in parcel.lines.all())


def at_providers() -> int:
    return Leg.objects.filter(account__kind="PROVIDER").aggregate(fen=Sum("fen"))["fen"]


def test_money_goes_its_way_and_is_paid_when_the_bank_says_so(parcel, one, two):
    farmer, came = parcel.farmer, at_providers()
    batch = prepare(one)
    [payout] = batch.payouts.all()
    assert (payout.amount_fen, payout.payee_account) == (whole(parcel), farmer.payee_account)
    assert has(farmer) == {"payout": whole(parcel)}

    paying_out.approve_batch(batch_id=batch.pk, actor=two, now=timezone.now())
    paying_out.send_batch(batch_id=batch.pk, actor=one, now=timezone.now())
    assert has(farmer) == {"payout": whole(parcel)}, "sent is not paid"
    assert (told("payout_paid", farmer.user), at_providers()) == ([], came)

    confirm(payout, one)
    assert has(farmer) == {}
    assert at_providers() == came - whole(parcel)
    assert "****4567" in told("payout_paid", farmer.user)[0]
    kinds = ["payout_prepare", "payout_approve", "payout_send", "payout_confirm"]
    assert list(StaffAct.objects.order_by("pk").values_list("kind", flat=True)) == kinds


def test_take_home_stays_the_same_all_the_way(parcel, one, two):
    lines = [line.pk for line in parcel.lines.all()]
    before = earnings.take_home(lines)
    [payout] = sent(one, two)
    confirm(payout, one)

    assert earnings.take_home(lines) == before


def test_who_prepared_it_cannot_approve_it_nor_can_someone_close(parcel, one, two):
    batch = prepare(one)
    with pytest.raises(SecondPersonNeeded):
        paying_out.approve_batch(batch_id=batch.pk, actor=one, now=timezone.now())
    Tie.objects.create(user=two, farmer=parcel.farmer, since=timezone.now())
    with pytest.raises(NotAllowed):
        paying_out.approve_batch(batch_id=batch.pk, actor=two, now=timezone.now())
    with pytest.raises(WrongState):
        paying_out.send_batch(batch_id=batch.pk, actor=two, now=timezone.now())

    batch.refresh_from_db()
    assert batch.state == "PREPARED"


@pytest.mark.parametrize("who", ["user", "moderator", "staff"])
def test_only_who_was_given_the_right_handles_payouts(parcel, one, who):
    person = {"user": make_user, "moderator": make_moderator, "staff": lambda: make_user(is_staff=True)}[who]()
    batch = prepare(one)
    for act, more in [
        (paying_out.prepare_batch, {}),
        (paying_out.approve_batch, {"batch_id": batch.pk}),
        (paying_out.send_batch, {"batch_id": batch.pk}),
        (paying_out.drop_batch, {"batch_id": batch.pk, "reason": "x"}),
        (paying_out.confirm_payout, {"payout_id": batch.payouts.get().pk}),
        (paying_out.confirm_rest, {"batch_id": batch.pk}),
    ]:
        with pytest.raises(NotAllowed):
            act(actor=person, now=timezone.now(), **more)
    assert list(Payout.objects.values_list("state", flat=True)) == ["WAITING"]


def test_what_was_given_back_after_the_payout_is_taken_off_the_next(parcel, one, two):
    farmer = parcel.farmer
    confirm(sent(one, two)[0], one)
    refund = give_back(parcel, 2000)
    kept = whole(parcel) - earnings_of(parcel)
    assert kept == refund.amount_fen * 99 // 100, "the fund gives back its hundredth"
    assert has(farmer) == {"due": -kept}
    with pytest.raises(NothingToPayOut):
        prepare(one)

    other = make_settled(farmer)
    [payout] = prepare(one).payouts.all()

    assert payout.amount_fen == whole(other) - kept
    assert has(farmer) == {"payout": payout.amount_fen}


def earnings_of(parcel) -> int:
    [money] = earnings.with_money([parcel])
    return money.total_fen


def test_money_given_back_while_its_payout_is_under_way_waits_for_the_next(parcel, one, two):
    [payout] = sent(one, two)
    give_back(parcel, 1000)
    confirm(payout, two)

    assert has(parcel.farmer) == {"due": -990}


def test_all_of_a_parcel_can_go_back_after_it_was_paid_out(parcel, one, two):
    confirm(sent(one, two)[0], one)
    give_back(parcel, parcel.total_fen)

    assert has(parcel.farmer) == {"due": -whole(parcel)}
    assert earnings_of(parcel) == 0


@pytest.mark.parametrize("was_paid", [False, True])
def test_what_comes_back_is_paid_out_again(parcel, one, two, was_paid):
    farmer, came = parcel.farmer, at_providers()
    [payout] = sent(one, two)
    if was_paid:
        confirm(payout, one)
    come_back(payout, two)

    assert has(farmer) == {"due": whole(parcel)}
    assert at_providers() == came
    assert "户名不符" in told("payout_returned", farmer.user)[0]
    confirm(sent(two, one)[0], one)
    assert has(farmer) == {}


def test_nothing_goes_again_to_an_account_that_the_bank_refused(parcel, one, two):
    come_back(sent(one, two)[0], two, is_payee_wrong=True)
    with pytest.raises(NothingToPayOut):
        prepare(one)
    assert "another account" in told("payout_returned", parcel.farmer.user)[0]

    change = another_account(parcel.farmer)
    with pytest.raises(NothingToPayOut):
        prepare(one)
    payees.apply_payee_change(change_id=change.pk, now=change.takes_effect_at)
    assert prepare(one).payouts.get().payee_account == "6222020000001234566"


def another_account(farmer: Farmer) -> PayeeChange:
    """One that the farmer confirmed with their code, and that waits."""
    payee, now = payees.Payee("BANK", farmer.payee_name, "6222020000001234566"), timezone.now()
    request = payees.ask_payee_change(user_id=farmer.user_id, payee=payee, now=now)
    [code] = codes_for(farmer.user)
    return payees.confirm_payee_change(user_id=farmer.user_id, request_id=str(request.pk), code=code, now=now)


def test_a_batch_given_up_leaves_the_money_where_it_was(parcel, one, two):
    batch = prepare(one)
    with pytest.raises(InvalidInput):
        paying_out.drop_batch(batch_id=batch.pk, actor=two, reason=" ", now=timezone.now())
    paying_out.drop_batch(batch_id=batch.pk, actor=two, reason="Wrong day.", now=timezone.now())

    assert has(parcel.farmer) == {"due": whole(parcel)}
    assert prepare(one).payouts.get().amount_fen == whole(parcel)


def test_suspended_farmers_and_those_with_one_under_way_wait(parcel, one, two):
    away = make_settled(make_farmer())
    Farmer.objects.filter(pk=away.farmer_id).update(status="SUSPENDED")
    sent(one, two)
    make_settled(parcel.farmer)

    with pytest.raises(NothingToPayOut):
        prepare(two)


def test_moves_that_are_none(parcel, one, two):
    [payout] = sent(one, two)
    confirm(payout, one)
    with pytest.raises(WrongState):
        confirm(payout, two)
    with pytest.raises(WrongState):
        paying_out.drop_batch(batch_id=payout.batch_id, actor=two, reason="x", now=timezone.now())
    with pytest.raises(WrongState):
        paying_out.approve_batch(batch_id=payout.batch_id, actor=two, now=timezone.now())
    come_back(payout, two)
    with pytest.raises(WrongState):
        come_back(payout, two)


def test_entries_of_payouts_are_not_undone_by_hand(parcel, one, two):
    confirm(sent(one, two)[0], one)
    boss = make_user("Boss", is_staff=True, is_superuser=True)
    for entry in Entry.objects.filter(payout__isnull=False):
        with pytest.raises(CannotBeReversed):
            reverse_entry(entry_id=entry.pk, actor=boss, reason="x", now=timezone.now())


ATTACKS = {
    "approved by who prepared it": "UPDATE payments_payoutbatch SET state = 'APPROVED', approved_by_id = prepared_by_id,"
    " approved_at = now()",
    "sent without approval": "UPDATE payments_payoutbatch SET state = 'SENT', sent_by_id = prepared_by_id, sent_at = now()",
    "a payout sent before its batch": "UPDATE payments_payout SET state = 'SENT'",
    "paid at once": "UPDATE payments_payout SET state = 'PAID', paid_at = now()",
    "another amount": "UPDATE payments_payout SET amount_fen = amount_fen + 1",
    "another account": "UPDATE payments_payout SET payee_account = '6222'",
    "another preparer": "UPDATE payments_payoutbatch SET prepared_by_id = (SELECT max(id) FROM accounts_user)",
    "no trace": "DELETE FROM payments_payout",
    "truncate": "TRUNCATE payments_leg CASCADE",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses(parcel, one, two, attack):
    prepare(one)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the commit would stop a TRUNCATE by itself
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            cursor.execute(ATTACKS[attack])
    assert PayoutBatch.objects.get().state == "PREPARED"


def test_the_banks_file_runs_no_formula(one, two):
    terms = {"payee_kind": "ALIPAY", "payee_account": "+8613800000002", "payee_name": '=HYPERLINK("http://x")'}
    parcel = make_settled(make_farmer(**terms))
    file = bank_file(sent(one, two))
    [_head, row] = csv.reader(io.StringIO(file.decode("utf-8-sig")))

    assert row[1] == '\'=HYPERLINK("http://x")'
    assert row[3] == "13800000002"
    assert row[4] == f"{whole(parcel) / 100:.2f}"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
