"""/me/: what is one's own, and the way to everything else."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer
from accounts.services.tokens import find_token, make_token
from tests.accounts.signing_in import EN, ZH
from tests.make import make_county, make_farmer, make_moderator, make_user

pytestmark = pytest.mark.django_db

ME = reverse("accounts:me")
EVERYWHERE = reverse("accounts:sign_out_everywhere")


def main_of(response) -> str:
    """The page without its frame."""
    return response.content.decode().split("<main")[1].split("</main>")[0]


def test_the_phone_is_shown_only_in_part(client):
    client.force_login(make_user(phone="+8613912345678", name="Wang"))

    page = main_of(client.get(ME))

    assert "139****5678" in page
    assert "13912345678" not in page


@pytest.mark.parametrize("language", [EN, ZH])
def test_each_person_sees_the_ways_that_are_theirs(client, language):
    specialist = make_user()
    specialist.postings.create(county=make_county(), starts_on="2025-01-01")
    join, status, home = "/sell/join/", "/sell/join/status/", "/sell/"
    verify, moderate, admin = reverse("accounts:verification_queue"), reverse("marketplace:moderation_queue"), "/admin/"
    theirs = {
        make_user(): {join},
        make_farmer().user: {status, home},
        make_farmer(status=Farmer.Status.WAITING).user: {status, home},
        specialist: {join, verify},
        make_moderator(): {join, verify, moderate},
        make_user(is_staff=True): {join, admin},
    }
    for person, links in theirs.items():
        client.force_login(person)
        page = main_of(client.get(ME, headers=language))
        assert {link for link in (join, status, home, verify, moderate, admin) if f'href="{link}"' in page} == links


def test_a_person_can_choose_a_name(client):
    user = make_user("Old")
    client.force_login(user)

    response = client.post(ME, {"name": "  王   小明 "})

    assert response.url == ME
    user.refresh_from_db()
    assert user.name == "王 小明"


@pytest.mark.parametrize("typed", ["x" * 61, "a\x00b", "a\x07b"])
@pytest.mark.parametrize(("language", "is_chinese"), [(EN, False), (ZH, True)])
def test_a_name_that_will_not_do_is_said_beside_the_field(client, typed, language, is_chinese):
    user = make_user("Old")
    client.force_login(user)

    response = client.post(ME, {"name": typed}, headers=language)

    assert response.status_code == 422
    error = response.context["form"]["name"].errors[0]
    assert any("一" <= letter <= "鿿" for letter in error) is is_chinese
    user.refresh_from_db()
    assert user.name == "Old"


def test_a_name_is_only_text_on_the_page(client):
    client.force_login(make_user("<script>alert(1)</script>"))

    assert "<script>alert" not in client.get(ME).content.decode()


def test_signing_out_takes_a_button_not_a_link(client):
    client.force_login(make_user())
    url = reverse("account_logout")

    assert client.get(url).status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post(url).url == "/"
    assert "_auth_user_id" not in client.session


def test_a_guest_is_asked_to_sign_in(client):
    assert client.get(ME).url == f"{reverse('account_request_login_code')}?next={ME}"


def test_the_number_of_queries(client, django_assert_num_queries):
    client.force_login(make_farmer().user)

    with django_assert_num_queries(7):  # session, user, a lost number, farmer, postings, cart, unread
        client.get(ME)


@pytest.mark.parametrize("password", [None, "a long pass phrase"])
def test_signing_out_everywhere_leaves_this_browser_alone_and_ends_all_else(client, password):
    now, user, other = timezone.now(), make_user(password=password), make_user()
    elsewhere, others = Client(), Client()
    for browser, who in ((client, user), (elsewhere, user), (others, other)):
        browser.force_login(who)
    _token, value = make_token(user_id=user.pk, name="x", scopes=["buy"], days=9, now=now)
    _token, theirs = make_token(user_id=other.pk, name="x", scopes=["buy"], days=9, now=now)
    user.devices.create(endpoint="https://fcm.googleapis.com/x", p256dh="k", auth="k", added_at=now)

    response = client.post(EVERYWHERE, headers=EN, follow=True)

    assert "signed in here and nowhere else" in response.content.decode()
    assert [browser.get(ME).status_code for browser in (client, elsewhere, others)] == [200, 302, 200]
    assert find_token(value, timezone.now()) is None
    assert find_token(theirs, timezone.now())
    assert not user.devices.exists()
    user.refresh_from_db()
    assert user.check_password(password) if password else not user.has_usable_password(), "it opens as before"
    elsewhere.force_login(user)
    client.post(EVERYWHERE)
    assert [browser.get(ME).status_code for browser in (client, elsewhere)] == [200, 302], "and again"
