"""WeChat Pay and Alipay, spoken to over real HTTP; and their signatures, against what others have written of them."""

import json
from functools import lru_cache

import pytest
from alipay import AliPay
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpayv3 import WeChatPay, WeChatPayType

from payments.checks import gateway_is_set_up
from payments.errors import AlreadyPaid, PaymentNotSetUp, ProviderUnavailable
from payments.gateways import get_gateway
from payments.gateways.alipay import client as alipay_client
from payments.gateways.base import BadSignature
from payments.models import Payment
from payments.services import start_payment
from payments.services.settling import mark_of
from tests.payments.providers import alipay, wechat
from tests.payments.providers.base import Provider, certificate, private_pem, public_pem
from tests.payments.providers.scene import PROVIDERS, begin, give_back, post, stand, use

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request, settings):
    with PROVIDERS[request.param]().serving() as serving:
        use(serving, settings)
        yield serving


@pytest.fixture
def wechat_shop(settings):
    with wechat.WeChat().serving() as serving:
        use(serving, settings)
        yield serving


@pytest.fixture
def alipay_shop(settings):
    with alipay.Alipay().serving() as serving:
        use(serving, settings)
        yield serving


# --- A payment and a refund, over HTTP ---


def test_a_payment_is_opened_paid_and_given_back(provider: Provider, order, client: Client):
    payment = begin(provider, order)
    assert provider.deals[payment.reference].fen == order.total_fen
    provider.pay(payment.reference)

    assert post(client, provider, provider.letter(payment.reference)) == 200
    assert stand(payment) == ("SUCCEEDED", "PAID")
    payment.refresh_from_db()
    paid = get_gateway(provider.name).query(payment).paid
    assert paid
    assert paid.payer == provider.payer
    assert payment.payer_mark == mark_of(paid), "told or asked, it is the same person"

    refund = give_back(order)
    assert refund.status == "DONE"
    assert provider.deals[payment.reference].given == {refund.reference: (order.total_fen, "DONE")}
    assert provider.refused_signatures == 0


# --- On a phone and on a screen ---


def test_wechat_shows_a_code_on_a_screen_and_opens_the_app_on_a_phone(wechat_shop, order, client: Client):
    client.force_login(order.buyer)
    client.cookies["django_language"] = "en"
    url = f"/orders/{order.number}/pay/"

    page = client.post(url)
    assert page.status_code == 200
    assert "data:image/svg+xml" in page.content.decode()
    assert client.get(f"/orders/{order.number}/paid/?scan", headers={"HX-Request": "true"}).status_code == 204

    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148"
    there = client.post(url, headers={"User-Agent": agent})["Location"]
    assert there.startswith("https://wx.tenpay.com/")
    assert f"redirect_url=http%3A%2F%2Ftestserver%2Forders%2F{order.number}%2Fpaid%2F" in there


def test_alipay_gets_an_absolute_end_and_the_way_that_fits(alipay_shop, order):
    for is_phone, method in ((False, "alipay.trade.page.pay"), (True, "alipay.trade.wap.pay")):
        url = start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), is_phone=is_phone)
        fields = dict(alipay.parse_qsl(alipay.urlsplit(url).query))
        said = json.loads(fields["biz_content"])
        assert fields["method"] == method
        assert said["time_expire"] == alipay._time(order.pay_by)
        assert "timeout_express" not in said
    assert Payment.objects.count() == 1


def test_a_buyer_who_changes_their_mind_cannot_pay_both(order, settings, client: Client):
    second = alipay.Alipay()
    with wechat.WeChat().serving() as first, second.serving():
        use(first, settings)
        use(second, settings)
        settings.PAYMENT_GATEWAY = "wechat,alipay"
        payment = begin(first, order)

        url = start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway="alipay")

        assert stand(payment)[0] == "CLOSED"
        assert first.deals[payment.reference].state == "CLOSED"
        assert second.visit(url).fen == order.total_fen
        client.force_login(order.buyer)
        page = client.get(f"/orders/{order.number}/pay/").content.decode()
        assert page.count('name="gateway"') == 2


def test_who_paid_the_first_way_meanwhile_is_not_asked_again(order, settings):
    second = alipay.Alipay()
    with wechat.WeChat().serving() as first, second.serving():
        use(first, settings)
        use(second, settings)
        settings.PAYMENT_GATEWAY = "wechat,alipay"
        payment = begin(first, order)
        first.pay(payment.reference)

        with pytest.raises(AlreadyPaid):
            start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway="alipay")
        assert stand(payment) == ("SUCCEEDED", "PAID")


def test_while_the_first_provider_is_silent_there_is_no_second_trade(order, settings):
    with wechat.WeChat().serving() as first:
        use(first, settings)
        settings.PAYMENT_GATEWAY = "wechat,sandbox"
        begin(first, order)
        first.mishaps["query"] = 500

        with pytest.raises(ProviderUnavailable):
            start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway="sandbox")
        assert Payment.objects.count() == 1


def test_a_gateway_that_is_not_offered_cannot_be_chosen(order, settings):
    settings.PAYMENT_GATEWAY = "sandbox"
    with pytest.raises(PaymentNotSetUp):
        start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now(), gateway="wechat")


# --- What others say of our signatures, and we of theirs ---


@QUICK
@given(subject=TEXT, extra=TEXT)
def test_alipays_oracle_believes_what_we_sign(alipay_shop, subject, extra):
    fields = alipay_client.signed(
        "alipay.trade.page.pay", {"subject": subject, "body": extra}, return_url="https://s/?a=1&b=+"
    )
    theirs = dict(pair for pair in alipay.parse_qsl(alipay_oracle().sign_data(fields_without_sign(fields))))

    assert theirs["sign"] == fields["sign"]  # PKCS#1 v1.5 signs the same bytes in the same way


