"""A moderator ends what a farmer does not post: money back, both sides told why."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Notification
from orders.models import Parcel
from payments.models import Refund
from payments.services.cancelling import cancel_and_refund
from tests.accounts.signing_in import EN, ZH
from tests.make import make_moderator
from tests.orders.making import make_order, post
from tests.payments.scene import make_paid_order

pytestmark = pytest.mark.django_db


def cancel_url(parcel: Parcel) -> str:
    return reverse("payments:parcel_cancel", args=[parcel.number])


def test_a_moderator_cancels_with_a_reason_that_both_sides_read(client):
    parcel = make_paid_order().parcels.get()
    client.force_login(make_moderator())

    asked = client.get(cancel_url(parcel))
    silent = client.post(cancel_url(parcel), {"reason": " "})
    done = client.post(cancel_url(parcel), {"reason": "农户联系不上"})
    again = client.post(cancel_url(parcel), {"reason": "农户联系不上"})

    parcel.refresh_from_db()
    assert asked.context["role"] == "MODERATOR"
    assert silent.status_code == 422
    assert silent.context["form"].errors["reason"]
    assert done.url == again.url == reverse("orders:late_list")
    assert parcel.state == "CANCELLED"
    assert Refund.objects.get().amount_fen == parcel.total_fen
    told = Notification.objects.filter(kind="parcel_cancelled", context__reason="农户联系不上")
    assert {notice.recipient for notice in told} == {parcel.order.buyer, parcel.farmer.user}


def test_a_moderator_cannot_cancel_what_is_posted(client):
    parcel = post(make_paid_order().parcels.get(), now=timezone.now())
    client.force_login(make_moderator())

    response = client.post(cancel_url(parcel), {"reason": "太晚了"})

    parcel.refresh_from_db()
    assert response.url == reverse("orders:late_list")
    assert parcel.state == "ON_THE_WAY"
    assert not Refund.objects.exists()


def test_a_moderators_own_purchase_is_cancelled_as_by_any_buyer(client):
    moderator = make_moderator()
    parcel = make_paid_order(make_order(moderator, now=timezone.now())).parcels.get()
    client.force_login(moderator)

    assert client.get(cancel_url(parcel)).context["role"] == "BUYER"


@pytest.mark.parametrize("headers", [EN, ZH])
def test_money_on_its_way_back_is_not_said_to_be_back(headers):
    """The refund is a row, and nobody has sent it yet: both sides read that it goes back."""
    order = make_paid_order()
    parcel = order.parcels.get()
    cancel_and_refund(parcel_id=parcel.pk, actor=order.buyer, reason="", now=timezone.now())
    buyers, farmers = Client(headers=headers), Client(headers=headers)
    buyers.force_login(order.buyer)
    farmers.force_login(parcel.farmer.user)

    pages = [
        buyers.get(reverse("orders:order_detail", args=[order.number])).content.decode(),
        farmers.get(reverse("orders:parcel_detail", args=[parcel.number])).content.decode(),
    ]

    assert not any(word in page for page in pages for word in ("Given back", "已退"))
    words = ["Goes back to you", "Goes back to the buyer"] if headers is EN else ["退给您", "退给买家"]
    assert [word in page for word, page in zip(words, pages, strict=True)] == [True, True]
