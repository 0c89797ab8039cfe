"""A gift's way: asked for, paid at the provider, heard of once, late or never; by guests too; and its pages."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from fund import queries
from fund.errors import ProgrammeClosed
from fund.models import Donation
from fund.services import giving, programmes, receipts
from fund.tasks import send_receipts
from notifications.models import Notification, OutboxMessage
from payments.errors import AlreadyPaid
from payments.gateways.base import Trade, TradeState
from payments.models import Gift, Leg, Payment, Refund
from payments.services import querying, settle
from payments.services.giving import open_gift_payment, start_gift_payment
from tests.fund import scene
from tests.make import make_user
from tests.payments.scene import paid_event
from tests.payments.stand_in import StandIn
from tests.printed import read_pdf

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture(autouse=True)
def meals():
    return scene.make_programme()


def test_a_gift_that_is_heard_of_again_and_again_counts_once():
    giver = make_user("Donor")
    gift = scene.make_gift(2500, giver=giver)
    payment = scene.make_gift_payment(gift)
    for _time in range(3):
        settle(paid_event(payment), timezone.now())
    gift.refresh_from_db()
    assert gift.status == "PAID"
    assert queries.figures_by_account()["school-meals"].given == 2500
    assert Notification.objects.filter(recipient=giver, kind="gift_received").count() == 1


def test_the_same_form_sent_twice_is_one_gift_and_another_cannot_use_its_key():
    giver, key = make_user("Donor"), uuid4()
    first = scene.make_gift(500, giver=giver, key=key)
    assert scene.make_gift(500, giver=giver, key=key) == first
    with pytest.raises(NotAllowed):
        scene.make_gift(500, giver=None, key=key)
    assert (Gift.objects.count(), Donation.objects.count()) == (1, 1)


def test_a_gift_that_nobody_tells_us_of_is_found_by_asking(monkeypatch):
    stand_in = StandIn()
    monkeypatch.setattr(querying, "get_gateway", lambda name: stand_in)
    gift = scene.make_gift(700)
    payment = scene.make_gift_payment(gift)
    later = timezone.now() + timedelta(seconds=40)
    assert payment.pk in querying.claim_queries(later)
    stand_in.trades = [Trade(state=TradeState.PAID, paid=paid_event(payment))]
    querying.ask_provider(payment_id=payment.pk, now=later)
    gift.refresh_from_db()
    assert gift.status == "PAID"


def test_a_gift_paid_late_is_welcome_and_one_paid_twice_goes_back():
    gift = scene.make_gift(700)
    payment = scene.make_gift_payment(gift)
    Gift.objects.filter(pk=gift.pk).update(pay_by=timezone.now() - timedelta(days=1))
    settle(paid_event(payment), timezone.now())
    settle(paid_event(payment, event_id="again", trade_number="another"), timezone.now())
    assert queries.figures_by_account()["school-meals"].given == 700
    refund = Refund.objects.get()
    assert (refund.reason, refund.amount_fen, refund.payment.gift) == ("PAID_TWICE", 700, gift)
    with pytest.raises(AlreadyPaid):
        open_gift_payment(gift_id=gift.pk, gateway="sandbox", now=timezone.now(), pay_by=timezone.now())


def test_a_payment_of_another_amount_changes_nothing():
    gift = scene.make_gift(700)
    message = settle(paid_event(scene.make_gift_payment(gift), amount_fen=7), timezone.now())
    gift.refresh_from_db()
    assert (message.outcome, gift.status, Leg.objects.count()) == ("QUARANTINED", "UNPAID", 0)


def test_a_payment_pays_an_order_or_a_gift_and_not_both_or_none():
    payment = scene.make_gift_payment(scene.make_gift(700))
    with pytest.raises(Exception, match=r"payment_for_an_order_or_a_gift|payment_terms_fixed|Cannot"):
        Payment.objects.filter(pk=payment.pk).update(gift=None)


def test_nobody_gives_to_what_is_closed_or_less_than_a_yuan():
    with pytest.raises(InvalidInput):
        scene.make_gift(99)
    with pytest.raises(InvalidInput):
        scene.make_gift(500, "nowhere")
    steward = scene.make_steward()
    clinics = scene.make_programme(steward, "clinics", area="HEALTH")
    programmes.change_programme(
        programme_id=clinics.pk,
        actor=steward,
        owner_id=steward.pk,
        is_open=False,
        target_fen=None,
        ends_on=None,
        now=timezone.now(),
    )
    with pytest.raises(ProgrammeClosed):
        scene.make_gift(500, "clinics")


def test_a_programme_is_handed_over_only_to_somebody_who_may_handle_the_fund(client, meals):
    one, two, other = scene.make_steward("One"), scene.make_steward("Two"), make_user("Buyer")
    page = reverse("fund:programme_change", args=[meals.pk])
    client.force_login(one)

    refused = client.post(page, {"owner": other.pk, "is_open": "on"})
    assert refused.status_code == 422
    assert "owner" in refused.context["form"].errors
    with pytest.raises(InvalidInput) as wrong:
        programmes.change_programme(
            programme_id=meals.pk,
            actor=one,
            owner_id=other.pk,
            is_open=True,
            target_fen=None,
            ends_on=None,
            now=timezone.now(),
        )
    assert wrong.value.field == "owner"

    assert client.post(page, {"owner": two.pk, "is_open": "on"}).status_code == 302
    meals.refresh_from_db()
    assert meals.owner == two
    assert (
        "Two answers for it."
        in client.get(reverse("fund:programme", args=[meals.slug]), headers=ENGLISH).content.decode()
    )
    assert (
        "answers for it"
        not in Client().get(reverse("fund:programme", args=[meals.slug]), headers=ENGLISH).content.decode()
    )


def test_a_guest_gives_pays_and_follows_it_by_its_address(client):
    page = client.get(reverse("fund:give"), {"for": "school-meals"})
    assert page.status_code == 200
    said = {"amount": "12.50", "purpose": "school-meals", "shown_name": "一个朋友", "key": str(uuid4())}
    answer = client.post(reverse("fund:give"), said)
    gift = Gift.objects.get()
    assert answer.url == reverse("fund:gift", args=[gift.token])
    answer = client.post(answer.url)
    assert answer.url.startswith("/sandbox-provider/")
    settle(paid_event(Payment.objects.get()), timezone.now())

    page = client.get(reverse("fund:gift", args=[gift.token]))
    assert "12.50" in page.content.decode()
    receipt = client.get(reverse("fund:receipt", args=[gift.token]))
    printed = "".join(read_pdf(receipt.content))
    assert all(words in printed for words in ("捐款收据", gift.number, "捐款人", "一个朋友", "¥12.50", "不是发票")), (
        printed
    )
    entries = client.get(reverse("fund:entries", args=["school-meals"])).content.decode()
    assert "一个朋友" in entries
    assert client.get(reverse("fund:gift", args=[uuid4()])).status_code == 404


def test_what_was_typed_wrong_is_said_beside_its_field_and_kept(client):
    said = {"amount": "0.5", "purpose": "school-meals", "shown_name": "王", "key": str(uuid4())}
    page = client.post(reverse("fund:give"), said)
    assert page.status_code == 422
    assert 'value="0.5"' in page.content.decode()
    assert not Gift.objects.exists()


def test_who_does_not_want_to_be_named_is_not(client):
    giver = make_user("Geheim", email="geheim@example.com")
    scene.arrived(500, giver=giver, receipt_name="Geheim")
    one, two = scene.make_steward("One"), scene.make_steward("Two")
    programme = scene.make_programme(one, "books")
    scene.arrived(500, "books", giver=giver)
    scene.paid_grant(programme, 300, one, two)
    for page in ("overview", "programme", "entries"):
        args = [] if page == "overview" else ["books"]
        assert "Geheim" not in client.get(reverse(f"fund:{page}", args=args)).content.decode()


def test_public_pages_ask_the_same_few_questions_however_much_there_is(client, django_assert_max_num_queries):
    one, two = scene.make_steward("One"), scene.make_steward("Two")
    programme = scene.make_programme(one, "books")
    for _gift in range(4):
        scene.arrived(1000, "books")
    payee = scene.make_payee(one)
    for _grant in range(3):
        scene.paid_grant(programme, 300, one, two, payee=payee)
    for name, args, most in (("overview", [], 8), ("programme", ["books"], 8), ("entries", ["books"], 7)):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(f"fund:{name}", args=args)).status_code == 200


def test_the_provider_is_sent_the_gifts_own_page_to_come_back_to(monkeypatch):
    from payments.services import starting

    stand_in = StandIn()
    monkeypatch.setattr(starting, "get_gateway", lambda name: stand_in)
    gift = scene.make_gift(700)
    start_gift_payment(gift_id=gift.pk, now=timezone.now(), pay_by=timezone.now() + giving.TIME_TO_PAY)
    assert Payment.objects.get().gift == gift


def test_a_receipt_is_sent_once_and_the_address_forgotten(settings):
    settings.EMAIL_CHANNEL = "outbox"
    scene.arrived(500, email="donor@example.com")
    never = scene.make_gift(500, email="other@example.com")
    assert (send_receipts(), send_receipts()) == (1, 0)
    letter = OutboxMessage.objects.get(address="donor@example.com")
    assert "/receipt/" in letter.body
    assert not Donation.objects.filter(email="donor@example.com").exists()
    assert never.donation.email == "other@example.com"


def test_a_receipt_that_cannot_be_sent_is_tried_again_and_then_given_up(settings, monkeypatch):
    def down(**_said) -> None:
        raise OSError

    monkeypatch.setattr(receipts, "send_letter", down)
    gift = scene.arrived(500, email="donor@example.com")
    now = timezone.now()
    for tried in range(receipts.MAX_TRIES):
        assert receipts.claim_receipts(now + timedelta(days=30 * tried)) == [gift.pk]
        receipts.send_receipt(donation_id=gift.pk)
    assert Donation.objects.get(pk=gift.pk).email == ""
    assert receipts.claim_receipts(now + timedelta(days=999)) == []
