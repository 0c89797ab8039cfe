"""A claim goes from the buyer to the farmer to a moderator, ends once, and gives back exactly what was settled on."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from common.errors import InvalidInput, NotAllowed
from notifications.models import Notification
from orders.models import Parcel
from orders.services.parcels import run_timer
from payments import tasks
from payments.errors import (
    AnsweredAlready,
    ClaimHasEnded,
    ClaimIsOpen,
    FarmerNotHeard,
    NoOffer,
    NothingReceivedYet,
    TooLateToClaim,
)
from payments.models import Claim, Refund
from payments.services import cancel_and_refund, claiming
from tests.make import make_user
from tests.payments.claim_scene import (
    AFTER_THE_ANSWER,
    HOUR,
    agree,
    claim_on,
    decide,
    dispute,
    receive,
    stands,
    told,
)
from tests.payments.scene import first_parcel, make_order_of_two, make_paid_order

pytestmark = pytest.mark.django_db

# --- Opening ---


def test_the_farmer_is_told_what_how_much_and_until_when_and_settling_waits(parcel):
    claim = claim_on(parcel)

    parcel.refresh_from_db()
    assert (parcel.state, parcel.timer, parcel.timer_at) == ("CLAIMED", "PASS_ON", claim.answer_due)
    assert claim.answer_due == claim.opened_at + timedelta(hours=48)
    [message] = told("claim_opened", parcel.farmer.user)
    assert "spoiled or damaged" in message
    assert "¥20.00" in message
    after_the_window = parcel.claim_until + HOUR
    run_timer(parcel_id=parcel.pk, now=after_the_window)
    assert stands(claim) == ("CLAIMED", 0, 0)


def test_all_of_it_is_goods_and_postage(parcel):
    assert claim_on(parcel, asked_fen=None).asked_fen == parcel.total_fen


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"asked_fen": 0}, "amount"),
        ({"asked_fen": -100}, "amount"),
        ({"asked_fen": 100_000_00}, "amount"),
        ({"words": "  \n "}, "words"),
        ({"words": "字" * 1001}, "words"),
        ({"kind": "BORED"}, "kind"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_cannot_be_right_is_refused_beside_its_field_and_nothing_happens(parcel, wish, field, language):
    with override(language), pytest.raises(InvalidInput) as refused:
        claim_on(parcel, **wish)

    with override(language):
        message = refused.value.message
    assert refused.value.field == field
    assert any("\u4e00" <= letter <= "\u9fff" for letter in message) == (language == "zh-hans")
    assert not Claim.objects.exists()
    assert Parcel.objects.get(pk=parcel.pk).state == "RECEIVED"


def test_one_fen_more_than_was_paid_is_too_much(parcel):
    with pytest.raises(InvalidInput):
        claim_on(parcel, asked_fen=parcel.total_fen + 1)

    assert claim_on(parcel, asked_fen=parcel.total_fen).asked_fen == parcel.total_fen


def test_48_hours_and_not_a_second_more(parcel):
    with pytest.raises(TooLateToClaim):
        claim_on(parcel, now=parcel.claim_until)
    assert Parcel.objects.get(pk=parcel.pk).state == "RECEIVED"

    assert claim_on(parcel, now=parcel.claim_until - timedelta(seconds=1))


def test_not_before_it_has_arrived_and_not_after_it_settled(parcel):
    with pytest.raises(NothingReceivedYet):
        claim_on(first_parcel(make_paid_order()))
    run_timer(parcel_id=parcel.pk, now=parcel.claim_until)

    with pytest.raises(TooLateToClaim):
        claim_on(parcel)


@pytest.mark.parametrize("who", ["farmer", "stranger", "moderator"])
def test_only_its_buyer_claims(parcel, moderator, who):
    person = {"farmer": parcel.farmer.user, "stranger": make_user("Stranger"), "moderator": moderator}[who]

    with pytest.raises(NotAllowed):
        claim_on(parcel, buyer=person)

    assert not Claim.objects.exists()
    assert Parcel.objects.get(pk=parcel.pk).state == "RECEIVED"


def test_a_second_claim_beside_an_open_one_is_refused(parcel, claim):
    with pytest.raises(ClaimIsOpen):
        claim_on(parcel)

    assert Claim.objects.count() == 1


# --- The farmer ---


def test_agreeing_gives_back_what_was_asked_and_settles(claim):
    agreed = agree(claim)

    assert stands(claim) == ("SETTLED", 2000, 2000)
    assert (agreed.state, agreed.decided_fen, agreed.decided_by) == ("AGREED", 2000, claim.parcel.farmer.user)
    assert agreed.refund.reason == "CLAIM"
    assert "¥20.00" in told("claim_agreed", claim.parcel.order.buyer)[0]


def test_the_money_really_goes_and_the_buyer_is_told(claim, provider):
    agree(claim)

    assert tasks.send_refunds() == 1

    claim.refresh_from_db()
    assert claim.refund.status == "DONE"
    assert Notification.objects.filter(kind="refund_done", recipient=claim.parcel.order.buyer).count() == 1


def test_the_other_parcel_of_the_order_is_not_touched():
    order = make_paid_order(make_order_of_two())
    parcel, other = order.parcels.order_by("pk")
    cancel_and_refund(parcel_id=other.pk, actor=order.buyer, reason="", now=timezone.now())

    agree(claim_on(receive(parcel), asked_fen=None))

    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == order.total_fen
    other.refresh_from_db()
    assert (other.state, other.refunded_fen) == ("CANCELLED", other.total_fen)


def test_an_answer_goes_to_buyer_and_moderators_and_stops_the_clock(claim, moderator):
    dispute(claim)

    assert "sees it differently" in told("claim_answered", claim.parcel.order.buyer)[0]
    assert len(told("claim_escalated", moderator)) == 1
    assert Parcel.objects.get().timer == ""
    with pytest.raises(AnsweredAlready):
        dispute(claim, words="还有")
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.update(answered_at=None)


@pytest.mark.parametrize("wish", [{"words": " "}, {"offered_fen": 0}, {"offered_fen": -5}, {"offered_fen": 2000}])
def test_an_answer_needs_words_and_an_offer_is_less_than_was_asked(claim, wish):
    with pytest.raises(InvalidInput):
        dispute(claim, **wish)

    claim.refresh_from_db()
    assert (claim.answered_at, claim.answer) == (None, "")
    assert Parcel.objects.get().timer == "PASS_ON"


def test_the_buyer_takes_the_offer(claim):
    dispute(claim, offered_fen=800)
    assert "¥8.00" in told("claim_answered", claim.parcel.order.buyer)[0]

    claiming.accept_offer(claim_id=claim.pk, buyer=claim.parcel.order.buyer, now=timezone.now())

    assert stands(claim) == ("SETTLED", 800, 800)
    assert "¥8.00" in told("claim_agreed", claim.parcel.farmer.user)[0]


def test_there_is_nothing_to_take_without_an_offer(claim):
    dispute(claim)

    with pytest.raises(NoOffer):
        claiming.accept_offer(claim_id=claim.pk, buyer=claim.parcel.order.buyer, now=timezone.now())

    assert stands(claim) == ("CLAIMED", 0, 0)


def test_silence_passes_it_on_once_and_the_farmer_may_still_agree(claim, moderator):
    assert run_timer(parcel_id=claim.parcel_id, now=claim.answer_due - timedelta(seconds=1)) is False
    assert run_timer(parcel_id=claim.parcel_id, now=claim.answer_due) is True
    assert run_timer(parcel_id=claim.parcel_id, now=claim.answer_due + HOUR) is False
    for person in (moderator, claim.parcel.farmer.user, claim.parcel.order.buyer):
        assert len(told("claim_escalated", person)) == 1

    agree(claim, now=claim.answer_due + HOUR)

    assert stands(claim) == ("SETTLED", 2000, 2000)


@pytest.mark.parametrize("who", ["buyer", "stranger", "moderator"])
def test_only_the_farmer_answers(claim, moderator, who):
    person = {"buyer": claim.parcel.order.buyer, "stranger": make_user("Stranger"), "moderator": moderator}[who]

    with pytest.raises(NotAllowed):
        agree(claim, farmer=person)
    with pytest.raises(NotAllowed):
        dispute(claim, farmer=person)

    assert stands(claim) == ("CLAIMED", 0, 0)


# --- The moderator ---


@pytest.mark.parametrize(("back_fen", "state"), [(2000, "DECIDED"), (1, "DECIDED"), (0, "REFUSED")])
def test_a_moderator_gives_back_all_a_part_or_nothing_and_both_read_why(claim, moderator, back_fen, state):
    decided = decide(claim, moderator, back_fen)

    assert stands(claim) == ("SETTLED", back_fen, back_fen)
    assert (decided.state, decided.decided_fen, decided.decided_by) == (state, back_fen or None, moderator)
    for person in (claim.parcel.order.buyer, claim.parcel.farmer.user):
        [message] = told("claim_decided", person)
        assert "照片里看得清楚" in message
        assert ("¥" in message) == bool(back_fen)


def test_the_farmer_is_heard_first(claim, moderator):
    with pytest.raises(FarmerNotHeard):
        decide(claim, moderator, 2000, now=claim.answer_due - timedelta(seconds=1))
    dispute(claim)

    assert decide(claim, moderator, 0, now=claim.opened_at + HOUR).state == "REFUSED"


@pytest.mark.parametrize("wish", [{"reason": " "}, {"reason": "长" * 301}, {"back_fen": 2001}, {"back_fen": -1}])
def test_a_decision_needs_a_reason_and_stays_within_what_was_asked(claim, moderator, wish):
    with pytest.raises(InvalidInput):
        decide(claim, moderator, **{"back_fen": 500} | wish)

    assert stands(claim) == ("CLAIMED", 0, 0)
    assert Claim.objects.get().state == "OPEN"


@pytest.mark.parametrize("side", ["buyer", "farmer"])
def test_nobody_decides_about_their_own(claim, side):
    person = claim.parcel.order.buyer if side == "buyer" else claim.parcel.farmer.user
    person.is_moderator = True
    person.save()

    with pytest.raises(NotAllowed):
        decide(claim, person, 2000 if side == "buyer" else 0)

    assert stands(claim) == ("CLAIMED", 0, 0)


def test_who_is_no_moderator_decides_nothing(claim):
    with pytest.raises(NotAllowed):
        decide(claim, make_user("Stranger"), 2000)


def test_what_has_ended_stays_ended(claim, moderator):
    decide(claim, moderator, 500)

    later = timezone.now() + AFTER_THE_ANSWER
    buyer = claim.parcel.order.buyer
    for again in (
        lambda: agree(claim),
        lambda: dispute(claim),
        lambda: decide(claim, moderator, 2000),
        lambda: claiming.accept_offer(claim_id=claim.pk, buyer=buyer, now=later),
        lambda: claiming.withdraw_claim(claim_id=claim.pk, buyer=buyer, now=later),
    ):
        with pytest.raises(ClaimHasEnded):
            again()

    assert stands(claim) == ("SETTLED", 500, 500)
