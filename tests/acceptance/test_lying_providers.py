"""Must show: whatever a payment provider gets wrong, on purpose or not, each payment and refund is applied once and right.

Both stand-ins are servers of their own that sign with their own keys; what they post goes through the shop's real door, and
what the shop asks goes to them over HTTP. Each case names what the provider does; afterwards the ledger must balance.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone

from marketplace.models import Lot
from orders.models import Order
from orders.services.paying import release_order
from payments.errors import ProviderUnavailable
from payments.models import Entry, GatewayMessage, Payment, Refund
from payments.services import querying, settling, start_payment
from tests.acceptance.lying import ALIPAY, NO_ANSWERS, WECHAT, ask, balanced, untouched
from tests.concurrency.racing import at_once
from tests.payments.providers.base import Letter, Provider
from tests.payments.providers.scene import begin, give_back, post, send_due, stand
from tests.payments.scene import make_order

THREADS = 50


# --- Notifications that must change nothing, and are turned away ---

FORGED: dict[str, tuple[tuple[str, ...], Callable[[Provider, Payment], Letter]]] = {
    "signed by a thief": ((WECHAT, ALIPAY), lambda who, of: who.letter(of.reference, signer="a thief")),
    "amount changed after signing": ((WECHAT, ALIPAY), lambda who, of: tampered(who.letter(of.reference))),
    "no signature": ((WECHAT,), lambda who, of: who.letter(of.reference, headers={"Wechatpay-Signature": ""})),
    "a probe": (
        (WECHAT,),
        lambda who, of: who.letter(of.reference, headers={"Wechatpay-Signature": "WECHATPAY/SIGNTEST/abcd"}),
    ),
    "unknown serial": (
        (WECHAT,),
        lambda who, of: who.letter(of.reference, headers={"Wechatpay-Serial": "7777777777777777"}),
    ),
    "another scheme": (
        (WECHAT,),
        lambda who, of: who.letter(of.reference, headers={"Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}),
    ),
    "six minutes old": (
        (WECHAT,),
        lambda who, of: who.letter(of.reference, when=timezone.now() - timedelta(minutes=6)),
    ),
    "from the future": (
        (WECHAT,),
        lambda who, of: who.letter(of.reference, when=timezone.now() + timedelta(minutes=6)),
    ),
    "sealed with another key": ((WECHAT,), lambda who, of: who.letter(of.reference, api_key="x" * 32)),
    "downgraded to SHA-1": ((ALIPAY,), lambda who, of: who.letter(of.reference, sign_type="RSA")),
    "a field twice": ((ALIPAY,), lambda who, of: more(who.letter(of.reference), b"&total_amount=0.01")),
    "a field more": ((ALIPAY,), lambda who, of: more(who.letter(of.reference), b"&refund_fee=1.00")),
    "not a form": ((ALIPAY,), lambda who, of: Letter(b"\xff%zz", "application/x-www-form-urlencoded")),
}


def tampered(letter: Letter) -> Letter:
    changed = letter.body.replace(b"total_amount=", b"total_amount=1").replace(b'"ciphertext": "', b'"ciphertext": "A')
    assert changed != letter.body
    return Letter(changed, letter.content_type, letter.headers)


def more(letter: Letter, what: bytes) -> Letter:
    return Letter(letter.body + what, letter.content_type, letter.headers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("provider", "case"), [(name, case) for case, (whose, _) in FORGED.items() for name in whose], indirect=["provider"]
)
def test_what_is_forged_stale_or_downgraded_is_turned_away(provider, payment, client: Client, case):
    _whose, write = FORGED[case]
    provider.pay(payment.reference)
    calls = provider.calls.total()

    assert post(client, provider, write(provider, payment)) == 400

    assert untouched(payment)
    assert not GatewayMessage.objects.exists()
    assert provider.calls.total() == calls  # a forgery makes us call nobody


# --- Authentic, and yet not about what we asked for: kept for a person, and nothing moves ---

FOREIGN: dict[str, dict[str, Any]] = {
    "another amount": {"fen": 1},
    "part of the amount": {"fen": 4979},
    "another merchant": {"merchant": "2088999999999999"},
    "another app": {"app": "wxd678efh567hg9999"},
    "another currency": {"currency": "USD"},
    "a reference nobody knows": {"reference_said": "P20261127NOBODYS"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_authentic_but_not_ours_is_kept_aside_and_moves_nothing(provider, payment, client: Client, case):
    provider.pay(payment.reference)
    letter = provider.letter(payment.reference, **FOREIGN[case])

    assert post(client, provider, letter) == 200  # it is stored: repeating it would not help
    assert post(client, provider, letter) == 200

    assert GatewayMessage.objects.get().outcome == "QUARANTINED"
    assert untouched(payment)


@pytest.mark.django_db
def test_a_quarantined_message_does_not_stand_in_the_way_of_the_true_one(provider, payment, client: Client):
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference, fen=1, event_id="lie"))

    post(client, provider, provider.letter(payment.reference))

    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert balanced()


# --- True ones, at the wrong time ---


@pytest.mark.django_db
def test_repeats_and_other_ids_for_the_same_trade_apply_it_once(provider, payment, client: Client):
    provider.pay(payment.reference)
    letter = provider.letter(payment.reference)
    for each in (letter, letter, provider.letter(payment.reference, event_id="another-id")):
        assert post(client, provider, each) == 200
    ask(payment)

    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert Entry.objects.filter(kind="PAID").count() == 1
    assert balanced()


@pytest.mark.django_db
def test_an_old_one_played_back_after_the_refund_pays_nothing_again(provider, payment, client: Client, order):
    provider.pay(payment.reference)
    letter = provider.letter(payment.reference)
    post(client, provider, letter)
    give_back(order)

    post(client, provider, letter)

    assert Entry.objects.filter(kind="PAID").count() == 1
    assert stand(payment) == ("SUCCEEDED", "CANCELLED")
    assert balanced()


@pytest.mark.django_db
@pytest.mark.parametrize("is_sold_out", [False, True])
def test_paid_after_the_time_was_over_gets_the_packs_or_the_money_back(provider, payment, order, client, is_sold_out):
    provider.pay(payment.reference)
    release(order)
    if is_sold_out:
        lot = order.parcels.get().lines.get().lot
        Lot.objects.filter(pk=lot.pk).update(harvested=lot.held)  # somebody else's, all of it

    post(client, provider, provider.letter(payment.reference))
    send_due()

    if is_sold_out:
        assert stand(payment) == ("TO_REFUND", "RELEASED")
        assert Refund.objects.get().status == "DONE"
        assert [fen for fen, _state in provider.deals[payment.reference].given.values()] == [order.total_fen]
    else:
        assert stand(payment) == ("SUCCEEDED", "PAID")
    assert balanced()


def release(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))
    release_order(order_id=order.pk, now=timezone.now())


@pytest.mark.django_db
def test_news_of_a_refund_before_the_payment_itself_waits_for_our_own_question(
    provider, payment, client: Client, order
):
    provider.pay(payment.reference)
    provider.deals[payment.reference].given["R404"] = (100, "DONE")

    post(client, provider, provider.refund_letter(payment.reference, "R404"))
    assert untouched(payment)
    post(client, provider, provider.letter(payment.reference))

    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert not Refund.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("provider", [ALIPAY], indirect=True)  # WeChat posts nothing about closed trades
def test_closed_before_paid_and_closed_after_paid_lose_no_payment(payment, provider, client: Client):
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference, status="TRADE_CLOSED"))
    assert stand(payment) == ("FAILED", "UNPAID")

    post(client, provider, provider.letter(payment.reference))
    post(client, provider, provider.letter(payment.reference, status="TRADE_CLOSED", event_id="again"))
    post(client, provider, provider.letter(payment.reference, status="TRADE_FINISHED"))  # may come a year later

    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert Entry.objects.filter(kind="PAID").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("provider", [ALIPAY], indirect=True)  # WeChat posts nothing about closed trades
def test_somebody_elses_closed_trade_closes_nothing_of_ours(payment, provider, client: Client):
    post(client, provider, provider.letter(payment.reference, status="TRADE_CLOSED", app="2021000000000000"))

    assert untouched(payment)


@pytest.mark.django_db
def test_two_trades_for_one_order_give_the_second_back_whole(provider, payment, order, client: Client):
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference))
    first = provider.deals[payment.reference]
    second = provider.open("SECOND", order.total_fen)
    second.number, second.state, second.paid_at = f"{first.number}2", "PAID", timezone.now()

    twice = provider.letter(payment.reference, number=second.number, event_id="second")
    post(client, provider, twice)
    post(client, provider, twice)
    send_due()

    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert (sum(fen for fen, _state in second.given.values()), first.given) == (order.total_fen, {})
    assert Refund.objects.get().reason == "PAID_TWICE"
    assert balanced()


# --- Answers that lie, sleep or make no sense ---


@pytest.mark.django_db
@pytest.mark.parametrize("mishap", NO_ANSWERS)
def test_without_a_believable_answer_nothing_is_known_and_it_is_asked_again(provider, payment, mishap):
    provider.pay(payment.reference)
    provider.mishaps["query"] = mishap
    ask(payment, payment.order.pay_by + timedelta(minutes=2))
    assert untouched(payment)
    assert provider.calls["close"] == 0

    provider.mishaps.clear()
    ask(payment)
    assert stand(payment) == ("SUCCEEDED", "PAID")


LIES: dict[str, dict[str, dict[str, Any]]] = {
    "about another order": {WECHAT: {"out_trade_no": "P1"}, ALIPAY: {"out_trade_no": "P1"}},
    "another amount": {WECHAT: {"amount": {"total": 1, "currency": "CNY"}}, ALIPAY: {"total_amount": "0.01"}},
    "an amount that is none": {WECHAT: {"amount": {"total": "49.80"}}, ALIPAY: {"total_amount": "1e9"}},
    "a state nobody knows": {WECHAT: {"trade_state": "PAID!"}, ALIPAY: {"trade_status": "PAID!"}},
    "another merchant": {WECHAT: {"mchid": "1900000999"}, ALIPAY: {"out_trade_no": None}},
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", LIES)
def test_a_query_that_lies_pays_nothing(provider, payment, case):
    other = begin(provider, make_order())
    lie = {name: other.reference if value == "P1" else value for name, value in LIES[case][provider.name].items()}
    provider.pay(payment.reference)
    provider.lies["query"] = lie

    ask(payment)

    assert untouched(payment)
    assert stand(other) == ("STARTED", "UNPAID")


@pytest.mark.django_db
def test_notifications_that_never_come_are_made_up_for(provider, order):
    """Nothing is posted at all: asking finds every payment."""
    payments = [begin(provider, each) for each in (order, make_order(), make_order())]
    for each in payments:
        provider.pay(each.reference)

    for payment_id in querying.claim_queries(timezone.now() + timedelta(seconds=31)):
        querying.ask_provider(payment_id=payment_id, now=timezone.now())

    assert {stand(each) for each in payments} == {("SUCCEEDED", "PAID")}
    assert provider.calls["query"] == len(payments)


@pytest.mark.django_db
def test_paid_while_it_was_being_closed_is_paid(provider, payment, order):
    """Asked: waiting. Closing: no, it is paid. Asked again: paid."""
    Order.objects.filter(pk=order.pk).update(pay_by=timezone.now() - timedelta(seconds=1))

    def pays_in_between(operation: str) -> None:
        if operation == "query" and provider.deals[payment.reference].state == "WAITING":
            provider.pay(payment.reference)

    provider.before_answer = pays_in_between
    ask(payment)

    assert stand(payment)[0] == "SUCCEEDED"
    assert balanced()


@pytest.mark.django_db
@pytest.mark.parametrize("provider", [WECHAT], indirect=True)  # Alipay is not called to open a trade
def test_opening_a_trade_whose_answer_is_lost_opens_it_once(provider, order):
    provider.mishaps["create"] = ["drop"]
    with pytest.raises(ProviderUnavailable):
        start_payment(order_id=order.pk, buyer=order.buyer, now=timezone.now())

    begin(provider, order)

    assert len(provider.deals) == Payment.objects.count() == 1


# --- Fifty at once ---


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_fifty_threads_deliver_the_same_notification_and_it_applies_once(provider, live_server):
    payment = begin(provider, make_order())
    provider.pay(payment.reference)
    letter = provider.letter(payment.reference)

    told = at_once(*[partial(knock, live_server.url, provider.name, letter)] * THREADS)

    assert told == [(200, b"success")] * THREADS
    assert stand(payment) == ("SUCCEEDED", "PAID")
    assert Entry.objects.filter(kind="PAID").count() == GatewayMessage.objects.count() == 1
    assert payment.order.parcels.get().events.filter(event="PAY").count() == 1
    assert balanced()


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_control_without_the_guard_the_same_notification_applies_more_than_once(provider, live_server, monkeypatch):
    """The same fifty with the unique message and the look at the trade taken away: it must go wrong, or we measure nothing."""
    payment = begin(provider, make_order())
    provider.pay(payment.reference)
    letter = provider.letter(payment.reference)
    applied: list[int] = []
    monkeypatch.setattr(settling, "_remember", remembers_nothing)

    def apply(payment: Payment, event: Any, now: Any) -> str:
        applied.append(payment.pk)
        return "APPLIED"

    monkeypatch.setattr(settling, "_apply", apply)

    at_once(*[partial(knock, live_server.url, provider.name, letter)] * 8)

    assert len(applied) > 1


def remembers_nothing(event: Any, now: Any) -> tuple[GatewayMessage, bool]:
    number = GatewayMessage.objects.count()
    about = {"payload": {}, "outcome": "NO_CHANGE", "received_at": now}
    return GatewayMessage.objects.create(gateway=event.gateway, event_id=f"{id(about)}-{number}-{now}", **about), True


def knock(shop: str, gateway: str, letter: Letter) -> tuple[int, bytes]:
    """As providers do: what was not answered is posted again."""
    headers = {**letter.headers, "Content-Type": letter.content_type}
    for _try in range(5):
        try:
            url = f"{shop}/payments/notify/{gateway}/"
            answer = requests.post(url, data=letter.body, headers=headers, timeout=50)
        except requests.ConnectionError:  # the test's little server keeps ten in line, no more
            continue
        return answer.status_code, answer.content
    return 0, b""
