"""The pages of direct payments: the farmer's code from the picture to the buyer's screen, and the two words."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.services import photos
from notifications.models import Notification
from payments.models import OfflinePayment, Payment, ReceivingCode
from payments.services import cancel_and_refund, receiving_codes
from tests.make import make_farmer, make_moderator, make_user
from tests.marketplace.pictures import encoded, picture
from tests.payments.offline_scene import came, farmer_of, make_code, make_direct_order, said

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send_picture(client: Client, **changes: object):
    upload = SimpleUploadedFile("code.jpg", encoded(picture()), "image/jpeg")
    return client.post(reverse("payments:receiving_code"), {"kind": "WECHAT", "photos": upload, **changes})


def one_time_code() -> str:
    return Notification.objects.filter(kind="sign_in_code").latest("pk").context["code"]


def test_a_picture_becomes_what_buyers_see_after_code_moderator_and_days():
    farmer, moderator = make_farmer(), make_moderator()
    client = signed_in(farmer.user)

    assert send_picture(client)["Location"] == reverse("payments:receiving_code_confirm")
    code = ReceivingCode.objects.get()
    assert code.state == "ASKED"
    wrong = client.post(reverse("payments:receiving_code_confirm"), {"code": "000000x"})
    assert wrong.status_code == 422
    client.post(reverse("payments:receiving_code_confirm"), {"code": one_time_code()})
    photos.process_photo(photo_id=code.photo_id, now=timezone.now())

    desk = signed_in(moderator)
    queue = desk.get(reverse("payments:code_queue"))
    assert reverse("payments:receiving_code_picture", args=[code.pk, 640]) in queue.content.decode()
    desk.post(reverse("payments:code_decide", args=[code.pk]), {"verdict": "approve"})

    code.refresh_from_db()
    assert (code.state, code.decided_by) == ("APPROVED", moderator)
    assert code.takes_effect_at > timezone.now() + settings.PAYEE_CHANGE_WAIT - timedelta(minutes=1)
    told = Notification.objects.filter(recipient=farmer.user, kind__startswith="payee_code").values_list(
        "kind", flat=True
    )
    assert set(told) == {"payee_code_sent", "payee_code_approved"}
    assert client.get(reverse("payments:receiving_code_picture", args=[code.pk, 640])).status_code == 200
    client.post(reverse("payments:receiving_code_off"))
    code.refresh_from_db()
    assert code.state == "ENDED"


def test_a_moderator_says_why_not_and_nobody_decides_about_themselves():
    farmer, moderator = make_farmer(), make_moderator()
    code = make_code(farmer, state="WAITING")
    own = make_code(make_farmer(user=moderator, payee_account="13900001234"), state="WAITING")
    desk = signed_in(moderator)

    silent = desk.post(reverse("payments:code_decide", args=[code.pk]), {"verdict": "refuse", "reason": " "})
    mine = desk.post(reverse("payments:code_decide", args=[own.pk]), {"verdict": "approve"})
    assert (silent.status_code, mine.status_code) == (422, 404)
    assert set(ReceivingCode.objects.values_list("state", flat=True)) == {"WAITING"}

    desk.post(reverse("payments:code_decide", args=[code.pk]), {"verdict": "refuse", "reason": "别人的名字"})
    code.refresh_from_db()
    assert (code.state, code.reason) == ("REFUSED", "别人的名字")


@pytest.mark.parametrize("what", ["no picture", "no kind", "no file"])
def test_what_is_no_picture_is_said_beside_the_field(what):
    client = signed_in(make_farmer().user)
    changes = {
        "no picture": {"photos": SimpleUploadedFile("a.jpg", b"not a picture", "image/jpeg")},
        "no kind": {"kind": "GOLD"},
        "no file": {"photos": ""},
    }[what]

    answer = send_picture(client, **changes)

    assert answer.status_code == 422
    assert not ReceivingCode.objects.exists()


def test_a_code_can_be_tried_five_times():
    farmer = make_farmer()
    client = signed_in(farmer.user)
    send_picture(client)
    url, right = reverse("payments:receiving_code_confirm"), one_time_code()

    for _time in range(5):
        client.post(url, {"code": "999999x"})

    assert client.post(url, {"code": right}).status_code == 422
    assert ReceivingCode.objects.get().state == "ASKED"


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE payments_receivingcode SET state = 'APPROVED', takes_effect_at = now(), decided_by_id = farmer_id",
        "UPDATE payments_receivingcode SET photo_id = photo_id + 1",
        "DELETE FROM payments_receivingcode",
    ],
)
def test_the_database_lets_nobody_past_the_steps(attack):
    make_code(make_farmer(), state="ASKED")

    with pytest.raises((InternalError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)

    assert ReceivingCode.objects.get().state == "ASKED"


def test_the_buyer_sees_code_amount_and_number_and_says_so():
    order = make_direct_order()
    client, url = signed_in(order.buyer), reverse("payments:offline_pay", args=[order.number])

    page = client.get(url).content.decode()
    assert order.number in page
    assert f"{order.total_fen / 100:.2f}" in page
    assert reverse("payments:receiving_code_picture", args=[ReceivingCode.objects.get().pk, 640]) in page
    assert client.post(url)["Location"] == url

    assert OfflinePayment.objects.get().said_at
    assert client.get(reverse("payments:pay", args=[order.number]))["Location"] == url, (
        "there is nothing else to do now"
    )
    assert client.get(reverse("payments:returned", args=[order.number]))["Location"] == url
    came(order)
    assert client.get(url)["Location"] == reverse("payments:returned", args=[order.number])


def test_the_farmer_answers_on_their_page():
    order = make_direct_order()
    said(order)
    client, url = signed_in(farmer_of(order)), reverse("payments:offline_answer", args=[order.number])

    assert url in client.get(reverse("payments:farm_money")).content.decode()
    assert Notification.objects.get(kind="offline_said").link == url
    assert client.post(url, {"answer": "maybe"})["Location"] == url
    assert Payment.objects.get().status == "STARTED"
    client.post(url, {"answer": "came"})

    order.refresh_from_db()
    assert order.status == "PAID"
    assert 'value="came"' not in client.get(url).content.decode()


def test_what_goes_back_by_hand_is_seen_by_both():
    order = came(make_direct_order())
    refund = cancel_and_refund(parcel_id=order.parcels.get().pk, actor=order.buyer, reason="", now=timezone.now())
    farmer, buyer = signed_in(farmer_of(order)), signed_in(order.buyer)
    back = reverse("payments:offline_returned", args=[refund.pk])
    seen = reverse("orders:order_detail", args=[order.number])

    assert back in farmer.get(reverse("payments:farm_money")).content.decode()
    assert re.search(r"tag warn", buyer.get(seen).content.decode())
    farmer.post(back)

    assert back not in farmer.get(reverse("payments:farm_money")).content.decode()
    assert not re.search(r"tag warn", buyer.get(seen).content.decode())


@pytest.mark.parametrize("who", ["another buyer", "another farmer"])
def test_for_others_there_is_nothing(who):
    order = make_direct_order()
    said(order)
    person = make_user("Other") if who == "another buyer" else make_farmer().user
    client, before = signed_in(person), Payment.objects.values().get()

    for name in ("offline_pay", "offline_answer"):
        url = reverse(f"payments:{name}", args=[order.number])
        for answer in (client.get(url), client.post(url, {"answer": "came"})):
            assert answer.status_code in (404, 302)
            assert answer.status_code == 404 or answer["Location"] == reverse("accounts:farmer_apply")
    picture_url = reverse("payments:receiving_code_picture", args=[ReceivingCode.objects.get().pk, 640])
    assert client.get(picture_url).status_code == 404
    assert Payment.objects.values().get() == before


def test_a_shop_of_direct_payments_alone_says_what_cannot_be_paid(settings):
    settings.PAYMENT_GATEWAY = "offline"
    order = make_direct_order()
    buyer = signed_in(order.buyer)

    assert 'value="offline"' not in buyer.get(reverse("payments:pay", args=[order.number])).content.decode()
    receiving_codes.end_receiving_codes(user_id=farmer_of(order).pk, now=timezone.now())
    page = buyer.get(reverse("payments:pay", args=[order.number])).content.decode()
    assert '<form class="panel' not in page
