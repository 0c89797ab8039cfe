"""Marked secrets are put on everybody, then every page is read by people who must not see them."""

import pgtrigger
import pytest
from django.test import Client

from accounts.models import Address, Farmer, User
from orders.models import Order
from tests.config.addresses import address_of
from tests.config.test_who_may import MAY
from tests.config.village import Village, make_village

pytestmark = pytest.mark.django_db

FARMERS = {"village": "金丝雀村", "payee_name": "金丝雀户名", "payee_account": "6222029999888877776"}
BUYERS = {"recipient": "金丝雀收件人", "phone": "+8613999988887", "address": "金丝雀路 77 号", "note": "金丝雀留言"}
SHOWN_AS = [
    "139 9998 8887",
    "13999988887",
    "139****8887",
    "****7776",
    "138 7777 6666",
    "13877776666",
    "canary@example.com",
]
POOR = ["registered", "建档立卡", "贫困户"]
NO_PAGES = {
    "account_logout",
    "marketplace:lot_qr",
    "marketplace:share_poster",
    "training:certificate_qr",
    "media",
    "health_ready",
}


@pytest.fixture
def village() -> Village:
    village = make_village()
    with pgtrigger.ignore("accounts.Farmer:farmer_payee_as_changed"):  # all have the same account, for once
        Farmer.objects.update(registered_poor=True, **FARMERS)
    Order.objects.update(**BUYERS)
    Address.objects.update(recipient=BUYERS["recipient"], phone=BUYERS["phone"], detail=BUYERS["address"])
    User.objects.filter(pk=village.people["grower"].pk).update(phone="+8613877776666", email="canary@example.com")
    return village


def read(village: Village, who: str, name: str) -> str:
    client = Client()
    if who != "guest":
        client.force_login(village.people[who])
    response = client.get(address_of(name, village))
    return response.content.decode(errors="replace") if response.status_code == 200 and not response.streaming else ""


def leaks(village: Village, who: str, secrets: list[str]) -> set[tuple[str, str]]:
    pages = {name: read(village, who, name) for name in set(MAY) - NO_PAGES}
    assert sum(bool(page) for page in pages.values()) >= 20, "or the check reads nothing"
    return {(name, secret) for name, page in pages.items() for secret in secrets if secret in page}


def test_a_specialist_from_elsewhere_reads_nothing_private_of_farmers_and_buyers(village):
    assert leaks(village, "specialist", [*FARMERS.values(), *BUYERS.values(), *SHOWN_AS]) == set()


@pytest.mark.parametrize("who", ["guest", "stranger"])
def test_nobody_reads_what_is_private_nor_who_is_registered_poor(village, who):
    """The words for the poor stand where it is asked: in the application's form, and as a field's name in the API's pages."""
    asked = {("accounts:farmer_apply", word) for word in POOR} | {("api:index", POOR[0]), ("api:schema", POOR[0])}

    assert leaks(village, who, [*FARMERS.values(), *BUYERS.values(), *SHOWN_AS, *POOR]) - asked == set()


def test_the_buyer_reads_nothing_private_of_the_farmer(village):
    assert leaks(village, "buyer", [*FARMERS.values(), "****7776", "138 7777 6666", "canary@example.com"]) == set()


def test_another_farmer_reads_nothing_private(village):
    """What every farmer has was put on all of them; only pages of one's own application and money show it."""
    found = leaks(village, "neighbour", [*BUYERS.values(), *SHOWN_AS])

    own = {"accounts:farmer_status", "accounts:payee_change", "accounts:me", "payments:farm_money"}
    assert {name for name, _secret in found} <= own


def test_the_farmer_who_posts_the_box_does_read_where_it_goes(village):
    """The control: the marks are on the pages of those who need them."""
    page = read(village, "grower", "orders:parcel_detail")

    assert BUYERS["recipient"] in page
    assert BUYERS["address"] in page
    assert "139 9998 8887" in page or "13999988887" in page


def test_the_moderator_sees_the_account_by_its_end_alone(village):
    page = read(village, "moderator", "accounts:verification_decide")

    assert FARMERS["village"] in page
    assert FARMERS["payee_account"] not in page


def test_the_lists_of_the_administration_name_no_phone_address_or_account(village):
    admin = User.objects.create_user(email="admin@example.com", name="Admin")
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(pk=admin.pk))
    lists = [
        f"/admin/{app}/{model}/"
        for app, models in {
            "accounts": ["user", "farmer", "posting", "verificationdecision", "payeechange"],
            "orders": ["order", "parcel"],
            "payments": ["payment", "refund", "gatewaymessage"],
            "notifications": ["notification", "delivery"],
            "marketplace": ["listing", "lot", "hold", "photo"],
        }.items()
        for model in models
    ]

    secrets = [
        *FARMERS.values(),
        BUYERS["phone"],
        BUYERS["address"],
        "13999988887",
        "13877776666",
        "canary@example.com",
    ]
    for path in lists:
        response = client.get(path)
        assert response.status_code == 200, path
        assert [secret for secret in secrets if secret in response.content.decode(errors="replace")] == [], path
