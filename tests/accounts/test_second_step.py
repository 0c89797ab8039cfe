"""The second step that staff and moderators need in production, and the one door to the administration."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from tests.accounts.signing_in import EN, ZH, ask, codes_for, confirm, forget_minutes, is_signed_in
from tests.make import make_moderator, make_user

pytestmark = pytest.mark.django_db

ACTIVATE = reverse("mfa_activate_totp")
AGAIN = reverse("mfa_reauthenticate")
CODES = reverse("mfa_view_recovery_codes")
QUEUE = reverse("accounts:verification_queue")
PHONE = "+8613912345678"


@pytest.fixture(autouse=True)
def production(settings):
    settings.STAFF_NEED_TOTP = True


def app_code(secret: str, step: int = 0) -> str:
    """What the authenticator app shows now, or some half minutes later."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2] + step))


def set_up(client) -> str:
    """Scan and type; returns the secret."""
    secret = client.get(ACTIVATE).context["form"].secret
    response = client.post(ACTIVATE, {"code": app_code(secret)}, headers=EN)
    assert response.status_code == 302, response.context["form"].errors
    return secret


@pytest.mark.parametrize("role", ["is_moderator", "is_staff", "is_superuser"])
@pytest.mark.parametrize(
    "page", [QUEUE, "/me/", "/me/addresses/", "/", "/admin/", CODES, reverse("account_set_password")]
)
def test_without_it_staff_reach_nothing_else(client, role, page):
    client.force_login(make_user(**{"is_staff": True} | {role: True}))

    assert client.get(page).url == ACTIVATE
    assert client.post(page).url == ACTIVATE


def test_a_fragment_is_refused_instead_of_filled_with_another_page(client):
    client.force_login(make_moderator())

    assert client.get(QUEUE, headers={"HX-Request": "true"}).status_code == 403


def test_buyers_and_guests_are_left_alone(client):
    assert client.get(reverse("account_request_login_code")).status_code == 200
    client.force_login(make_user())
    assert client.get("/me/").status_code == 200


def test_where_it_is_not_asked_for_moderators_just_work(client, settings):
    settings.STAFF_NEED_TOTP = False
    client.force_login(make_moderator())

    assert client.get(QUEUE).status_code == 200


def test_setting_it_up_lets_in_and_shows_recovery_codes(client):
    client.force_login(make_moderator())

    secret = client.get(ACTIVATE).context["form"].secret
    response = client.post(ACTIVATE, {"code": app_code(secret)}, follow=True)

    assert response.redirect_chain == [(CODES, 302)]
    assert len(response.context["unused_codes"]) == 10
    assert client.get(QUEUE).status_code == 200


@pytest.mark.parametrize(("language", "words"), [(EN, "That code is not right"), (ZH, "验证码不对")])
def test_a_wrong_code_sets_nothing_up(client, language, words):
    client.force_login(make_moderator())
    secret = client.get(ACTIVATE).context["form"].secret

    response = client.post(ACTIVATE, {"code": app_code(secret, step=100)}, headers=language)

    assert response.status_code == 422
    assert words in response.context["form"]["code"].errors[0]
    assert not Authenticator.objects.exists()


def test_the_secret_is_not_in_the_database_in_clear(client):
    client.force_login(make_moderator())

    secret = set_up(client)

    stored = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert len(stored) > len(secret)


def test_an_older_key_of_the_site_still_opens_it(client, settings):
    user = make_moderator(phone=PHONE)
    client.force_login(user)
    secret = set_up(client)

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-the-site"
    totp = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).wrap()

    assert totp.validate_code(app_code(secret, step=1)) or totp.validate_code(app_code(secret))


def test_signing_in_takes_both_steps(client):
    user = make_moderator(phone=PHONE)
    first = Client()
    first.force_login(user)
    secret = set_up(first)

    ask(client, "13912345678")
    after_code = confirm(client, codes_for(user)[0])
    assert after_code.url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert client.get(QUEUE).status_code == 302

    wrong = client.post(after_code.url, {"code": app_code(secret, step=100)}, headers=EN)
    assert "That code is not right" in wrong.content.decode()
    assert not is_signed_in(client)

    client.post(after_code.url, {"code": app_code(secret)})
    assert is_signed_in(client)
    assert client.get(QUEUE).status_code == 200


def test_a_code_of_the_app_works_once(client):
    user = make_moderator(phone=PHONE)
    first, second = Client(), Client()
    first.force_login(user)
    secret = set_up(first)
    code = app_code(secret)
    for browser in (client, second):
        ask(browser, "13912345678")
        forget_minutes()
        confirm(browser, codes_for(user)[-1])
        browser.post(reverse("mfa_authenticate"), {"code": code})

    assert is_signed_in(client)
    assert not is_signed_in(second)


def test_a_recovery_code_works_once_when_the_phone_is_lost():
    user = make_moderator(phone=PHONE)
    first = Client()
    first.force_login(user)
    set_up(first)
    code = first.get(CODES).context["unused_codes"][0]
    came_in = []
    for _ in range(2):
        browser = Client()
        forget_minutes()
        ask(browser, "13912345678")
        confirm(browser, codes_for(user)[-1])
        browser.post(reverse("mfa_authenticate"), {"code": code})
        came_in.append(is_signed_in(browser))

    assert came_in == [True, False]


def test_guessing_the_second_step_is_limited(client):
    user = make_moderator(phone=PHONE)
    first = Client()
    first.force_login(user)
    secret = set_up(first)
    ask(client, "13912345678")
    confirm(client, codes_for(user)[0])

    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": app_code(secret, step=100)})
    client.post(reverse("mfa_authenticate"), {"code": app_code(secret)})

    assert not is_signed_in(client)


def test_a_session_that_never_took_it_has_to_take_it_once(client):
    user = make_moderator()
    first = Client()
    first.force_login(user)
    secret = set_up(first)
    client.force_login(user)

    asked = client.get(f"{QUEUE}?status=VERIFIED")
    page = client.get(asked.url, headers=EN)
    done = client.post(asked.url, {"code": app_code(secret)})

    assert asked.url.startswith(AGAIN)
    assert "next=%2Fmoderation%2Ffarmers%2F%3Fstatus%3DVERIFIED" in asked.url
    assert page.status_code == 200
    assert done.url == f"{QUEUE}?status=VERIFIED"
    assert client.get(done.url).status_code == 200


def test_without_the_app_any_more_it_has_to_be_set_up_again(client):
    client.force_login(make_moderator())
    set_up(client)

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert client.get(QUEUE).url == ACTIVATE


def test_another_persons_recovery_codes_are_not_shown(client):
    first = Client()
    first.force_login(make_moderator())
    set_up(first)
    client.force_login(make_user())

    assert client.get(CODES).status_code == 404
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 404


def test_the_administration_has_no_door_of_its_own(client):
    response = client.get("/admin/login/?next=/admin/")

    assert response.status_code == 302
    assert response.url == f"{reverse('account_request_login_code')}?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302


def test_a_buyer_at_that_door_is_turned_away(client):
    client.force_login(make_user())

    assert client.get("/admin/login/").status_code == 403
