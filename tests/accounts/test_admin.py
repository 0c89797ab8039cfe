"""The administration: to look things up, block people, give roles; no way round the pages where reasons are given."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Farmer, Posting, User
from tests.make import make_county, make_farmer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    chief = make_user("Chief", is_staff=True, is_superuser=True)
    client.force_login(chief)
    return chief


@pytest.mark.parametrize(
    "model", ["user", "farmer", "verificationdecision", "payeechange", "posting", "county", "region"]
)
def test_every_list_opens(client, chief, model):
    make_farmer()

    assert client.get(reverse(f"admin:accounts_{model}_changelist"), {"q": "x"}).status_code == 200


def test_a_farmer_is_looked_at_here_and_decided_on_their_own_page(client, chief):
    farmer = make_farmer(status=Farmer.Status.WAITING)
    url = reverse("admin:accounts_farmer_change", args=[farmer.pk])

    page = client.get(url).content.decode()
    answer = client.post(url, {"status": "VERIFIED"})

    assert reverse("accounts:verification_decide", args=[farmer.pk]) in page
    assert farmer.payee_account not in page
    assert answer.status_code == 403
    farmer.refresh_from_db()
    assert farmer.status == Farmer.Status.WAITING


def change_user(client, user, **changes):
    fields = {"name": user.name, "language": "zh-hans", "is_active": "on", "is_staff": "on"} | changes
    url = reverse("admin:accounts_user_change", args=[user.pk])
    return client.post(url, {name: value for name, value in fields.items() if value})


def test_somebody_can_be_blocked_and_given_a_role(client, chief):
    user = make_user()

    change_user(client, user, is_active="", is_moderator="on", is_staff="")

    user.refresh_from_db()
    assert not user.is_active
    assert user.is_moderator


def test_staff_who_may_change_people_cannot_make_staff(client):
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(clerk)
    user = make_user()

    change_user(client, user, is_staff="on", is_superuser="on", phone="+8613900000009")

    before = user.phone
    user.refresh_from_db()
    assert not user.is_staff
    assert not user.is_superuser
    assert user.phone == before


def test_a_specialist_is_posted_here(client, chief):
    specialist, county = make_user(), make_county()

    client.post(
        reverse("admin:accounts_posting_add"),
        {"specialist": specialist.pk, "county": county.pk, "starts_on": "2026-01-01", "ends_on": ""},
    )

    assert Posting.objects.get().specialist == specialist


@pytest.mark.parametrize("model", ["user", "farmer", "county", "region", "verificationdecision", "payeechange"])
def test_nothing_is_added_by_hand_that_comes_about_elsewhere(client, chief, model):
    assert client.get(reverse(f"admin:accounts_{model}_add")).status_code == 403
    assert User.objects.count() == 1
