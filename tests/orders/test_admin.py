"""The admin sets postage, and moves no order by hand."""

import pytest
from django.urls import reverse

from accounts.models import User
from orders.models import Parcel, PostageRate
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client) -> User:
    admin = User.objects.create_superuser(email="admin@example.org", phone=None)
    client.force_login(admin)
    return admin


def test_a_rate_is_changed_here(client, admin):
    make_parcel()
    url = reverse("admin:orders_postagerate_change", args=["Z3"])
    rate = PostageRate.objects.values().get(zone="Z3")

    client.post(url, {**rate, "first_kg_fen": 950})

    assert PostageRate.objects.get(zone="Z3").first_kg_fen == 950


def test_orders_and_parcels_are_only_looked_at(client, admin):
    parcel = make_parcel()
    for name, pk in [("order", parcel.order_id), ("parcel", parcel.pk)]:
        assert client.get(reverse(f"admin:orders_{name}_changelist")).status_code == 200
        url = reverse(f"admin:orders_{name}_change", args=[pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"state": "SETTLED"}).status_code == 403
        assert client.post(reverse(f"admin:orders_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403

    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.TO_PACK
