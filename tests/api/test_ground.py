"""What every address of the API does alike: refusals, tokens, scopes, pages, ETags, limits, languages."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Address, ApiToken, Posting
from accounts.services.tokens import revoke_token
from common.errors import NotAllowed
from notifications.models import Notification
from tests.api.asking import Api, as_, token_for
from tests.make import NOON, make_address, make_county, make_farmer, make_moderator, make_shanghai, make_user

pytestmark = pytest.mark.django_db

NEW = {"recipient": "王小明", "phone": "139 0000 0000", "province": "310000", "prefecture": "310100", "county": "310104",
       "detail": "漕溪北路 1 号"}  # fmt: skip


@pytest.fixture
def buyer():
    make_shanghai()
    return make_user("Buyer")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("get", "nothing/here/", {}, 404, "not_found"),
        ("post", "nothing/here/", {}, 404, "not_found"),
        ("get", "addresses/", {}, 401, "not_signed_in"),
        ("get", "addresses/", {"Authorization": "Bearer chs_wrong"}, 401, "not_signed_in"),
        ("get", "regions/", {"Accept": "text/csv"}, 406, "not_acceptable"),
        ("put", "regions/", {}, 405, "method_not_allowed"),
        ("get", "regions/?cursor=abc", {}, 400, "bad_cursor"),
        ("get", "regions/?cursor=WyJhIiwxXQ", {}, 400, "bad_cursor"),
        ("get", "regions/?limit=0", {}, 400, "bad_limit"),
        ("get", "regions/?limit=9999999999999999999999", {}, 400, "bad_limit"),
        ("get", "regions/?level=nonsense", {}, 422, "invalid"),
    ],
)
def test_every_refusal_is_problem_details_with_a_code(method, path, headers, status, code):
    response = Api().ask(method, path, **headers)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["status"], response.json()["code"]) == (status, code)
    if status == 401:
        assert response["WWW-Authenticate"] == "Bearer"


def test_broken_json_and_other_kinds_of_bodies_are_refused(buyer):
    headers = {"Authorization": f"Bearer {token_for(buyer)}"}
    path = "/api/v1/addresses/"

    broken = Client().post(path, "{", content_type="application/json", headers=headers)
    form = Client().post(path, {"recipient": "x"}, headers=headers)

    assert (broken.status_code, broken.json()["code"]) == (400, "malformed")
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")


def test_a_wrong_field_is_pointed_at_and_nothing_is_saved(buyer):
    response = as_(buyer).post("addresses/", NEW | {"phone": "no", "province": "\x00", "is_staff": True})

    pointers = {error["pointer"]: error["code"] for error in response.json()["errors"]}
    assert response.status_code == 422
    assert pointers.keys() == {"#/phone", "#/province", "#/is_staff"}
    unknown = as_(buyer).post("addresses/", NEW | {"is_staff": True, "user": 1})
    assert {error["pointer"] for error in unknown.json()["errors"]} == {"#/is_staff", "#/user"}
    wrong_place = as_(buyer).post("addresses/", NEW | {"county": "000000"})
    assert wrong_place.json()["errors"][0]["pointer"] == "#/county"
    assert not Address.objects.exists()


def test_an_address_is_kept_shown_changed_and_forgotten(buyer):
    api = as_(buyer)

    made = api.post("addresses/", NEW)
    pk = made.json()["id"]
    changed = api.put(f"addresses/{pk}/", NEW | {"recipient": "李四"})

    assert made.status_code == 201
    assert made.json()["phone"] == "+8613900000000"
    assert changed.json()["recipient"] == "李四"
    assert api.delete(f"addresses/{pk}/").status_code == 204
    assert api.get(f"addresses/{pk}/").status_code == 404


def test_tokens_open_what_they_are_for_until_they_end(buyer):
    reading = as_(buyer, "read")

    assert reading.get("addresses/").status_code == 200
    refused = reading.post("addresses/", NEW)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    token = ApiToken.objects.get()
    assert token.last_used_at is not None
    revoke_token(user_id=make_user().pk, token_id=token.pk, now=timezone.now())
    assert reading.get("addresses/").status_code == 200, "another's word takes nothing back"
    revoke_token(user_id=buyer.pk, token_id=token.pk, now=timezone.now())
    assert reading.get("addresses/").status_code == 401


@pytest.mark.parametrize(
    "change", [{"expires_at": NOON - timedelta(days=1), "created_at": NOON - timedelta(days=9)}, None]
)
def test_an_old_token_and_one_of_somebody_blocked_open_nothing(buyer, change):
    api = as_(buyer)
    if change:
        ApiToken.objects.update(**change)
    else:
        buyer.is_active = False
        buyer.save()

    assert api.get("me/").status_code == 401


def test_a_token_that_decides_is_for_those_who_decide_and_reaches_no_further_than_they_do(buyer):
    farmer, elsewhere = make_farmer(), make_farmer("Elsewhere", county=make_county("yunnan-yuanyang", code="532528"))
    specialist = make_user("Specialist")
    Posting.objects.create(specialist=specialist, county=farmer.county, starts_on=NOON.date())
    program = as_(specialist, "moderate")

    assert program.get(f"moderation/farmers/{farmer.pk}/").status_code == 200
    assert program.get(f"moderation/farmers/{elsewhere.pk}/").status_code == 404
    assert program.get("moderation/revisions/").status_code == 404
    with pytest.raises(NotAllowed):
        token_for(buyer, "moderate")
    Posting.objects.update(ends_on=NOON.date() - timedelta(days=1), starts_on=NOON.date() - timedelta(days=9))
    assert program.get(f"moderation/farmers/{farmer.pk}/").status_code == 404, "a token never outlives the posting"


def test_only_a_hash_of_a_token_is_kept(buyer):
    value = token_for(buyer)

    row = str(ApiToken.objects.values().get())

    assert value.startswith(ApiToken.objects.get().prefix)
    assert value not in row


def test_me_says_who_asks_and_what_the_token_may(buyer):
    answer = as_(buyer, "sell").get("me/").json()

    assert (answer["id"], answer["scopes"], answer["farmer"]) == (buyer.pk, ["sell"], None)
    assert buyer.phone not in str(answer)


def test_a_session_needs_its_csrf_token(buyer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(buyer)

    refused = client.post("/api/v1/addresses/", NEW, content_type="application/json")
    client.get("/me/")
    token = client.cookies["csrftoken"].value
    made = client.post("/api/v1/addresses/", NEW, content_type="application/json", headers={"X-CSRFToken": token})

    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert made.status_code == 201


def test_pages_show_each_row_once_whatever_comes_in_between(buyer):
    for n in range(7):
        Notification.objects.create(
            recipient=buyer,
            kind="order_placed",
            about="x",
            dedupe_key=str(n),
            created_at=NOON + timedelta(hours=n // 3),
        )
    api, seen, path = as_(buyer), [], "notifications/?limit=3"

    while path:
        page = api.get(path)
        seen += [row["id"] for row in page.json()["results"]]
        if page.json()["next"]:
            assert page["Link"] == f'<{page.json()["next"]}>; rel="next"'
            Notification.objects.create(
                recipient=buyer, kind="x", about="x", dedupe_key=path, created_at=NOON + timedelta(days=1)
            )
        path = (page.json()["next"] or "").partition("/api/v1/")[2]

    assert len(seen) == len(set(seen)) == 7


def test_what_is_known_is_not_sent_again(buyer):
    address, api = make_address(buyer), as_(buyer)
    first = api.get(f"addresses/{address.pk}/")

    again = api.get(f"addresses/{address.pk}/", If_None_Match=first["ETag"])
    other = api.get(f"addresses/{address.pk}/", If_None_Match='"other"')

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert "no-store" in first["Cache-Control"]
    assert "Authorization" in first["Vary"]


def test_an_edit_of_what_has_changed_is_refused(buyer):
    address, api = make_address(buyer), as_(buyer)
    path = f"addresses/{address.pk}/"
    tag = api.get(path)["ETag"]

    first = api.put(path, NEW | {"recipient": "甲"}, If_Match=tag)
    second = api.put(path, NEW | {"recipient": "乙"}, If_Match=tag)

    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (412, "changed_meanwhile")
    address.refresh_from_db()
    assert address.recipient == "甲"
    assert (
        api.put(
            path, NEW | {"recipient": "丙"}, If_Match=first["ETag"] if first.has_header("ETag") else "*"
        ).status_code
        == 200
    )


def test_too_many_requests_are_told_when_to_come_back(buyer, settings):
    settings.API_LIMITS = settings.API_LIMITS | {"read": 2, "wrong_token": 1}
    api, other = as_(buyer), as_(make_user())

    codes = [api.get("me/").status_code for _ in range(3)]
    refused = api.get("me/")

    assert codes == [200, 200, 429]
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused.json()["code"] == "too_many_requests"
    assert other.get("me/").status_code == 200
    assert [Api("chs_x").get("me/").status_code for _ in range(2)] == [401, 429]


def test_without_a_cache_people_are_served_and_guessers_are_not(buyer, monkeypatch):
    api = as_(buyer)
    monkeypatch.setattr(cache, "incr", lambda *a, **k: 1 / 0)

    assert api.get("me/").status_code == 200
    assert Api("chs_x").get("me/").status_code == 503


def test_answers_speak_the_language_asked_for(buyer):
    english = Api(Accept_Language="en").get("regions/310000/")
    answers = {language: Client().get("/api/v1/regions/310000/", headers={"Accept-Language": language}).json()["name"]
               for language in ("en", "zh-CN")}  # fmt: skip

    assert answers == {"en": "Shanghai", "zh-CN": "上海市"}
    assert english.status_code == 200


def test_moderators_behind_their_second_step_are_told_so_in_json(settings):
    settings.STAFF_NEED_TOTP = True
    client = Client()
    client.force_login(make_moderator())

    response = client.get("/api/v1/me/")

    assert (response.status_code, response.json()["code"]) == (403, "second_step_needed")


def test_lists_cost_the_same_however_long_they_are(buyer, django_assert_num_queries):
    api = as_(buyer)
    api.get("addresses/")
    for _ in range(9):
        make_address(buyer)

    with django_assert_num_queries(2):  # the token, the list
        assert len(api.get("addresses/").json()["results"]) == 9
