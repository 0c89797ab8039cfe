"""Must show: a refund is given once and right, whatever the provider answers. As test_lying_providers.py does for payments."""

import pytest
from django.test import Client

from payments.models import Entry, Payment, Refund
from tests.acceptance.lying import NO_ANSWERS, WECHAT, balanced
from tests.payments.providers.base import Provider
from tests.payments.providers.scene import give_back, post, send_due


@pytest.fixture
def paid(provider, payment, client: Client) -> Payment:
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference))
    return payment


def given(provider: Provider, payment: Payment) -> int:
    return sum(fen for fen, state in provider.deals[payment.reference].given.values() if state == "DONE")


def send_again(refund: Refund) -> Refund:
    refund.refresh_from_db()
    send_due(refund.next_attempt_at)
    refund.refresh_from_db()
    return refund


@pytest.mark.django_db
@pytest.mark.parametrize("mishap", NO_ANSWERS)
def test_a_refund_whose_answer_is_lost_is_given_once(provider, paid, order, mishap):
    """The money has moved over there; we did not hear of it. Asking finds it; it is not sent as a second one."""
    provider.mishaps["refund"] = [mishap]
    refund = give_back(order)
    assert refund.status == "SENT"

    refund = send_again(refund)

    assert refund.status == "DONE"
    assert given(provider, paid) == order.total_fen
    assert provider.calls["refund"] == 1
    assert Entry.objects.filter(kind="REFUNDED").count() == 1
    assert balanced()


@pytest.mark.django_db
def test_a_refund_that_never_arrived_is_sent_again_under_its_own_number(provider, paid, order):
    provider.mishaps["refund"] = [500]
    deal = provider.deals[paid.reference]
    refund = give_back(order)
    deal.given.clear()  # that 500 came before anything was done

    refund = send_again(refund)

    assert refund.status == "DONE"
    assert list(deal.given) == [refund.reference]


@pytest.mark.django_db
@pytest.mark.parametrize("provider", [WECHAT], indirect=True)  # Alipay knows no refund that fails later
def test_processing_and_then_failed_is_parked_for_a_person_with_their_words(provider, paid, order, client: Client):
    provider.refund_state = "PROCESSING"
    refund = give_back(order)
    assert refund.status == "SENT"
    provider.deals[paid.reference].given[refund.reference] = (refund.amount_fen, "FAILED")

    post(client, provider, provider.refund_letter(paid.reference, refund.reference, "ABNORMAL"))
    refund = send_again(refund)
    assert (refund.status, refund.last_error) == ("FAILED", "WeChat says ABNORMAL")
    assert Entry.objects.filter(kind="REFUNDED").count() == 0

    # Sent by hand on their platform: the news of it takes it up again, and our own question settles it.
    provider.deals[paid.reference].given[refund.reference] = (refund.amount_fen, "DONE")
    post(client, provider, provider.refund_letter(paid.reference, refund.reference))
    assert send_again(refund).status == "DONE"
    assert balanced()


@pytest.mark.django_db
def test_news_of_a_refund_is_never_taken_at_its_word(provider, paid, order, client: Client):
    provider.refund_state = "PROCESSING"
    refund = give_back(order)

    post(client, provider, provider.refund_letter(paid.reference, refund.reference))  # "SUCCESS", while it is not
    refund = send_again(refund)

    assert refund.status == "SENT"
    assert not Entry.objects.filter(kind="REFUNDED").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("operation", ["refund", "query_refund"])
def test_an_answer_about_another_refund_finishes_none(provider, paid, order, operation):
    lie = {"out_refund_no": "R1", "out_request_no": "R1", "trade_no": "1"}
    provider.lies[operation] = lie if operation == "refund" else {**lie, "refund_amount": "0.01"}
    provider.mishaps["refund"] = ["drop"] if operation == "query_refund" else []
    refund = give_back(order)
    if operation == "query_refund":
        refund = send_again(refund)

    assert refund.status == "SENT"
    assert not Entry.objects.filter(kind="REFUNDED").exists()
