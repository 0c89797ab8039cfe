"""Signing in by a one-time code: one field, one door for people we know and people we don't."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import Delivery
from tests.accounts.signing_in import ASK, CONFIRM, EN, ZH, ask, codes_for, confirm, forget_minutes, is_signed_in
from tests.make import make_user

pytestmark = pytest.mark.django_db

NEW_PHONE = "+8613912345678"
came_in: list[int] = []


def note_sign_in(request, user):
    came_in.append(user.pk)


def fail_at_sign_in(request, user):
    raise RuntimeError("a cart that can't be merged")


def test_a_phone_we_know_signs_in_with_the_code_that_was_sent(client):
    user = make_user(phone=NEW_PHONE, phone_verified=False)

    asked = ask(client, "139 1234 5678")
    (code,) = codes_for(user)
    response = confirm(client, code)

    assert asked.status_code == 302
    assert asked.url == CONFIRM
    assert re.fullmatch(r"\d{6}", code)
    assert Delivery.objects.get().channel == "SMS"
    assert Delivery.objects.get().address == NEW_PHONE
    assert response.url == reverse("accounts:me")
    assert is_signed_in(client)
    user.refresh_from_db()
    assert user.phone_verified
    assert user.last_login


def test_an_email_address_works_in_the_same_field(client):
    user = make_user(phone=None, email="wang@example.com")

    ask(client, " Wang@Example.com ")
    confirm(client, codes_for(user)[0])

    assert is_signed_in(client)
    assert Delivery.objects.get().channel == "EMAIL"


def test_somebody_new_is_nobody_until_the_code_is_right(client):
    ask(client, "13912345678")

    person = User.objects.get(phone=NEW_PHONE)
    assert person.last_login is None
    assert not person.phone_verified
    assert not person.has_usable_password()
    assert list(User.objects.nobody_yet()) == [person]

    confirm(client, codes_for(person)[0])
    assert is_signed_in(client)
    assert not User.objects.nobody_yet().exists()


@pytest.mark.parametrize("typed", ["139 1234 5678", "+86 139-1234-5678", "8613912345678", "１３９１２３４５６７８"])
def test_a_number_is_one_person_however_it_is_written(client, typed):
    ask(client, "13912345678")
    forget_minutes()

    client.cookies.clear()
    ask(client, typed)

    assert len(codes_for(phone=NEW_PHONE)) == 2


@pytest.mark.parametrize("who", ["13912345678", "wang@example.com"])
def test_known_unknown_and_blocked_get_the_same_answer(who):
    """The pages are compared letter by letter; only tokens may differ."""
    contact = {"phone": NEW_PHONE} if who.isdigit() else {"email": who}

    def answer():
        forget_minutes()
        client: Any = Client()
        asked = ask(client, who)
        page = client.get(CONFIRM, headers=EN)
        wrong_code = confirm(client, "12345")
        forget_minutes()
        resent = client.post(CONFIRM, {"action": "resend"}, headers=EN)
        again = client.get(CONFIRM, headers=EN)
        pages = [re.sub(r'value="\w{64}"', "", page.content.decode()) for page in (page, wrong_code, again)]
        return asked.status_code, asked.url, wrong_code.status_code, resent.status_code, resent.url, *pages

    unknown = answer()
    known = answer()
    User.objects.filter(**contact).update(is_active=False)
    sent_before = len(codes_for(**contact))
    blocked = answer()

    assert unknown == known == blocked
    assert len(codes_for(**contact)) == sent_before, "somebody blocked gets no code"


def test_a_blocked_person_cannot_get_in_with_an_older_code(client):
    user = make_user(phone=NEW_PHONE)
    ask(client, "13912345678")
    User.objects.update(is_active=False)

    confirm(client, codes_for(user)[0])

    assert not is_signed_in(client)


def test_blocking_ends_the_sessions_somebody_has(client):
    user = make_user()
    client.force_login(user)
    assert client.get(reverse("accounts:me")).status_code == 200

    User.objects.update(is_active=False)

    assert client.get(reverse("accounts:me")).status_code == 302


@pytest.mark.parametrize(
    "typed",
    ["", "123", "abc", "010-62345678", "+1 202 555 0123", "a@b", "wang@", "1" * 300, "138\x001380000", "Wang <w@x.cn>"],
)
@pytest.mark.parametrize(("language", "word"), [(EN, "Please"), (ZH, "请")])
def test_what_is_no_contact_is_said_beside_the_field_and_kept(client, typed, language, word):
    response = client.post(ASK, {"who": typed}, headers=language)

    assert response.status_code == 422
    field = response.context["form"]["who"]
    assert field.errors
    assert field.value() == typed
    if 0 < len(typed) < 100 and "\x00" not in typed:
        assert word in field.errors[0]
    assert f'id="id_who_error" role="alert">{field.errors.as_data()[0].message}'[:20] in response.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("next_page", "goes_to"),
    [
        ("/me/addresses/", "/me/addresses/"),
        ("https://evil.example/", "/me/"),
        ("//evil.example/", "/me/"),
        ("javascript:alert(1)", "/me/"),
        ("/\\evil.example", "/me/"),
    ],
)
def test_next_leads_only_to_our_own_pages(client, next_page, goes_to):
    asked = client.post(ASK, {"who": "13912345678", "next": next_page}, headers=EN)
    response = client.post(
        asked.url, {"code": codes_for(phone=NEW_PHONE)[0], "action": "verify", "next": next_page}, headers=EN
    )

    assert is_signed_in(client)
    assert response.url == goes_to


def test_what_a_guest_has_in_the_session_survives_and_the_session_key_changes(client):
    session = client.session
    session["seen"] = [3, 4]
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    ask(client, "13912345678")
    confirm(client, codes_for(phone=NEW_PHONE)[0])

    assert is_signed_in(client)
    assert client.session["seen"] == [3, 4]
    assert client.session.session_key != session.session_key


def test_apps_above_do_their_part_after_a_sign_in_and_keep_nobody_out(client, settings, caplog):
    settings.AFTER_SIGN_IN = [f"{__name__}.fail_at_sign_in", f"{__name__}.note_sign_in"]
    came_in.clear()

    ask(client, "13912345678")
    confirm(client, codes_for(phone=NEW_PHONE)[0])

    assert is_signed_in(client)
    assert came_in == [User.objects.get().pk]
    assert "fail_at_sign_in failed after a sign-in" in caplog.text


def test_everything_that_is_to_run_after_a_sign_in_exists():
    from django.utils.module_loading import import_string

    assert all(callable(import_string(path)) for path in settings.AFTER_SIGN_IN)


def test_we_write_in_the_language_somebody_signs_in_with(client):
    ask(client, "13912345678")
    confirm(client, codes_for(phone=NEW_PHONE)[0])
    user = User.objects.get()
    assert user.language == "en"

    client.get(reverse("language", args=["zh-hans"]))

    user.refresh_from_db()
    assert user.language == "zh-hans"


def test_somebody_who_mistyped_can_start_again(client):
    ask(client, "13912345678")

    response = client.post(reverse("account_logout"), {"next": ASK})

    assert response.url == ASK
    assert client.get(ASK).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "password/reset/",
        "phone/change/",
        "phone/verify/",
        "confirm-email/",
        "inactive/",
        "3rdparty/",
    ],
)
def test_what_this_shop_does_not_use_is_not_there(client, path):
    client.force_login(make_user())

    assert client.get(f"/accounts/{path}").status_code == 404


def test_pages_of_the_sign_in_are_not_kept_by_caches(client):
    ask(client, "13912345678")

    assert "no-store" in client.get(CONFIRM)["Cache-Control"]


def test_the_sign_in_page_asks_the_database_little(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        client.get(ASK)
