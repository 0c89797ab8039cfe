"""Staff look at payments and change nothing, but may send a parked refund again."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payments.models import Refund
from payments.services import cancel_and_refund
from tests.make import make_user
from tests.payments.scene import first_parcel, make_paid_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client):
    user = make_user("Admin", is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def refund(order) -> Refund:
    make_paid_order(order)
    owed = cancel_and_refund(parcel_id=first_parcel(order).pk, actor=order.buyer, reason="", now=timezone.now())
    assert owed
    return owed


@pytest.mark.parametrize("model", ["payment", "gatewaymessage", "refund"])
def test_staff_can_look_but_not_touch(client: Client, staff, refund, model):
    pk = {"payment": refund.payment_id, "refund": refund.pk}.get(model, 0)
    name = f"admin:payments_{model}"

    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_add")).status_code == 403
    if pk:
        assert client.get(reverse(f"{name}_change", args=[pk])).status_code == 200
        assert client.post(reverse(f"{name}_change", args=[pk]), {"status": "DONE"}).status_code == 403
        assert client.post(reverse(f"{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    refund.refresh_from_db()
    assert refund.status == "DUE"


def test_a_parked_refund_is_sent_again_and_no_other(client: Client, staff, refund):
    url = reverse("admin:payments_refund_changelist")
    action = {"action": "send_again", "_selected_action": [refund.pk]}
    Refund.objects.update(status="DONE", done_at=timezone.now())
    client.post(url, action)
    refund.refresh_from_db()
    assert refund.status == "DONE"

    Refund.objects.update(status="FAILED")
    client.post(url, action)
    refund.refresh_from_db()
    assert refund.status == "DUE"