def fields_without_sign(fields):
    return {name: value for name, value in fields.items() if name != "sign"}


@lru_cache
def alipay_oracle() -> AliPay:
    return AliPay(
        appid=alipay.APP_ID,
        app_private_key_string=private_pem("shop at alipay"),
        alipay_public_key_string=public_pem("alipay"),
    )


@QUICK
@given(words=st.dictionaries(st.sampled_from(["subject", "body", "passback_params"]), TEXT))
def test_we_and_alipays_oracle_agree_on_notifications(alipay_shop, words):
    alipay_shop.open("P1", 4980)
    body = alipay_shop.letter("P1", **words).body
    fields = dict(alipay.parse_qsl(body.decode(), keep_blank_values=True))
    signature = fields.pop("sign")

    assert alipay_client.read_notification(body)["out_trade_no"] == "P1"
    assert alipay_oracle().verify(dict(fields), signature)


@lru_cache
def wechat_oracle() -> WeChatPay:
    return WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=wechat.MCH_ID,
        private_key=private_pem("shop at wechat"),
        cert_serial_no=wechat.SERIAL,
        apiv3_key=wechat.API_KEY,
        appid=wechat.APP_ID,
        public_key=public_pem("wechat"),
        public_key_id=wechat.KEY_ID,
    )


@QUICK
@given(attach=TEXT)
def test_we_and_wechats_oracle_read_the_same_in_a_notification(wechat_shop, attach):
    deal = wechat_shop.open("P1", 4980)
    wechat_shop.pay("P1")
    letter = wechat_shop.letter("P1", attach=attach)

    theirs = wechat_oracle().callback(letter.headers, letter.body.decode())
    ours = get_gateway("wechat").parse_notification(letter.body, letter.headers, timezone.now())

    assert theirs["resource"]["out_trade_no"] == ours.reference
    assert theirs["resource"]["attach"] == ours.payload["attach"] == attach
    assert ours.trade_number == deal.number


def test_the_stand_in_of_wechat_believes_the_oracle_as_it_does_us(wechat_shop):
    """Else we and our own stand-in could agree on a mistake."""
    oracle = wechat_oracle()
    oracle._core._gate_way = wechat_shop.url

    status, body = oracle.pay(
        description="橙 & = +", out_trade_no="P2", amount={"total": 4980}, notify_url="https://s/"
    )

    assert status == 200
    assert json.loads(body)["code_url"].startswith("weixin://")
    assert wechat_shop.refused_signatures == 0


def test_the_stand_in_of_alipay_believes_the_oracle_as_it_does_us(alipay_shop):
    alipay_shop.open("P3", 4980)
    alipay_shop.pay("P3")
    oracle = alipay_oracle()

    assert alipay_shop._is_from_shop(
        dict(alipay.parse_qsl(oracle.client_api("alipay.trade.query", {"out_trade_no": "P3"})))
    )


def test_platform_certificates_work_beside_the_public_key(wechat_shop, settings, order):
    settings.WECHAT_PUBLIC_KEY_ID = settings.WECHAT_PUBLIC_KEY = ""
    settings.WECHAT_PLATFORM_CERTIFICATES = certificate("wechat", serial=0x5157F09EFDC0).replace("\n", "\\n")
    deal = wechat_shop.open("P1", 4980)
    wechat_shop.pay("P1")

    letter = wechat_shop.letter("P1", headers={"Wechatpay-Serial": "5157F09EFDC0"})
    assert (
        get_gateway("wechat").parse_notification(letter.body, letter.headers, timezone.now()).trade_number
        == deal.number
    )
    with pytest.raises(BadSignature):
        unknown = wechat_shop.letter("P1")
        get_gateway("wechat").parse_notification(unknown.body, unknown.headers, timezone.now())


# --- Half set up ---


def test_a_door_without_keys_is_not_there(client: Client, settings):
    for name, kind in (("wechat", "application/json"), ("alipay", "application/x-www-form-urlencoded")):
        assert client.post(f"/payments/notify/{name}/", b"{}", content_type=kind).status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"WECHAT_API_KEY": ""}, "payments.E003"),
        ({"WECHAT_PUBLIC_KEY": ""}, "payments.E003"),
        ({"WECHAT_API_KEY": "short"}, "payments.E005"),
        ({"WECHAT_PRIVATE_KEY": "nonsense"}, "payments.E004"),
        ({"WECHAT_API_URL": "http://api", "EMBEDDED": False}, "payments.W001"),
        ({"ALIPAY_SELLER_ID": ""}, "payments.E003"),
        ({"ALIPAY_PUBLIC_KEY": public_pem("shop at alipay")}, "payments.E006"),
        ({"ALIPAY_PRIVATE_KEY": public_pem("alipay")}, "payments.E004"),
        ({"PAYMENT_GATEWAY": "wechat,alipai"}, "payments.E002"),
    ],
)
def test_manage_check_names_what_is_missing_or_wrong(settings, changes, code):
    for stand_in in (wechat.WeChat(), alipay.Alipay()):
        stand_in.url = "https://pay.example"
        use(stand_in, settings)
    settings.PAYMENT_GATEWAY = "wechat,alipay"
    for name, value in changes.items():
        setattr(settings, name, value)

    assert [message.id for message in gateway_is_set_up()] == ([code] if code else [])
