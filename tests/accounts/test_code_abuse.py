"""What one-time codes must withstand: guessing, waiting, stealing, flooding."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Delivery
from tests.accounts.signing_in import ASK, CONFIRM, EN, ask, codes_for, confirm, forget_minutes, is_signed_in, wrong
from tests.make import make_user

pytestmark = pytest.mark.django_db

NEW_PHONE = "+8613912345678"


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(client):
    ask(client, "13912345678")
    (code,) = codes_for(phone=NEW_PHONE)

    answers = [confirm(client, wrong(code)).status_code for _ in range(5)]
    late = confirm(client, code)

    assert answers == [422, 422, 422, 422, 302]
    assert late.url == ASK
    assert not is_signed_in(client)


def test_a_wrong_code_is_said_beside_the_field(client):
    ask(client, "13912345678")

    response = confirm(client, "000")

    assert "That code is not right" in response.context["verify_form"]["code"].errors[0]


def test_guesses_sent_at_once_are_counted_too(client):
    """Requests in parallel each read the session before the others wrote it: put it back to show that."""
    ask(client, "13912345678")
    (code,) = codes_for(phone=NEW_PHONE)
    before = dict(client.session)

    def guess(guessed: str) -> None:
        session = client.session
        session.clear()
        session.update(before)
        session.save()
        confirm(client, guessed)

    for _ in range(5):
        guess(wrong(code))
    guess(code)

    assert not is_signed_in(client)


def test_without_that_count_parallel_guesses_would_get_through(client, monkeypatch):
    """The control: allauth's own count in the session is not enough."""
    monkeypatch.setattr("accounts.views.sign_in._tries", lambda request, process: 0)

    with pytest.raises(AssertionError):
        test_guesses_sent_at_once_are_counted_too(client)


def test_a_try_that_cannot_be_counted_is_none(client, monkeypatch):
    def forgotten(key: str) -> int:
        raise ValueError(key)

    ask(client, "13912345678")
    monkeypatch.setattr("accounts.services.tries.cache.incr", forgotten)

    response = confirm(client, codes_for(phone=NEW_PHONE)[0])

    assert response.url == ASK
    assert not is_signed_in(client)


def test_a_code_is_good_for_five_minutes(client):
    ask(client, "13912345678")
    (code,) = codes_for(phone=NEW_PHONE)
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 301
    session.save()

    response = client.post(CONFIRM, {"code": code, "action": "verify"}, headers=EN, follow=True)

    assert not is_signed_in(client)
    assert "valid for 5 minutes" in response.content.decode()


def test_going_back_to_the_sign_in_page_remembers_where_one_wants_to_go_now(client):
    ask(client, "13912345678")

    to_the_code = client.get(f"{ASK}?next=/me/addresses/").url
    signed_in = client.post(to_the_code, {"code": codes_for(phone=NEW_PHONE)[0], "action": "verify"})

    assert to_the_code == f"{CONFIRM}?next=%2Fme%2Faddresses%2F"
    assert signed_in.url == "/me/addresses/"


def test_a_code_works_once(client):
    ask(client, "13912345678")
    (code,) = codes_for(phone=NEW_PHONE)
    confirm(client, code)
    client.post(reverse("account_logout"))

    response = confirm(client, code)

    assert response.url == ASK
    assert not is_signed_in(client)


def test_a_code_works_only_in_the_browser_that_asked(client):
    ask(client, "13912345678")
    other = Client()

    response = confirm(other, codes_for(phone=NEW_PHONE)[0])

    assert response.url == ASK
    assert not is_signed_in(other)


def test_a_code_opens_only_the_account_it_was_sent_to(client):
    mine, theirs = make_user(phone=NEW_PHONE), make_user(phone="+8613800138000")
    ask(client, "13912345678")
    ask(Client(), "13800138000")

    confirm(client, codes_for(theirs)[0])
    assert not is_signed_in(client)

    confirm(client, codes_for(mine)[0])
    assert client.session["_auth_user_id"] == str(mine.pk)


