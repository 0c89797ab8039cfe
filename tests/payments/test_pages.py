"""The pages of paying and cancelling: honest, each seen by those it concerns, and working without JavaScript."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.models import Order, Parcel
from orders.services.parcels import post_parcel
from orders.services.paying import release_order
from payments.gateways.base import FailedEvent
from payments.models import Payment, Refund, SandboxTrade
from payments.services import settle
from payments.services.settling import record_failure
from tests.payments.scene import first_parcel, make_order_of_two, make_paid_order, make_payment, paid_event
from tests.payments.stand_in import NO_ANSWER

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(client: Client, order):
    client.force_login(order.buyer)
    client.cookies["django_language"] = "en"
    return order.buyer


def pay_url(order: Order) -> str:
    return reverse("payments:pay", args=[order.number])


def returned_url(order: Order) -> str:
    return reverse("payments:returned", args=[order.number])


def cancel_url(parcel: Parcel) -> str:
    return reverse("payments:parcel_cancel", args=[parcel.number])


def text(response) -> str:
    return response.content.decode()


def expire(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))
    release_order(order_id=order.pk, now=timezone.now())


# --- Before the provider ---


def test_it_shows_what_is_paid_and_until_when(client: Client, buyer, order):
    page = text(client.get(pay_url(order)))

    assert f"¥{order.total_fen / 100:.2f}" in page
    assert "data-countdown" in page
    assert order.recipient in page


def test_the_button_leads_to_the_providers_page_and_back(client: Client, buyer, order):
    response = client.post(pay_url(order))

    trade = SandboxTrade.objects.get()
    assert response["Location"] == reverse("payments:sandbox_cashier", args=[trade.token])
    assert trade.return_url == f"http://testserver{returned_url(order)}"
    assert trade.notify_url == "http://127.0.0.1:80/payments/notify/sandbox/"


def test_in_production_the_host_header_decides_nothing(client: Client, buyer, order, settings, provider):
    settings.EMBEDDED, settings.SITE_URL = False, "https://shop.example"
    said = {}
    provider.create = lambda payment, **urls: said.update(urls) or "https://pay.example/"

    response = client.post(pay_url(order), headers={"Host": "evil.example"})

    assert response["Location"] == "https://pay.example/"
    assert said["return_url"].startswith("https://shop.example/")
    assert said["notify_url"].startswith("https://shop.example/")


def test_two_clicks_make_one_payment(client: Client, buyer, order):
    assert client.post(pay_url(order))["Location"] == client.post(pay_url(order))["Location"]
    assert Payment.objects.count() == 1


def test_a_guest_is_asked_to_sign_in(client: Client, order):
    for url in (pay_url(order), returned_url(order)):
        assert client.get(url).status_code == 302
    assert client.post(pay_url(order)).status_code == 302
    assert not Payment.objects.exists()


def test_a_stranger_sees_and_starts_nothing(client: Client, order, stranger):
    client.force_login(stranger)

    assert client.get(pay_url(order)).status_code == 404
    assert client.post(pay_url(order)).status_code == 404
    assert client.get(returned_url(order)).status_code == 404
    assert not Payment.objects.exists()


def test_the_farmer_of_an_order_is_a_stranger_to_its_payment(client: Client, order):
    client.force_login(first_parcel(order).farmer.user)

    assert client.get(pay_url(order)).status_code == 404


def test_without_a_gateway_the_page_does_not_pretend(client: Client, buyer, order, settings):
    settings.PAYMENT_GATEWAY = ""

    page = text(client.get(pay_url(order)))
    assert "cannot take payments yet" in page
    assert "btn buy" not in page
    response = client.post(pay_url(order), follow=True)
    assert "cannot take payments yet" in text(response)
    assert not Payment.objects.exists()


def test_a_provider_that_sleeps_is_said_to(client: Client, buyer, order, provider):
    provider.url = NO_ANSWER

    assert "not answering" in text(client.post(pay_url(order), follow=True))


def test_after_the_time_is_over_it_says_so(client: Client, buyer, order):
    expire(order)

    assert "time to pay is over" in text(client.get(pay_url(order)))
    assert "btn buy" not in text(client.get(pay_url(order)))
    assert client.post(pay_url(order)).status_code == 302
    assert not Payment.objects.exists()


def test_in_the_last_second_a_payment_under_way_is_waited_for(client: Client, buyer, order):
    make_payment(order)
    expire(order)

    assert client.get(pay_url(order))["Location"] == returned_url(order)
    page = text(client.get(returned_url(order)))
    assert "Confirming" in page
    assert pay_url(order) not in page


def test_a_paid_order_is_not_asked_for_again(client: Client, buyer, order):
    make_paid_order(order)

    assert client.get(pay_url(order))["Location"] == returned_url(order)
    assert client.post(pay_url(order))["Location"] == returned_url(order)


def test_the_page_costs_a_bounded_number_of_queries(client: Client, django_assert_max_num_queries):
    order = make_order_of_two()
    client.force_login(order.buyer)

    with django_assert_max_num_queries(13):
        client.get(pay_url(order))


# --- After the provider ---


def test_coming_back_proves_nothing(client: Client, buyer, order):
    client.post(pay_url(order))

    page = text(client.get(returned_url(order) + "?result=success&trade_status=TRADE_SUCCESS"))

    order.refresh_from_db()
    assert order.status == "UNPAID"
    assert "Confirming" in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert pay_url(order) in page


def test_once_the_provider_has_spoken_it_stops_asking(client: Client, buyer, order):
    make_paid_order(order)

    page = text(client.get(returned_url(order)))

    assert "Paid. Thank you!" in page
    assert "hx-trigger" not in page.split('id="standing"')[1].split(">")[0]
    assert "http-equiv" not in page


def test_the_block_alone_is_given_to_htmx(client: Client, buyer, order):
    make_payment(order)

    page = text(client.get(returned_url(order), headers={"HX-Request": "true"}))

    assert page.strip().startswith('<section id="standing"')
    assert "<html" not in page


def test_a_failure_is_said_honestly_with_a_way_on(client: Client, buyer, order):
    payment = make_payment(order)
    record_failure(FailedEvent(gateway="sandbox", event_id="f", reference=payment.reference), timezone.now())

    page = text(client.get(returned_url(order)))
    assert "did not go through" in page
    assert "Try again" in page

    expire(order)
    page = text(client.get(returned_url(order)))
    assert "Try again" not in page
    assert "time to pay is over" in page


def test_late_money_is_said_to_go_back(client: Client, buyer, order):
    payment = make_payment(order)
    lot = order.parcels.get().lines.get().lot
    expire(order)
    lot.refresh_from_db()
    lot.closed_at = timezone.now()
    lot.save(update_fields=["closed_at"])
    settle(paid_event(payment), timezone.now())

    page = text(client.get(returned_url(order)))

    assert "Your money goes back to you" in page


def test_paying_twice_is_said_too(client: Client, buyer, order):
    make_paid_order(order)
    settle(paid_event(order.payments.get(), trade_number="SBX-2", event_id="2"), timezone.now())

    assert "You paid twice" in text(client.get(returned_url(order)))


def test_nobody_comes_back_from_where_they_never_went(client: Client, buyer, order):
    assert client.get(returned_url(order))["Location"] == pay_url(order)


# --- Cancelling a parcel ---


@pytest.fixture
def parcel(order) -> Parcel:
    make_paid_order(order)
    return first_parcel(order)


def test_the_buyer_is_asked_once_more_then_gets_the_money_back(client: Client, buyer, parcel):
    page = text(client.get(cancel_url(parcel)))
    assert f"¥{parcel.total_fen / 100:.2f}" in page

    response = client.post(cancel_url(parcel))

    parcel.refresh_from_db()
    assert response["Location"] == reverse("orders:order_detail", args=[parcel.order.number])
    assert parcel.state == "CANCELLED"
    assert (Refund.objects.get().amount_fen, Refund.objects.get().reason) == (parcel.total_fen, "CANCELLED")


def test_cancelling_twice_gives_back_once(client: Client, buyer, parcel):
    client.post(cancel_url(parcel))

    assert client.post(cancel_url(parcel)).status_code == 302
    assert Refund.objects.count() == 1


def test_a_farmer_has_to_say_why(client: Client, parcel):
    client.force_login(parcel.farmer.user)

    for reason in ("", "   ", "长" * 201):
        response = client.post(cancel_url(parcel), {"reason": reason})
        assert response.status_code == 422
        assert "aria-invalid" in text(response)
    parcel.refresh_from_db()
    assert parcel.state == "TO_PACK"

    response = client.post(cancel_url(parcel), {"reason": "冰雹打了果"})
    assert response["Location"] == reverse("orders:parcel_detail", args=[parcel.number])
    parcel.refresh_from_db()
    assert parcel.state == "CANCELLED"
    assert parcel.events.get(event="CANCEL").note == "冰雹打了果"


def test_a_posted_parcel_is_not_cancelled(client: Client, buyer, parcel):
    post_parcel(
        parcel_id=parcel.pk,
        actor=parcel.farmer.user,
        courier="SF",
        tracking_number="SF1234567890123",
        now=timezone.now(),
    )

    assert client.get(cancel_url(parcel)).status_code == 302
    assert client.post(cancel_url(parcel)).status_code == 302
    assert not Refund.objects.exists()


def test_a_stranger_cancels_nothing(client: Client, parcel, stranger):
    assert client.post(cancel_url(parcel)).status_code == 302  # a guest, to sign in
    client.force_login(stranger)

    assert client.get(cancel_url(parcel)).status_code == 404
    assert client.post(cancel_url(parcel), {"reason": "x"}).status_code == 404

    parcel.refresh_from_db()
    assert parcel.state == "TO_PACK"
    assert not Refund.objects.exists()


def test_a_farmer_cannot_cancel_before_it_is_paid(client: Client, order):
    parcel = first_parcel(order)
    client.force_login(parcel.farmer.user)

    assert client.post(cancel_url(parcel), {"reason": "x"}).status_code == 404
