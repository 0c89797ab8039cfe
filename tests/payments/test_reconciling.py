"""A provider's statement against our books: every planted difference is found, nothing else is, and a bad file is not used."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from common.errors import InvalidInput, WrongState
from payments import tasks
from payments.models import Difference, Payment, Refund, Statement
from payments.services import reconciling
from tests.make import make_finance
from tests.payments.providers.base import Provider
from tests.payments.providers.scene import PROVIDERS, begin, give_back, post, use
from tests.payments.scene import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request, settings):
    with PROVIDERS[request.param]().serving() as serving:
        use(serving, settings)
        yield serving


def today():
    return timezone.localdate()


def paid(provider: Provider, client: Client) -> Payment:
    payment = begin(provider, make_order())
    provider.pay(payment.reference)
    post(client, provider, provider.letter(payment.reference))
    return payment


def compare(provider: Provider) -> set[tuple[str, str, str]]:
    """Compare today: what is open now, as (kind, what about, reference)."""
    reconciling.reconcile(gateway=provider.name, day=today(), now=timezone.now())
    return set(Difference.objects.filter(closed_at=None).values_list("kind", "about", "reference"))


def test_a_day_on_which_all_agrees_brings_nothing_to_light(provider, client: Client):
    payments = [paid(provider, client) for _ in range(2)]
    refund = give_back(payments[0].order)
    assert refund.status == "DONE"
    provider.write_bill()

    assert compare(provider) == set()
    day = Statement.objects.get()
    assert (day.rows, day.paid_fen) == (3, sum(each.amount_fen for each in payments))
    assert (day.refunded_fen, day.refunds) == (refund.amount_fen, [refund.reference])


def test_every_planted_difference_is_found_and_nothing_else(provider, client: Client):
    fine, missing, more, given_more, not_given = [paid(provider, client) for _ in range(5)]
    missed = begin(provider, make_order())
    provider.pay(missed.reference)  # and nobody told us
    larger, lost = give_back(given_more.order), give_back(not_given.order)
    deals = provider.deals
    deals[missing.reference].state = "WAITING"  # not in their statement
    deals[more.reference].fen += 1
    deals[given_more.reference].given[larger.reference] = (larger.amount_fen - 1, "DONE")
    deals[not_given.reference].given = {"RSTRANGER": (100, "DONE")}
    provider.open("PSTRANGER", 4980)
    provider.pay("PSTRANGER")
    provider.write_bill()

    expected = {
        ("ONLY_OURS", "PAYMENT", missing.reference),
        ("AMOUNT", "PAYMENT", more.reference),
        ("STATE", "PAYMENT", missed.reference),
        ("ONLY_THEIRS", "PAYMENT", "PSTRANGER"),
        ("AMOUNT", "REFUND", larger.reference),
        ("ONLY_OURS", "REFUND", lost.reference),
        ("ONLY_THEIRS", "REFUND", "RSTRANGER"),
    }
    assert compare(provider) == expected
    assert compare(provider) == expected  # a second time finds nothing twice
    assert Difference.objects.count() == len(expected)
    found = Difference.objects.get(reference=more.reference)
    assert (found.theirs_fen, found.ours_fen) == (more.amount_fen + 1, more.amount_fen)
    assert not Difference.objects.filter(reference=fine.reference).exists()


def test_a_refund_that_stood_in_yesterdays_statement_is_not_missed_today(provider, client: Client):
    refund = give_back(paid(provider, client).order)
    yesterday = today() - timedelta(days=1)
    Refund.objects.filter(pk=refund.pk).update(created_at=timezone.now() - timedelta(days=1))
    about = {"rows": 1, "paid_fen": 0, "refunded_fen": 0, "compared_at": timezone.now()}
    Statement.objects.create(gateway=provider.name, day=yesterday, refunds=[refund.reference], **about)
    for deal in provider.deals.values():
        deal.given.clear()
    provider.write_bill()

    assert compare(provider) == set()


def test_a_day_without_a_statement_is_a_day_on_which_nothing_moved(provider):
    assert compare(provider) == set()
    assert Statement.objects.get().rows == 0


@pytest.mark.parametrize(
    "spoilt",
    ["cut short", "not adding up", "not theirs", "an amount that is none", "a kind nobody knows", "another file"],
)
def test_a_statement_that_is_not_as_agreed_is_not_used(provider, client: Client, spoilt):
    paid(provider, client)
    rows = provider.bill_rows()
    if spoilt == "not adding up":
        provider.write_bill(
            **{"wechat": {"summary": {"总交易单数": "2"}}, "alipay": {"last_lines": "#交易合计：2笔"}}[provider.name]
        )
    elif spoilt == "not theirs":
        provider.bill = b"<html>maintenance</html>"
    elif spoilt == "another file":
        provider.write_bill()
        if provider.name == "wechat":
            provider.lies["bill"] = {"hash_value": "0" * 40}
        else:
            provider.lies["bill"] = {"bill_download_url": "https://169.254.169.254/latest"}
    else:
        change = {
            "cut short": {"商户订单号": "P1,2"},
            "an amount that is none": {"订单金额": "1e3", "订单金额（元）": "1e3"},
            "a kind nobody knows": {"交易状态": "GIFT", "业务类型": "赠送", "商家实收（元）": "0.00"},
        }[spoilt]
        provider.write_bill(rows=[{**row, **change} for row in rows])

    tasks.reconcile_statements()
    with pytest.raises(CommandError):
        call_command("reconcile", provider.name, f"{today()}")

    assert not Statement.objects.exists()
    assert not Difference.objects.exists()


def test_the_task_compares_each_day_once_when_its_statement_should_be_there(provider):
    morning = timezone.localtime().replace(hour=9, minute=0)
    days = [day for _name, day in reconciling.days_to_compare(morning)]
    assert (len(days), days[-1]) == (7, today() - timedelta(days=2))
    assert reconciling.days_to_compare(morning.replace(hour=11))[-1] == (provider.name, today() - timedelta(days=1))

    assert tasks.reconcile_statements() == 7
    assert tasks.reconcile_statements() == 0
    assert Statement.objects.count() == 7


def test_the_sandbox_has_no_statements(settings):
    settings.PAYMENT_GATEWAY = "sandbox"

    assert reconciling.days_to_compare(timezone.now()) == []
    with pytest.raises(CommandError):
        call_command("reconcile", "sandbox", "2026-11-26")


# --- A person closes it ---


@pytest.fixture
def difference() -> Difference:
    return Difference.objects.create(
        gateway="wechat",
        day=today(),
        kind="ONLY_THEIRS",
        about="PAYMENT",
        reference="PSTRANGER",
        theirs_fen=4980,
        found_at=timezone.now(),
    )


def test_it_is_closed_once_with_a_reason_and_then_stays(difference, client: Client):
    actor = make_finance("Chen")
    with pytest.raises(InvalidInput):
        reconciling.close_difference(difference_id=difference.pk, actor=actor, reason="  ", now=timezone.now())
    client.force_login(actor)
    client.cookies["django_language"] = "en"
    url = "/finance/differences/"
    assert "PSTRANGER" in client.get(url).content.decode()
    assert client.post(url, {"difference": difference.pk, "reason": " "}).status_code == 422

    page = client.post(url, {"difference": difference.pk, "reason": "Tried by hand."}, follow=True).content.decode()

    assert "Tried by hand." in page
    assert "No open differences" in page
    with pytest.raises(WrongState):
        reconciling.close_difference(difference_id=difference.pk, actor=actor, reason="Again.", now=timezone.now())
    for change in (lambda: Difference.objects.update(reason="Else."), lambda: Difference.objects.all().delete()):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Difference.objects.create(
            gateway="x", day=today(), kind="STATE", reference="r", found_at=timezone.now(), reason="r"
        )


def test_the_page_costs_the_same_however_many_there_are(difference, client: Client, django_assert_max_num_queries):
    client.force_login(make_finance("Chen"))
    values = Difference.objects.values().get()
    Difference.objects.bulk_create(
        Difference(**{**values, "id": None, "reference": f"P{number}"}) for number in range(40)
    )
    with django_assert_max_num_queries(12):
        client.get("/finance/differences/")


def test_a_statement_is_read_from_where_the_provider_is_and_nowhere_else(provider):
    provider.lies["bill"] = {
        "download_url": "http://127.0.0.1:1/bill",
        "bill_download_url": "http://127.0.0.1:1/bill",
    }
    provider.write_bill(rows=[])
    with pytest.raises(Exception, match="somewhere else"):
        reconciling.reconcile(gateway=provider.name, day=today(), now=timezone.now())
    assert provider.calls["file"] == 0
