"""The books for finance staff: every figure opens to entries that make it, and an entry is undone, never changed."""

import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import StaffAct
from common.transactions import use_case
from payments import finance
from payments.models import Difference, Entry, Leg, Payment, Payout, Refund, Statement
from payments.services import reconciling
from payments.services.appealing import appeal_claim
from payments.services.starting import open_payment
from tests.make import make_finance, make_moderator, make_user
from tests.payments.claim_scene import AFTER_THE_ANSWER, claim_on, decide, dispute, enter, make_received, text
from tests.payments.payout_scene import come_back, confirm, give_back_of, make_settled, prepare, sent
from tests.payments.scene import make_order, make_paid_order

pytestmark = pytest.mark.django_db

give_back = use_case(give_back_of)


@pytest.fixture
def one():
    return make_finance("One")


@pytest.fixture
def two():
    return make_finance("Two")


def page(person, name: str, *args, **data) -> str:
    response = enter(person).get(reverse(f"payments:{name}", args=args), data)
    assert response.status_code == 200
    return text(response)


def test_each_balance_is_the_sum_of_the_entries_it_opens_to(one, two):
    parcel = make_settled()
    make_paid_order()
    give_back(parcel, 500)
    confirm(sent(one, two)[0], one)
    page(one, "finance")

    for figure in [*finance.balances(), *finance.held_by_age(timezone.now())]:
        wanted = dict(re.findall(r"[?&](\w+)=([\w]+)", figure.url))
        behind = finance.entries(wanted, timezone.now())
        kinds = finance.HELD if wanted["kind"] == "HELD" else [wanted["kind"]]
        legs = sum(leg.fen for entry in behind for leg in entry.leg_rows.all() if leg.account.kind in kinds)
        assert abs(legs) == abs(figure.fen or 0), figure
        assert enter(one).get(figure.url).status_code == 200
    assert finance.total() == 0


def test_what_went_wrong_is_on_the_page(one, two):
    parcel = make_settled()
    come_back(next(each for each in sent(one, two) if each.farmer_id == parcel.farmer_id), two)
    refund = give_back(parcel, 300)
    Refund.objects.filter(pk=refund.pk).update(status="FAILED")
    now = timezone.now() + AFTER_THE_ANSWER + AFTER_THE_ANSWER
    claim_on(make_received())

    assert [figure.count for figure in finance.to_look_at(timezone.now())] == [1, 1, 0, 0, 0, 0, 0, 0, 0]
    late = list(finance.to_look_at(now + AFTER_THE_ANSWER))[3]
    assert (late.count, late.fen) == (1, 2000)
    prepare(one)
    assert look(now, "came back").count == 0


def test_figures_open_only_where_the_reader_gets_in(one):
    moderator = make_moderator()
    for person, opens in [(one, False), (moderator, True)]:
        assert bool(look(timezone.now(), "claims past").for_reader(person).url) is opens
        figures = [figure.for_reader(person) for figure in finance.to_look_at(timezone.now())]
        assert not any("/admin/" in figure.url for figure in figures)
    shown = page(one, "finance")
    assert "claims past their deadline" in shown
    addresses = [figure.url for figure in finance.to_look_at(timezone.now()) if figure.who]
    assert len(addresses) == 6
    assert not any(address.replace("&", "&amp;") in shown for address in addresses)


def look(now, words: str) -> finance.Figure:
    with override("en"):
        return next(figure for figure in finance.to_look_at(now) if words in str(figure.label))


def test_open_differences_and_appeals_past_their_deadline_are_on_the_page(one):
    now = timezone.now()
    terms = {"gateway": "wechat", "day": timezone.localdate(), "about": "PAYMENT", "found_at": now}
    Difference.objects.create(**terms, kind="AMOUNT", reference="A", theirs_fen=500, ours_fen=520)
    Difference.objects.create(**terms, kind="ONLY_OURS", reference="B", ours_fen=300)
    closed = Difference.objects.create(**terms, kind="ONLY_THEIRS", reference="C", theirs_fen=7)
    reconciling.close_difference(difference_id=closed.pk, actor=one, reason="Tried out.", now=now)
    claim = decide(dispute(claim_on(make_received())), make_moderator(), 500, now=timezone.now())
    appeal = appeal_claim(claim_id=claim.pk, person=claim.parcel.order.buyer, words="More was bad.", now=timezone.now())

    differing = look(now, "open differences")
    assert (differing.count, differing.fen) == (2, 320)
    counts = [look(when, "appeals").count for when in (appeal.decide_by - timedelta(seconds=1), appeal.decide_by)]
    assert counts == [0, 1]
    assert "open differences" in page(one, "finance")


