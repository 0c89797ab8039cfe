"""Paying inside WeChat's own browser: who it is, is asked of WeChat; then its own payment opens over the page."""

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from payments.models import Payment
from tests.make import make_user
from tests.payments.providers import wechat
from tests.payments.providers.base import is_signed
from tests.payments.providers.scene import post, stand, use

pytestmark = pytest.mark.django_db

WECHAT_BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile MicroMessenger/8.0.50"


@pytest.fixture
def shop(settings):
    with wechat.WeChat().serving() as serving:
        use(serving, settings)
        settings.WECHAT_APP_SECRET = wechat.APP_SECRET
        yield serving


def inside(user) -> Client:
    client = Client(headers={"User-Agent": WECHAT_BROWSER})
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def test_who_they_are_is_asked_and_then_wechats_own_payment_opens(shop, order):
    client, page = inside(order.buyer), f"/orders/{order.number}/pay/"

    asked = urlsplit(client.get(page)["Location"])
    said = parse_qs(asked.query)
    assert asked.netloc == "open.weixin.qq.com"
    assert (said["scope"], said["appid"]) == (["snsapi_base"], [wechat.APP_ID])
    back = urlsplit(said["redirect_uri"][0]).path
    assert client.get(back, {"code": "a-good-code", "state": said["state"][0]})["Location"] == page
    assert "Open in browser" not in client.get(page).content.decode()

    answer = client.post(page).content.decode()
    (said_to_page,) = re.findall(r'data-values="([^"]+)"', answer)
    values = json.loads(html.unescape(said_to_page))
    payment = Payment.objects.get()
    assert values["package"] == f"prepay_id=wx{shop.deals[payment.reference].number}"
    lines = "".join(f"{values[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    assert is_signed("shop at wechat", lines.encode(), values["paySign"])
    assert stand(payment) == ("STARTED", "UNPAID"), "nothing that the browser says is believed"

    shop.pay(payment.reference)
    assert post(Client(), shop, shop.letter(payment.reference)) == 200
    assert stand(payment) == ("SUCCEEDED", "PAID")


def test_whoever_opened_a_code_on_the_laptop_before_pays_once(shop, order):
    laptop = Client()
    laptop.force_login(order.buyer)
    laptop.post(f"/orders/{order.number}/pay/")
    client = inside(order.buyer)
    state = parse_qs(urlsplit(client.get(f"/orders/{order.number}/pay/")["Location"]).query)["state"][0]
    client.get("/payments/wechat/who/", {"code": "a-good-code", "state": state})

    assert "data-values" in client.post(f"/orders/{order.number}/pay/").content.decode()
    assert Payment.objects.filter(status="STARTED").count() == 1


@pytest.mark.parametrize("code", ["", "made-up", "x" * 2000])
def test_a_code_that_wechat_does_not_know_leads_to_the_phones_browser(shop, order, code):
    client, page = inside(order.buyer), f"/orders/{order.number}/pay/"
    state = parse_qs(urlsplit(client.get(page)["Location"]).query)["state"][0]

    answer = client.get("/payments/wechat/who/", {"code": code, "state": state}, follow=True)

    assert answer.redirect_chain == [(f"{page}?outside", 302)], "and it does not go round in circles"
    assert "Open in browser" in answer.content.decode()


def test_a_state_that_is_not_ours_or_anothers_is_no_page(shop, order):
    client = inside(order.buyer)
    state = parse_qs(urlsplit(client.get(f"/orders/{order.number}/pay/")["Location"]).query)["state"][0]

    for said in ("", "made-up", state[:-2]):
        assert client.get("/payments/wechat/who/", {"code": "a-good-code", "state": said}).status_code == 404
    stranger = inside(make_user("Stranger"))
    assert stranger.get("/payments/wechat/who/", {"code": "a-good-code", "state": state}).status_code == 404
    assert shop.used == set(), "the code was not spent"


def test_without_the_secret_the_page_says_how_to_open_it_elsewhere(shop, order, settings):
    settings.WECHAT_APP_SECRET = ""

    page = inside(order.buyer).get(f"/orders/{order.number}/pay/")

    assert page.status_code == 200
    assert "Open in browser" in page.content.decode()


def test_another_browser_is_not_sent_to_wechat(shop, order):
    client = Client()
    client.force_login(order.buyer)

    assert client.get(f"/orders/{order.number}/pay/").status_code == 200