def test_a_new_code_has_to_wait_a_minute_and_replaces_the_first(client):
    ask(client, "13912345678")
    too_soon = client.post(CONFIRM, {"action": "resend"}, headers=EN, follow=True)
    sent_too_soon = len(codes_for(phone=NEW_PHONE))

    forget_minutes()
    client.post(CONFIRM, {"action": "resend"}, headers=EN)
    first, second = codes_for(phone=NEW_PHONE)
    while first == second:  # one in a million
        forget_minutes()
        client.post(CONFIRM, {"action": "resend"}, headers=EN)
        second = codes_for(phone=NEW_PHONE)[-1]

    assert "Please wait a minute" in too_soon.content.decode()
    assert sent_too_soon == 1
    assert confirm(client, first).status_code == 422
    assert confirm(client, second).status_code == 302
    assert is_signed_in(client)


def test_asking_for_a_new_code_gives_no_more_tries(client):
    ask(client, "13912345678")
    tries = [confirm(client, wrong(codes_for(phone=NEW_PHONE)[-1])).status_code for _ in range(3)]
    forget_minutes()
    client.post(CONFIRM, {"action": "resend"}, headers=EN)
    tries += [confirm(client, wrong(codes_for(phone=NEW_PHONE)[-1])).status_code for _ in range(2)]

    assert len(codes_for(phone=NEW_PHONE)) == 2
    assert tries == [422, 422, 422, 422, 302]


@pytest.mark.parametrize("who", ["13912345678", "wang@example.com"])
def test_a_second_code_within_a_minute_is_refused_with_what_was_typed_kept(who):
    ask(Client(), who)

    response = ask(Client(), who)

    assert response.status_code == 422
    assert "Please wait a minute" in response.context["form"]["who"].errors[0]
    assert response.context["form"]["who"].value() == who
    assert Delivery.objects.count() == 1


def test_one_contact_gets_five_codes_an_hour_however_it_is_written(settings):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "5/h/key"}
    spellings = ["13912345678", "139 1234 5678", "+8613912345678"] * 2

    answers = [ask(Client(), spelling).status_code for spelling in spellings]

    assert answers == [302] * 5 + [422]
    assert Delivery.objects.count() == 5


def test_one_visitor_cannot_ask_for_many_people(settings):
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "3/h/ip"}

    answers = [ask(Client(), f"1391234567{digit}").status_code for digit in range(4)]

    assert answers == [302, 302, 302, 422]
    assert User.objects.count() == 3, "a refused request makes nobody"


def test_the_real_limits_are_set():
    rates = settings.ACCOUNT_RATE_LIMITS["request_login_code"].split(",")

    assert {"1/m/key", "5/h/key", "10/d/key"} < set(rates)
    assert any(rate.endswith("/ip") for rate in rates)


def ask_from(forwarded: str, digit: int) -> int:
    return ask(Client(), f"1391234567{digit}", headers={**EN, "X-Forwarded-For": forwarded}).status_code


def test_a_forged_forwarded_header_buys_no_more_codes(settings):
    """Our own proxy adds the address it saw at the end; whatever the visitor wrote stands before it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "2/h/ip"}

    forged = [ask_from(f"10.0.0.{digit}, 203.0.113.7", digit) for digit in range(4)]
    neighbour = ask_from("10.0.0.1, 203.0.113.8", 5)

    assert forged == [302, 302, 422, 422]
    assert neighbour == 302, "somebody else is not kept out by it"


def test_with_one_proxy_too_many_believed_the_header_would_be_the_visitors_to_choose(settings):
    """The control: why the number has to be right."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    settings.ACCOUNT_RATE_LIMITS = {"request_login_code": "2/h/ip"}

    assert [ask_from(f"10.0.0.{digit}, 203.0.113.7", digit) for digit in range(4)] == [302] * 4


def test_where_no_texts_can_be_sent_a_phone_number_is_told_so_at_once(client, settings):
    settings.SMS_BACKEND = ""

    refused = ask(client, "13912345678")

    assert refused.status_code == 422
    assert "can't send text messages yet" in refused.context["form"]["who"].errors[0]
    assert User.objects.count() == 0
    assert ask(Client(), "wang@example.com").status_code == 302