def test_a_day_whose_statement_could_not_be_read_stays_in_sight(settings, monkeypatch):
    """From the first payment on, once the beat has tried for it; also after the week in which it is tried again."""
    day = timezone.localdate() - timedelta(days=10)
    begun = timezone.make_aware(datetime.combine(day, time(12)))
    order = make_order()
    payment = open_payment(order_id=order.pk, buyer=order.buyer, gateway="wechat", now=timezone.now())
    Payment.objects.filter(pk=payment.pk).update(paid_at=begun)
    settings.PAYMENT_GATEWAY = "wechat"
    monkeypatch.setattr(reconciling, "gives_statements", lambda name: name == "wechat")
    now = timezone.make_aware(datetime.combine(day + timedelta(days=10), time(13)))
    about = {"rows": 0, "paid_fen": 0, "refunded_fen": 0, "compared_at": now}

    assert reconciling.unread_days(begun + timedelta(days=1)) == []  # the beat has the whole morning
    assert [each for _name, each in reconciling.unread_days(now)] == [day + timedelta(days=n) for n in range(10)]
    for n in range(1, 10):
        Statement.objects.create(gateway="wechat", day=day + timedelta(days=n), **about)

    assert reconciling.unread_days(now) == [("wechat", day)]
    assert look(now, "could not be read").count == 1


def test_an_administrator_undoes_an_entry_on_its_page(one):
    make_paid_order()
    entry = Entry.objects.get()
    boss = make_user("Boss", is_staff=True, is_superuser=True)
    address = reverse("payments:entry_detail", args=[entry.pk])

    refused = enter(one).post(address, {"reason": "Wrong."})
    empty = enter(boss).post(address, {"reason": ""})
    done = enter(boss).post(address, {"reason": "Booked for the wrong order."})

    assert (refused.status_code, empty.status_code, done.status_code) == (409, 422, 302)
    undoing = Entry.objects.get(reverses=entry)
    assert sum(Leg.objects.values_list("fen", flat=True)) == 0
    assert StaffAct.objects.get(kind="entry_reverse").reason == "Booked for the wrong order."
    assert undoing.ref in page(boss, "entry_detail", entry.pk)
    assert "Undo this entry" not in page(boss, "entry_detail", entry.pk)


def test_payouts_go_their_way_on_the_pages(one, two):
    """Prepared, approved by another, sent as a file, one returned, the rest confirmed."""
    first, second = make_settled(), make_settled()
    assert "2 farmers can be paid" in page(one, "payout_list")
    enter(one).post(reverse("payments:payout_prepare"))
    payouts = {payout.farmer_id: payout for payout in Payout.objects.all()}
    batch = payouts[first.farmer_id].batch_id
    assert "Approve it" not in page(one, "payout_batch", batch)
    assert "Approve it" in page(two, "payout_batch", batch)

    own = enter(one).post(reverse("payments:payout_approve", args=[batch]), follow=True)
    enter(two).post(reverse("payments:payout_approve", args=[batch]))
    file = enter(one).post(reverse("payments:payout_file", args=[batch]))
    back = reverse("payments:payout_detail", args=[payouts[second.farmer_id].pk])
    unsaid = enter(one).post(back, {"reason": ""})
    enter(one).post(back, {"reason": "账号错误", "is_payee_wrong": "on"})
    enter(one).post(reverse("payments:payout_confirm_rest", args=[batch]))

    assert "You prepared this yourself" in text(own)
    assert file["Content-Type"].startswith("text/csv")
    assert text(file).count("6222020000001234567") == 2
    assert unsaid.status_code == 422
    states = {payout.farmer_id: payout.state for payout in Payout.objects.all()}
    assert states == {first.farmer_id: "PAID", second.farmer_id: "RETURNED"}
    assert "waits for another account" in page(one, "payout_list")


def test_the_pages_ask_the_same_however_much_there_is(one, two, django_assert_max_num_queries):
    for _ in range(3):
        make_settled()
    sent(one, two)
    client = Client()
    client.force_login(one)
    for name, most in [("finance", 18), ("entry_list", 12), ("payout_list", 12)]:
        client.get(reverse(f"payments:{name}"))
        with django_assert_max_num_queries(most):
            client.get(reverse(f"payments:{name}"))
