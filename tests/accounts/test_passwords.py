"""Passwords, for those who set one."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.signing_in import EN, ZH, ask, codes_for, confirm, is_signed_in
from tests.make import make_user

pytestmark = pytest.mark.django_db

LOGIN = reverse("account_login")
CHANGE = reverse("account_change_password")
SET = reverse("account_set_password")
GOOD = "duck-pond-morning"


def sign_in(client, login, password=GOOD, headers=EN):
    return client.post(LOGIN, {"login": login, "password": password}, headers=headers)


@pytest.mark.parametrize("typed", ["139 1234 5678", "wang@example.com", "WANG@example.com"])
def test_phone_and_email_both_go_with_the_password(client, typed):
    make_user(phone="+8613912345678", email="wang@example.com", password=GOOD)

    assert sign_in(client, typed).url == reverse("accounts:me")
    assert is_signed_in(client)


@pytest.mark.parametrize("typed", ["13912345678", "13800138000"])
def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(client, typed):
    make_user(phone="+8613912345678", password=GOOD)

    response = sign_in(client, typed, "wrong")

    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "That does not match. Please check both, or sign in with a code."
    ]
    assert response.context["form"]["login"].value() == typed
    assert not is_signed_in(client)


def test_what_is_no_contact_is_said_beside_the_field(client):
    response = sign_in(client, "wang", headers=ZH)

    assert response.status_code == 422
    assert "请填写手机号" in response.context["form"]["login"].errors[0]


def test_somebody_without_a_password_gets_in_with_none(client):
    make_user(phone="+8613912345678")

    assert sign_in(client, "13912345678", "!").status_code == 422
    assert not is_signed_in(client)


def test_a_blocked_person_is_told_only_after_the_right_password(client):
    make_user(phone="+8613912345678", email="wang@example.com", password=GOOD, is_active=False)

    assert sign_in(client, "wang@example.com", "wrong").status_code == 422
    response = client.post(LOGIN, {"login": "wang@example.com", "password": GOOD}, headers=EN, follow=True)

    assert "This account is closed." in response.content.decode()
    assert not is_signed_in(client)


def test_guessing_is_limited_for_each_person_and_locks_nobody_else_out():
    make_user(phone="+8613912345678", password=GOOD)
    make_user(phone="+8613800138000", password=GOOD)
    guesser = Client()

    for _ in range(5):
        sign_in(guesser, "13912345678", "wrong")
    sixth = sign_in(guesser, "139 1234 5678", GOOD)
    other = Client()
    sign_in(other, "13800138000")

    assert "Too many tries" in sixth.context["form"].non_field_errors()[0]
    assert is_signed_in(other)


@pytest.mark.parametrize(("language", "words"), [(EN, "Too many tries"), (ZH, "试的次数太多了")])
def test_too_many_tries_from_one_place_get_a_page_that_says_so(client, settings, language, words):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(client, "13912345678")

    response = sign_in(client, "13912345678", headers=language)

    assert response.status_code == 429
    assert words in response.content.decode()


def test_setting_a_first_password_keeps_one_signed_in(client):
    user = make_user()
    client.force_login(user)

    response = client.post(SET, {"password1": GOOD, "password2": GOOD}, headers=EN)

    assert response.url == reverse("accounts:me")
    assert client.get(response.url).status_code == 200
    user.refresh_from_db()
    assert user.check_password(GOOD)


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), ("password123", "password123"), (GOOD, "another"), ("", "")]
)
@pytest.mark.parametrize(("language", "is_chinese"), [(EN, False), (ZH, True)])
def test_a_password_that_will_not_do_is_said_beside_its_field(client, first, second, language, is_chinese):
    user = make_user()
    client.force_login(user)

    response = client.post(SET, {"password1": first, "password2": second}, headers=language)

    assert response.status_code == 422
    errors = [error for errors in response.context["form"].errors.values() for error in errors]
    assert errors
    assert all(any("一" <= letter <= "鿿" for letter in error) is is_chinese for error in errors)
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_changing_it_needs_the_present_one(client):
    user = make_user(password=GOOD)
    client.force_login(user)
    new = {"password1": "frog-lake-evening", "password2": "frog-lake-evening"}

    refused = client.post(CHANGE, {"oldpassword": "wrong"} | new, headers=EN)
    done = client.post(CHANGE, {"oldpassword": GOOD} | new, headers=EN)

    assert refused.status_code == 422
    assert "not your present password" in refused.context["form"]["oldpassword"].errors[0]
    assert done.url == reverse("accounts:me")


def test_who_forgot_it_signs_in_by_code_and_sets_a_new_one(client):
    user = make_user(phone="+8613912345678", password=GOOD)
    ask(client, "13912345678")
    confirm(client, codes_for(user)[0])

    client.post(CHANGE, {"password1": "frog-lake-evening", "password2": "frog-lake-evening"}, headers=EN)

    user.refresh_from_db()
    assert user.check_password("frog-lake-evening")


def test_a_changed_password_ends_all_other_sessions():
    user = make_user(password=GOOD)
    here, elsewhere = Client(), Client()
    here.force_login(user)
    elsewhere.force_login(user)

    here.post(CHANGE, {"oldpassword": GOOD, "password1": "frog-lake-evening", "password2": "frog-lake-evening"})

    assert here.get(reverse("accounts:me")).status_code == 200
    assert elsewhere.get(reverse("accounts:me")).status_code == 302
