"""Another account: the farmer's own code, some days in which it can be stopped, and nobody else's doing."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, PayeeChange, PayeeRequest, Posting, StaffAct
from accounts.services import own_codes, payees
from accounts.services.verification import suspend_farmer
from accounts.tasks import apply_payee_changes, forget_payee_requests
from common.errors import InvalidInput, NotAllowed, WrongState
from notifications.models import Delivery, Notification
from tests.accounts.signing_in import EN, codes_for, wrong
from tests.make import make_farmer, make_moderator, make_user

pytestmark = pytest.mark.django_db

CARD = "6222020000001234566"
NEW = payees.Payee(kind="BANK", name="陈桂兰", account=CARD)
PAGE, CODE, STOP = (reverse(f"accounts:payee_{name}") for name in ("change", "code", "stop"))
TYPED = {"payee_kind": "BANK", "payee_name": "陈桂兰", "payee_account": "6222 0200 0000 1234 566"}


@pytest.fixture
def farmer():
    return make_farmer()


def ask(farmer, payee=NEW, now=None) -> PayeeRequest:
    return payees.ask_payee_change(user_id=farmer.user_id, payee=payee, now=now or timezone.now())


def confirm(farmer, request, code, now=None) -> PayeeChange:
    return payees.confirm_payee_change(
        user_id=farmer.user_id, request_id=str(request.pk), code=code, now=now or timezone.now()
    )


def waiting(farmer, now=None) -> PayeeChange:
    request = ask(farmer, now=now)
    return confirm(farmer, request, codes_for(farmer.user)[-1], now=now)


def account_of(farmer) -> str:
    return Farmer.objects.get(pk=farmer.pk).payee_account


def told(farmer) -> list[str]:
    mine = Notification.objects.filter(recipient=farmer.user, kind__startswith="payee_").order_by("pk")
    return [one.kind for one in mine]


def enter(person) -> Client:
    client = Client(headers=EN)
    client.force_login(person)
    return client


# --- The code ---


def test_the_code_goes_to_the_farmers_own_phone_and_names_the_account(farmer):
    request = ask(farmer)

    [delivery] = Delivery.objects.filter(notification__recipient=farmer.user)
    assert (delivery.channel, delivery.address) == ("SMS", farmer.user.phone)
    assert delivery.notification.context["account"] == "****4566"
    assert codes_for(farmer.user)[0] not in request.digest
    assert (account_of(farmer), PayeeChange.objects.count()) == (farmer.payee_account, 0)


def test_with_the_code_it_waits_three_days_and_every_channel_says_so(farmer):
    farmer.user.email = "guilan@example.com"
    farmer.user.save()
    now = timezone.now()
    change = waiting(farmer, now)

    assert (change.state, change.takes_effect_at) == ("WAITING", now + timedelta(days=3))
    assert account_of(farmer) == farmer.payee_account, "until then nothing changes"
    sent = Delivery.objects.filter(notification__kind="payee_change_asked").order_by("channel")
    assert [one.channel for one in sent] == ["EMAIL", "SMS"]
    assert sent[0].notification.link == PAGE
    assert not PayeeRequest.objects.exists()


@pytest.mark.parametrize("how", ["wrong", "expired", "replayed", "theirs", "other request", "words", "tried out"])
def test_a_code_that_is_not_right_gets_the_one_answer(farmer, how):
    now = timezone.now()
    request = ask(farmer, now=now)
    [code] = codes_for(farmer.user)
    at, number = now, request.pk
    if how == "wrong":
        code = wrong(code)
    elif how == "expired":
        at = now + own_codes.CODE_LIFE
    elif how == "replayed":
        change = confirm(farmer, request, code)
        payees.stop_payee_change(change_id=change.pk, actor=farmer.user, now=now)
    elif how == "theirs":
        other = make_farmer("Another household")
        number, farmer = ask(other).pk, other
        code = code if code != codes_for(other.user)[0] else wrong(code)
    elif how == "other request":
        number += 1
    elif how == "words":
        code = "\ufffd一二三四五六"
    else:
        for _try in range(5):
            with pytest.raises(InvalidInput):
                confirm(farmer, request, wrong(code))
        assert PayeeRequest.objects.get().tries == 5, "counted for good"
    with pytest.raises(InvalidInput) as caught:
        payees.confirm_payee_change(user_id=farmer.user_id, request_id=str(number), code=code, now=at)

    assert (caught.value.field, caught.value.message) == ("code", str(own_codes.WRONG_CODE))
    assert not PayeeChange.objects.filter(state="WAITING").exists()


def test_a_code_is_good_for_what_it_was_sent_for_and_for_nothing_else(farmer):
    request = ask(farmer)
    [code] = codes_for(farmer.user)
    ways = [("receiving", farmer.pk), ("payee", farmer.pk + 1), ("payee", farmer.pk)]
    with transaction.atomic():
        found = [own_codes.try_own_code(request, *way, code=code, now=timezone.now()) for way in ways]

    assert (found, request.tries) == ([False, False, True], 3)


def test_the_right_code_passes_however_it_was_pasted(farmer):
    request = ask(farmer)
    code = codes_for(farmer.user)[0]

    assert confirm(farmer, request, f" {code[:3]} {code[3:]} ").state == "WAITING"


def test_a_new_request_waits_its_minute_and_makes_the_old_code_useless(farmer):
    now = timezone.now()
    first = ask(farmer, now=now)
    with pytest.raises(InvalidInput):
        ask(farmer, now=now + timedelta(seconds=59))
    second = ask(farmer, now=now + timedelta(seconds=60))
    old, new = codes_for(farmer.user)

    for request, code in [(first, new), (first, old)] + ([(second, old)] if old != new else []):
        with pytest.raises(InvalidInput):
            confirm(farmer, request, code, now + timedelta(seconds=61))
    assert confirm(farmer, second, new, now + timedelta(seconds=61)).farmer == farmer


# --- Who ---


def test_nobody_but_the_verified_farmer_can_ask(farmer):
    specialist = make_user("Specialist")
    Posting.objects.create(specialist=specialist, county=farmer.county, starts_on=timezone.localdate())
    refused = make_farmer("New here", status=Farmer.Status.WAITING)
    for person in (specialist, make_moderator(), make_user(is_staff=True), refused.user):
        with pytest.raises(NotAllowed):
            payees.ask_payee_change(user_id=person.pk, payee=NEW, now=timezone.now())
        with pytest.raises(NotAllowed):
            payees.confirm_payee_change(user_id=person.pk, request_id="1", code="123456", now=timezone.now())


def test_the_account_has_to_be_another_one_that_can_be():
    same = payees.Payee(kind="ALIPAY", name="陈桂兰", account="guilan@example.com")
    farmer = make_farmer(payee_kind="ALIPAY", payee_account="guilan@example.com")
    for payee in (same, payees.Payee("BANK", "陈桂兰", "6222020000001234567"), payees.Payee("BANK", " ", CARD)):
        with pytest.raises(InvalidInput) as caught:
            ask(farmer, payee)
        assert caught.value.field in {"payee_account", "payee_name"}


# --- In force, or stopped ---


def test_when_its_time_has_come_the_task_lets_money_go_there_once(farmer):
    change = waiting(farmer, timezone.now() - timedelta(days=3, seconds=1))
    apply_payee_changes()
    apply_payee_changes()

    farmer.refresh_from_db()
    change.refresh_from_db()
    assert (farmer.payee_kind, farmer.payee_name, farmer.payee_account) == ("BANK", "陈桂兰", CARD)
    assert change.state == "DONE"
    assert told(farmer) == ["payee_change_asked", "payee_changed"]


def test_before_its_time_or_while_suspended_nothing_changes(farmer):
    change = waiting(farmer)
    early = change.takes_effect_at - timedelta(seconds=1)
    assert not payees.apply_payee_change(change_id=change.pk, now=early)
    type(farmer.user).objects.filter(pk=farmer.user_id).update(is_active=False)
    assert not payees.apply_payee_change(change_id=change.pk, now=change.takes_effect_at)
    type(farmer.user).objects.filter(pk=farmer.user_id).update(is_active=True)
    suspend_farmer(farmer_id=farmer.pk, decided_by=make_moderator(), reason="等查清", now=timezone.now())
    assert not payees.apply_payee_change(change_id=change.pk, now=change.takes_effect_at)

    assert account_of(farmer) == farmer.payee_account


def test_stopped_by_the_farmer_it_never_comes_and_another_can_be_asked(farmer):
    change = waiting(farmer, timezone.now() - timedelta(days=4))
    payees.stop_payee_change(change_id=change.pk, actor=farmer.user, now=timezone.now())
    apply_payee_changes()

    assert account_of(farmer) == farmer.payee_account
    assert told(farmer) == ["payee_change_asked", "payee_change_stopped"]
    with pytest.raises(WrongState):
        payees.stop_payee_change(change_id=change.pk, actor=farmer.user, now=timezone.now())
    assert waiting(farmer).state == "WAITING"


def test_who_decides_about_the_farmer_can_stop_it_with_a_reason_on_record(farmer):
    change, moderator = waiting(farmer), make_moderator()
    for person in (make_user(), make_farmer("Neighbour").user):
        with pytest.raises(NotAllowed):
            payees.stop_payee_change(change_id=change.pk, actor=person, reason="x", now=timezone.now())
    with pytest.raises(InvalidInput):
        payees.stop_payee_change(change_id=change.pk, actor=moderator, reason=" ", now=timezone.now())
    payees.stop_payee_change(change_id=change.pk, actor=moderator, reason="电话里说不是她", now=timezone.now())

    act = StaffAct.objects.get()
    assert (act.actor, act.kind, act.about, act.reason) == (
        moderator,
        "payee_change_stop",
        f"farmer:{farmer.pk}",
        "电话里说不是她",
    )
    assert CARD not in str(act.new) + str(act.old)


def test_the_database_keeps_the_terms_the_time_and_the_end(farmer):
    change = waiting(farmer)
    mine = PayeeChange.objects.filter(pk=change.pk)
    now = timezone.now()
    for refused in (
        lambda: mine.update(payee_account="6222020000009999995"),
        lambda: mine.update(takes_effect_at=now),
        lambda: mine.update(state="DONE", ended_at=now),
        lambda: mine.update(state="STOPPED", ended_at=now),
        lambda: mine.delete(),
        lambda: PayeeChange.objects.create(farmer=farmer, asked_at=now, takes_effect_at=now),
        lambda: PayeeChange.objects.create(
            farmer=farmer, asked_at=now, takes_effect_at=now, state="DONE", ended_at=now
        ),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            refused()
    mine.update(state="STOPPED", ended_at=now, stopped_by=farmer.user)
    for state in ("WAITING", "DONE"):
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.update(state=state, stopped_by=None, ended_at=change.takes_effect_at)


@pytest.mark.parametrize("status", ["VERIFIED", "SUSPENDED"])
@pytest.mark.parametrize(
    "attack",
    [
        "SET payee_account = '6222020000009999995'",
        "SET payee_name = '别人'",
        "SET payee_kind = 'ALIPAY'",
        "SET payee_account = '6222020000009999995', status = 'WAITING'",
        "SET payee_kind = waits.payee_kind, payee_name = waits.payee_name, payee_account = waits.payee_account FROM waits",
    ],
)
def test_no_statement_sends_a_verified_farmers_money_elsewhere(farmer, status, attack):
    """Not even to the account that waits: only a change in force opens the way, and to its own account alone."""
    waiting(farmer)
    Farmer.objects.filter(pk=farmer.pk).update(status=status)
    sql = f"WITH waits AS (SELECT * FROM accounts_payeechange) UPDATE accounts_farmer {attack}"  # noqa: S608 - our own words

    refused = pytest.raises(IntegrityError, match="without a change in force")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert account_of(farmer) == farmer.payee_account


def test_after_a_change_no_statement_goes_back_or_on(farmer):
    """What was in force before gives no right to return there; nor can anybody else's change be borrowed."""
    change = waiting(farmer)
    payees.apply_payee_change(change_id=change.pk, now=change.takes_effect_at)
    other = make_farmer("Other", payee_account="6222020000009999995")

    for who, account in ((farmer, farmer.payee_account), (other, CARD)):
        with pytest.raises(IntegrityError, match="without a change in force"), transaction.atomic():
            Farmer.objects.filter(pk=who.pk).update(payee_account=account)

    assert (account_of(farmer), account_of(other)) == (CARD, other.payee_account)
    Farmer.objects.filter(pk=other.pk).update(status="REFUSED", verified_at=None)
    Farmer.objects.filter(pk=other.pk).update(payee_account="6222020000007654321")  # who applies again may say another


