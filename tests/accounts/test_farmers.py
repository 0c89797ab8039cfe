"""Becoming a farmer: no licence, a clear answer to every slip."""

import pytest
from django.urls import reverse

from accounts.models import Farmer
from accounts.services import farmers
from common.errors import WrongState
from notifications.models import Notification
from tests.accounts.signing_in import EN, ZH
from tests.make import NOON, make_county, make_farmer, make_moderator, make_region, make_user

pytestmark = pytest.mark.django_db

APPLY = reverse("accounts:farmer_apply")
STATUS = reverse("accounts:farmer_status")
CARD = "6222020000001234566"


@pytest.fixture
def person():
    return make_user("Chen Guilan")


def form(**changes):
    county = make_county()
    return {
        "name": "陈桂兰家",
        "kind": "HOUSEHOLD",
        "province": county.province_id,
        "county": county.pk,
        "town": "长宁镇",
        "village": "新村",
        "women_led": "on",
        "registered_poor": "on",
        "payee_kind": "BANK",
        "payee_name": "陈桂兰",
        "payee_account": "6222 0200 0000 1234 566",
    } | changes


def test_a_household_joins_without_a_licence(client, person):
    client.force_login(person)

    response = client.post(APPLY, form())

    assert response.url == STATUS
    farmer = Farmer.objects.get()
    assert farmer.user == person
    assert farmer.status == Farmer.Status.WAITING
    assert farmer.payee_account == CARD
    assert farmer.women_led
    assert farmer.registered_poor
    assert "We have it" in client.get(STATUS, headers=EN).content.decode()


def test_those_who_decide_are_told_in_the_same_transaction(client, person):
    moderator = make_moderator()
    specialist, elsewhere, former = make_user(), make_user(), make_user()
    other_county = make_county("gansu-dongxiang", code="622926")
    specialist.postings.create(county=make_county(), starts_on=NOON.date())
    elsewhere.postings.create(county=other_county, starts_on=NOON.date())
    former.postings.create(county=make_county(), starts_on="2026-01-01", ends_on="2026-02-01")
    client.force_login(person)

    client.post(APPLY, form())

    told = Notification.objects.filter(kind="farmer_applied")
    assert {notification.recipient for notification in told} == {moderator, specialist}
    assert told[0].link == reverse("accounts:verification_decide", args=[Farmer.objects.get().pk])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x"),
        ("name", "很" * 61),
        ("kind", ""),
        ("kind", "COMPANY"),
        ("province", ""),
        ("province", "999999"),
        ("county", ""),
        ("county", "0"),
        ("county", "1; DROP"),
        ("town", " "),
        ("village", ""),
        ("payee_kind", "CASH"),
        ("payee_name", ""),
        ("payee_account", ""),
        ("payee_account", "6222020000001234567"),
        ("payee_account", "1234"),
    ],
)
@pytest.mark.parametrize(("language", "is_chinese"), [(EN, False), (ZH, True)])
def test_a_slip_is_said_beside_its_field_and_all_that_was_typed_is_kept(
    client, person, field, typed, language, is_chinese
):
    client.force_login(person)

    response = client.post(APPLY, form(**{field: typed}), headers=language)

    assert response.status_code == 422
    shown = response.context["form"]
    error = shown[field].errors[0]
    assert any("一" <= letter <= "鿿" for letter in error) is is_chinese
    assert f'id="id_{field}_error"' in response.content.decode()
    assert all(
        str(shown[name].value()) == str(value) for name, value in form(**{field: typed}).items() if value != "on"
    )
    assert shown["women_led"].value()
    assert not Farmer.objects.exists()


def test_a_county_of_another_province_is_refused(client, person):
    gansu = make_region("620000", "甘肃省", "Gansu", "PROVINCE")
    make_county("gansu-dongxiang", province=gansu, code="622926")
    client.force_login(person)

    response = client.post(APPLY, form(province="620000"))

    assert "county" in response.context["form"].errors
    assert not Farmer.objects.exists()


def test_two_taps_make_one_farmer_and_tell_once(client, person):
    make_moderator()
    client.force_login(person)

    client.post(APPLY, form())
    client.post(APPLY, form(village="老村"))

    assert Farmer.objects.get().village == "老村"
    assert Notification.objects.filter(kind="farmer_applied").count() == 1


def test_without_javascript_the_province_sends_the_form_and_keeps_what_was_typed(client, person):
    county = make_county()
    client.force_login(person)

    response = client.post(APPLY, form(county="", choose="1"), headers=EN)

    assert response.status_code == 200
    assert not response.context["form"].errors
    page = response.content.decode()
    assert f'<option value="{county.pk}">Xunwu County</option>' in page
    assert 'value="陈桂兰家"' in page
    assert not Farmer.objects.exists()


def test_with_it_only_the_two_fields_are_fetched(client, django_assert_num_queries):
    county = make_county()

    with django_assert_num_queries(2):
        response = client.get(reverse("accounts:county_choices"), {"province": county.province_id}, headers=ZH)

    page = response.content.decode()
    assert "<html" not in page
    assert f'<option value="{county.pk}">寻乌县</option>' in page
    assert '<optgroup label="赣州市">' in page


def test_a_refused_farmer_reads_why_corrects_it_and_waits_again(client, person):
    moderator = make_moderator()
    farmer = make_farmer(user=person, status=Farmer.Status.REFUSED, status_reason="请补充村名")
    client.force_login(person)

    assert "请补充村名" in client.get(STATUS).content.decode()
    page = client.get(APPLY)
    assert 'value="新村"' in page.content.decode()
    client.post(APPLY, form(village="上村"))

    farmer.refresh_from_db()
    assert (farmer.status, farmer.village, farmer.status_reason) == ("WAITING", "上村", "")
    assert farmer.applied_at > NOON
    assert Notification.objects.get(kind="farmer_applied").recipient == moderator


@pytest.mark.parametrize("status", [Farmer.Status.VERIFIED, Farmer.Status.SUSPENDED])
def test_who_was_decided_about_cannot_apply_over_it(client, person, status):
    farmer = make_farmer(user=person, status=status)
    client.force_login(person)

    response = client.post(APPLY, form(village="别的村"))

    assert response.url == STATUS
    application = farmers.Application(
        county_id=farmer.county_id, kind="HOUSEHOLD", name="陈桂兰家", town="镇", village="别的村", women_led=False,
        registered_poor=False, payee_kind="BANK", payee_name="陈桂兰", payee_account=CARD,
    )  # fmt: skip
    with pytest.raises(WrongState):
        farmers.apply_to_sell(user_id=person.pk, application=application, now=NOON)
    farmer.refresh_from_db()
    assert (farmer.status, farmer.village) == (status, "新村")


def test_a_guest_is_asked_to_sign_in_and_comes_back(client):
    assert client.get(APPLY).url == f"{reverse('account_request_login_code')}?next={APPLY}"


def test_the_status_page_shows_the_card_only_in_part(client, person):
    make_farmer(user=person)
    client.force_login(person)

    page = client.get(STATUS).content.decode()

    assert "****4567" in page
    assert "6222020000001234567" not in page


@pytest.mark.parametrize("status", Farmer.Status.values)
@pytest.mark.parametrize("language", [EN, ZH])
def test_every_status_has_its_page(client, person, status, language):
    make_farmer(user=person, status=status, status_reason="because")
    client.force_login(person)

    response = client.get(STATUS, headers=language)

    assert response.status_code == 200
    assert (reverse("accounts:farmer_apply") + '"' in response.content.decode().split("<footer")[0]) == (
        status in {"WAITING", "REFUSED"}
    )
