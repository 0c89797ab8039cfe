"""Another account, asked for, confirmed, stopped and put in force at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Farmer, PayeeChange, PayeeRequest
from accounts.services import payees
from notifications.models import Notification
from tests.accounts.signing_in import codes_for, wrong
from tests.concurrency.racing import at_once, names
from tests.make import make_farmer

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

CARD = "6222020000001234566"
NEW = payees.Payee(kind="BANK", name="陈桂兰", account=CARD)


def test_asked_for_eight_times_at_once_one_code_goes_out():
    farmer = make_farmer()
    results = at_once(*[partial(payees.ask_payee_change, user_id=farmer.user_id, payee=NEW, now=timezone.now())] * 8)

    assert sorted(names(results)) == ["InvalidInput"] * 7 + ["PayeeRequest"]
    assert len(codes_for(farmer.user)) == 1


def test_one_code_typed_eight_times_at_once_makes_one_change():
    farmer = make_farmer()
    request = payees.ask_payee_change(user_id=farmer.user_id, payee=NEW, now=timezone.now())
    typed = {"user_id": farmer.user_id, "request_id": str(request.pk), "code": codes_for(farmer.user)[0]}
    results = at_once(*[partial(payees.confirm_payee_change, **typed, now=timezone.now())] * 8)

    assert sorted(names(results)) == ["InvalidInput"] * 7 + ["PayeeChange"]
    assert Notification.objects.filter(kind="payee_change_asked").count() == 1


def test_guesses_at_once_do_not_outrun_the_count():
    farmer = make_farmer()
    request = payees.ask_payee_change(user_id=farmer.user_id, payee=NEW, now=timezone.now())
    code = codes_for(farmer.user)[0]
    typed = {"user_id": farmer.user_id, "request_id": str(request.pk), "now": timezone.now()}
    at_once(*[partial(payees.confirm_payee_change, **typed, code=wrong(code))] * 8)

    assert PayeeRequest.objects.get().tries == 5
    assert names(at_once(partial(payees.confirm_payee_change, **typed, code=code))) == ["InvalidInput"]


@pytest.mark.parametrize("round", range(3))
def test_stopped_or_in_force_never_both(round):
    farmer, now = make_farmer(), timezone.now()
    change = PayeeChange.objects.create(
        farmer=farmer,
        payee_kind="BANK",
        payee_name="陈桂兰",
        payee_account=CARD,
        asked_at=now - timedelta(days=3),
        takes_effect_at=now,
    )
    stop = partial(payees.stop_payee_change, change_id=change.pk, actor=farmer.user, now=now)
    put = partial(payees.apply_payee_change, change_id=change.pk, now=now)
    results = at_once(put, stop, put, stop, put)

    change.refresh_from_db()
    farmer = Farmer.objects.get(pk=farmer.pk)
    in_force = [result for result in results if result is True]
    assert len(in_force) == (change.state == "DONE")
    assert (farmer.payee_account == CARD) == (change.state == "DONE")
    assert names(results).count("PayeeChange") == (change.state == "STOPPED")
    assert Notification.objects.filter(kind__in=["payee_changed", "payee_change_stopped"]).count() == 1