def test_what_was_typed_and_never_confirmed_is_forgotten(farmer):
    ask(farmer, now=timezone.now() - timedelta(hours=2))
    forget_payee_requests()

    assert not PayeeRequest.objects.exists()


# --- The pages ---


def test_the_way_through_the_pages(farmer):
    client = enter(farmer.user)
    for name in ("payments:farm_money", "accounts:farmer_status"):
        assert f'href="{PAGE}"' in client.get(reverse(name)).content.decode(), "she finds the way"
    asked = client.post(PAGE, TYPED)
    page = client.get(asked["Location"]).content.decode()
    assert asked["Location"] == CODE
    assert "****4566" in page
    assert CARD not in page

    seen = PayeeRequest.objects.get().pk
    refused = client.post(CODE, {"code": wrong(codes_for(farmer.user)[0]), "seen": seen})
    assert refused.status_code == 422
    assert 'id="id_code_error"' in refused.content.decode()
    done = client.post(CODE, {"code": codes_for(farmer.user)[0], "seen": seen})
    page = client.get(done["Location"]).content.decode()
    assert done["Location"] == PAGE
    assert "****4566" in page
    assert f'action="{STOP}"' in page

    client.post(STOP)
    assert PayeeChange.objects.get().state == "STOPPED"
    assert 'name="payee_account"' in client.get(PAGE).content.decode()


