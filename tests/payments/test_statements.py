"""A farmer's statement of a month adds up to what was really paid, and to what is still here."""

import csv
import io

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from common.transactions import use_case
from payments import earnings, statements
from payments.models import Leg, Payout
from tests.make import make_farmer, make_finance, make_listing
from tests.payments.claim_scene import enter, text
from tests.payments.payout_scene import come_back, confirm, give_back_of, make_settled, sent
from tests.payments.scene import make_order, make_paid_order
from tests.printed import read_pdf

pytestmark = pytest.mark.django_db

give_back = use_case(give_back_of)


def test_the_month_is_receipts_and_what_is_here(django_assert_num_queries):
    farmer, one, two = make_farmer(), make_finance("One"), make_finance("Two")
    parcel = make_settled(farmer)
    [first] = sent(one, two)
    confirm(first, one)
    give_back(parcel, 2000)
    make_settled(farmer)
    come_back(confirm(sent(two, one)[0], one), two)
    listing = parcel.lines.get().listing
    make_paid_order(make_order({listing: 1}))
    now = timezone.localtime()

    with django_assert_num_queries(4):
        statement = statements.statement_of(farmer, now.year, now.month)

    money, paid = (
        earnings.money_of(farmer),
        sum(Payout.objects.filter(state="PAID").values_list("amount_fen", flat=True)),
    )
    assert statement.opening_fen == 0
    assert statement.closing_fen == money.held_fen + money.due_fen
    assert -sum(row.fen for row in statement.rows if row.line is None) == paid
    assert statements.statement_of(farmer, now.year + 1, 1).opening_fen == statement.closing_fen
    kept = sum(parcel.total_fen for parcel in earnings.parcels_of(farmer))
    assert sum(row.fen for row in statement.rows if row.line) == kept
    rows = list(csv.reader(io.StringIO(statements.as_csv(statement).decode("utf-8-sig"))))
    assert rows[-1][-1] == f"{statement.closing_fen / 100:.2f}"


def ledger_of(farmer) -> int:
    """What the farmer has here, added up past the statement's own queries."""
    mine = Leg.objects.filter(account__farmer=farmer, account__kind__in=earnings.FARMERS)
    return -(mine.aggregate(fen=Sum("fen"))["fen"] or 0)


@pytest.mark.parametrize(("language", "end"), [("en", "Here at the end"), ("zh-hans", "月末余额")])
def test_the_pdf_read_back_has_the_ledgers_figures_and_every_rare_name(language, end):
    farmer, one, two = make_farmer("堃喆家 Ålesund <b>&"), make_finance("One"), make_finance("Two")
    parcel = make_settled(farmer)
    confirm(sent(one, two)[0], one)
    give_back(parcel, 2001)
    make_paid_order(make_order({make_listing(farmer): 1 for _line in range(36)}))  # more than a page
    now = timezone.localtime()
    client, address = enter(farmer.user, language), reverse("payments:farm_statement_pdf", args=[now.year, now.month])

    response = client.get(address)

    assert (response["Content-Type"], response.content[:5]) == ("application/pdf", b"%PDF-")
    assert ".pdf" in response["Content-Disposition"]
    pages = read_pdf(response.content)
    said = "".join(pages)
    with override(language):
        wanted = statements.lines_of(statements.statement_of(farmer, now.year, now.month))
        heading = statements.heading()
    for words in (farmer.name, *heading, *(cell for line in wanted for cell in line)):
        assert "".join(words.split()) in said, words
    assert "".join(f"{end}{ledger_of(farmer) / 100:.2f}".split()) in said
    assert said.count(parcel.number) == sum(line[2] == parcel.number for line in wanted)
    assert len(pages) > 1
    assert address in text(client.get(reverse("payments:farm_money")))
    assert client.get(address.replace(f"/{now.month}/", "/13/")).status_code == 404


def test_the_page_shows_what_was_paid_and_leads_to_the_statement():
    farmer, one, two = make_farmer(), make_finance("One"), make_finance("Two")
    make_settled(farmer)
    confirm(sent(one, two)[0], one)
    client, now = enter(farmer.user), timezone.localtime()
    address = reverse("payments:farm_statement", args=[now.year, now.month])

    page = text(client.get(reverse("payments:farm_money")))

    assert "Paid out" in page
    assert "****4567" in page
    assert address in page
    assert "paid out to the farmer" in client.get(address).content.decode()
    assert client.get(reverse("payments:farm_statement", args=[now.year, 13])).status_code == 404
