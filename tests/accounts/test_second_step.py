"""The second step that staff and moderators need in production, and the one door to the administration."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.second_step import KEPT
from config.middleware import decides_something
from marketplace.models import ModerationDecision
from tests.accounts.signing_in import EN, ZH, ask, codes_for, confirm, forget_minutes, is_signed_in
from tests.make import NOON, make_farmer, make_moderator, make_user
from tests.marketplace.selling import submit

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


def at_the_desk(client) -> str:
    """A moderator who came in with both steps; their app's secret."""
    client.force_login(make_moderator())
    return set_up(client)


def test_after_a_quarter_of_an_hour_one_still_looks_but_decides_only_with_a_new_code(client):
    revision = submit(make_farmer())
    with time_machine.travel(NOON, tick=True) as clock:
        secret = at_the_desk(client)
        clock.shift(timedelta(minutes=16))
        where = reverse("marketplace:moderation_decide", args=[revision.pk])
        sent = {"verdict": "ASK_CHANGE", "words": "请白天重拍 <照片>。"}

        assert client.get(reverse("marketplace:moderation_queue")).status_code == 200
        asked = client.post(where, sent)
        assert asked.url.startswith(AGAIN)
        assert not ModerationDecision.objects.exists()
        assert client.post(asked.url, {"code": app_code(secret, step=100)}, headers=EN).status_code == 200
        on = client.post(asked.url, {"code": app_code(secret)}).url
        page = client.get(on)
        assert not ModerationDecision.objects.exists(), "a code alone decides nothing"
        text = page.content.decode()
        assert f'action="{where}"' in text
        assert "请白天重拍 &lt;照片&gt;。" in text

        assert client.post(where, dict(page.context["fields"])).status_code == 302
        assert ModerationDecision.objects.get().reason == sent["words"]
        assert client.get(on).url == reverse("marketplace:moderation_queue"), "sent: nothing is kept any more"


def test_what_is_kept_holds_no_password_no_file_and_no_token(client):
    staff = make_user("Admin", is_staff=True, is_superuser=True)
    with time_machine.travel(NOON, tick=True) as clock:
        client.force_login(staff)
        set_up(client)
        clock.shift(timedelta(minutes=16))
        where = reverse("admin:accounts_user_change", args=[staff.pk])
        origin = {"referer": f"http://testserver{where}"}

        for sent in (
            {"password1": "s3cret"},
            {"photo": SimpleUploadedFile("a.jpg", b"jpeg")},
            {"words": "长" * 60_000},
        ):
            response = client.post(where, sent, headers=origin)
            assert response.url == f"{AGAIN}?{urlencode({'next': where})}"
            assert KEPT not in client.session
        elsewhere = client.post(where, {"password1": "x"}, headers={"referer": "https://example.com/moderation/"})
        assert elsewhere.url == f"{AGAIN}?{urlencode({'next': reverse('marketplace:moderation_queue')})}"
        client.post(where, {"name": "New", "csrfmiddlewaretoken": "t"})
        assert client.session[KEPT] == {"path": where, "fields": [["name", "New"]]}


def test_nothing_is_decided_through_the_api_with_an_old_second_step(client):
    revision = submit(make_farmer())
    with time_machine.travel(NOON, tick=True) as clock:
        at_the_desk(client)
        where = reverse("api:revision-decide", args=[revision.pk])
        clock.shift(timedelta(minutes=16))

        response = client.post(where, {"verdict": "APPROVE"}, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (403, "second_step_needed")
    assert not ModerationDecision.objects.exists()


@pytest.mark.parametrize(("method", "path", "decides"), [
    ("POST", "/moderation/revisions/1/decide/", True),
    ("POST", "/moderation/numbers/1/", True),
    ("POST", "/moderation/farmers/1/number/", True),
    ("GET", "/moderation/", False),
    ("POST", "/finance/payouts/1/approve/", True),
    ("GET", "/finance/payouts/1/", False),
    ("POST", "/admin/accounts/user/1/change/", True),
    ("GET", "/admin/payments/payout/export/", True),
    ("POST", "/api/v1/moderation/reviews/1/decision/", True),
    ("POST", "/me/", False),
    ("POST", "/lang/en/", False),
])  # fmt: skip
def test_what_counts_as_deciding(rf, method, path, decides):
    assert decides_something(rf.generic(method, path)) is decides


def test_going_on_is_for_staff_only(client):
    client.force_login(make_user())
    assert client.get(reverse("accounts:second_step_go_on")).status_code == 404


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