def test_a_slip_of_the_finger_is_said_beside_the_field_and_what_was_typed_stays(farmer):
    response = enter(farmer.user).post(PAGE, TYPED | {"payee_account": "6222020000001234567"})

    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_payee_account_error"' in page
    assert 'value="6222020000001234567"' in page
    assert not codes_for(farmer.user)


def test_codes_are_not_sent_one_after_the_other(farmer):
    client = enter(farmer.user)
    client.post(PAGE, TYPED)
    again = client.post(PAGE, TYPED)

    assert again.status_code == 422
    assert "A code was asked for a moment ago" in again.content.decode()
    assert len(codes_for(farmer.user)) == 1


def test_an_hour_brings_five_codes_at_most(farmer):
    client = enter(farmer.user)
    for _again in range(6):
        PayeeRequest.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
        response = client.post(PAGE, TYPED)

    assert response.status_code == 422
    assert len(codes_for(farmer.user)) == 5


def test_a_moderator_sees_its_end_and_stops_it_with_a_reason(farmer):
    change, client = waiting(farmer), enter(make_moderator())
    record = reverse("accounts:verification_decide", args=[farmer.pk])
    stop = reverse("accounts:payee_stop_for", args=[change.pk])
    page = client.get(record).content.decode()
    assert "****4566" in page
    assert CARD not in page

    assert 'id="stop_reason_error"' in client.post(stop, {"reason": ""}).content.decode()
    assert client.post(stop, {"reason": "电话里说不是她"})["Location"] == record
    assert PayeeChange.objects.get().state == "STOPPED"
    assert client.post(stop, {"reason": "again"}).status_code == 302, "safe twice"
