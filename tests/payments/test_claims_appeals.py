"""One appeal for a claim, by either side, in time; another moderator decides for good what goes back and who bears it."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import InvalidInput, NotAllowed
from config.verify import run
from payments import earnings
from payments.errors import (
    AppealDecidedAlready,
    ClaimAppealedAlready,
    NothingToAppealHere,
    OwnClaimDecision,
    TooLateToAppeal,
)
from payments.invariants import CHECKS
from payments.models import ClaimAppeal, Leg, Refund
from payments.services.appealing import appeal_claim, decide_claim_appeal
from tests.concurrency.racing import at_once, names
from tests.make import make_moderator, make_user
from tests.payments.claim_scene import (
    agree,
    claim_on,
    count_on,
    decide,
    dispute,
    enter,
    make_received,
    stands,
    text,
    told,
    url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def another():
    return make_moderator()


@pytest.fixture
def decided(waiting, moderator):
    """Half of what was asked for went back, the grower bears it."""
    return decide(waiting, moderator, 1000, now=timezone.now())


def appeal(claim, side: str = "buyer", **wishes):
    person = claim.parcel.order.buyer if side == "buyer" else claim.parcel.farmer.user
    return appeal_claim(
        **{"claim_id": claim.pk, "person": person, "words": "再看看照片", "now": timezone.now()} | wishes
    )


def judge(claim, moderator, more_fen: int = 0, cause: str = "GROWER", **wishes):
    said = {"more_fen": more_fen, "cause": cause, "reason": "又看了一遍", "now": timezone.now()}
    return decide_claim_appeal(claim_id=claim.pk, moderator=moderator, **said | wishes)


def kept(claim) -> int:
    return sum(earnings.take_home(list(claim.parcel.lines.values_list("pk", flat=True))).values())


def lost(kind: str) -> int:
    return sum(Leg.objects.filter(account__kind=kind).values_list("fen", flat=True))


def test_the_buyer_asks_again_and_gets_more_of_what_was_asked_for(decided, another):
    appeal(decided)
    assert "Another moderator decides by" in told("claim_appealed", decided.parcel.farmer.user)[0]
    assert told("claim_appealed", another)
    assert not told("claim_appealed", decided.decided_by)

    assert judge(decided, another, 600).status == "CHANGED"

    assert stands(decided) == ("SETTLED", 1600, 1600)
    assert "¥6.00 more" in told("claim_appeal_decided", decided.parcel.order.buyer)[0]
    assert [check.name for check in CHECKS if not run(check, timezone.now()).is_clean] == []


@pytest.mark.parametrize(("cause", "kind"), [("COURIER", "COURIER"), ("PLATFORM", "LOSSES")])
def test_the_farmer_was_right_gets_theirs_back_and_the_buyer_keeps_what_they_got(decided, another, cause, kind):
    before = kept(decided)
    appeal(decided, "farmer")

    judge(decided, another, 0, cause)

    assert stands(decided) == ("SETTLED", 1000, 1000)
    assert lost(kind) == 1000
    line = decided.parcel.lines.get()
    assert kept(decided) == line.farmer_fen > before
    assert "you bear nothing" in told("claim_appeal_decided", decided.parcel.farmer.user)[0]
    assert "you bear nothing" in text(enter(decided.parcel.farmer.user).get(url("farm_money")))
    assert [check.name for check in CHECKS if not run(check, timezone.now()).is_clean] == []


def test_it_was_the_grower_after_all_and_what_goes_back_more_is_theirs_too(waiting, moderator, another):
    decide(waiting, moderator, 1000, cause="COURIER", now=timezone.now())
    appeal(waiting)

    judge(waiting, another, 500, "GROWER")

    assert (lost("COURIER"), lost("LOSSES")) == (0, 0)
    assert waiting.parcel.lines.get().farmer_fen - kept(waiting) == 1485  # 99 % of it; the fund bears the rest
    assert [check.name for check in CHECKS if not run(check, timezone.now()).is_clean] == []


def test_the_farmer_who_was_not_asked_says_that_it_was_the_courier(another):
    claim = count_on(make_received(), (1, 10))
    appeal(claim, "farmer", words="路上压的")

    judge(claim, another, cause="COURIER")

    assert kept(claim) == claim.parcel.lines.get().farmer_fen
    with pytest.raises(NothingToAppealHere):
        appeal(count_on(make_received(), (1, 10)))  # the buyer has all they asked for


def test_one_only_in_time_and_for_who_has_something_to_gain(decided, claim, moderator):
    with pytest.raises(NotAllowed):
        appeal(decided, person=make_user("Stranger"))
    with pytest.raises(InvalidInput):
        appeal(decided, words="  ")
    with pytest.raises(TooLateToAppeal):
        appeal(decided, now=decided.decided_at + timedelta(days=7))
    appeal(decided, now=decided.decided_at + timedelta(days=6, hours=23))
    for side in ("buyer", "farmer"):
        with pytest.raises(ClaimAppealedAlready):
            appeal(decided, side)
    with pytest.raises(NothingToAppealHere):
        appeal(claim_on(make_received()))
    with pytest.raises(NothingToAppealHere):
        appeal(agree(claim_on(make_received())))
    assert ClaimAppeal.objects.count() == 1


def test_never_by_who_decided_it_never_by_a_side_and_once(decided, moderator, another):
    appeal(decided)
    buyer = decided.parcel.order.buyer
    buyer.is_moderator = True
    buyer.save()
    with pytest.raises(OwnClaimDecision):
        judge(decided, moderator, 100)
    for person in (buyer, make_user("Stranger")):
        with pytest.raises(NotAllowed):
            judge(decided, person, 100)
    for wish in ({"more_fen": 1001}, {"reason": " "}, {"cause": "FATE"}):
        with pytest.raises(InvalidInput):
            judge(decided, another, **wish)
    assert stands(decided) == ("SETTLED", 1000, 1000)

    assert judge(decided, another).status == "UPHELD"

    with pytest.raises(AppealDecidedAlready):
        judge(decided, make_moderator(), 100)


def test_the_database_refuses_what_is_not_fair_whoever_writes(decided, moderator, another):
    now = timezone.now()
    whole = {"claim": decided, "by": decided.parcel.order.buyer, "words": "x", "made_at": now, "decide_by": now}
    end = {"status": "UPHELD", "decided_at": now, "reason": "r", "cause": "GROWER"}
    for broken in ({"words": ""}, {"by": another}, end | {"decided_by": moderator}, end | {"decided_by": whole["by"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClaimAppeal.objects.create(**whole | broken)
    made = ClaimAppeal.objects.create(**whole)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClaimAppeal.objects.create(**whole)
    for change in (end | {"decided_by": moderator}, {"more_fen": 1}, {"status": "CHANGED"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClaimAppeal.objects.filter(pk=made.pk).update(**change)
    ClaimAppeal.objects.filter(pk=made.pk).update(**end | {"decided_by": another})
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        ClaimAppeal.objects.filter(pk=made.pk).update(reason="other")


def test_the_pages_lead_from_the_appeal_to_its_end(decided, moderator, another):
    buyer, farmer, judges = enter(decided.parcel.order.buyer), enter(decided.parcel.farmer.user), enter(another)
    page = url("claim_detail", decided.parcel.number)
    assert url("claim_appeal", decided.pk) in text(buyer.get(page))
    empty = buyer.post(url("claim_appeal", decided.pk), {"words": " "})
    assert (empty.status_code, "Please say why it should be otherwise." in text(empty)) == (422, True)

    buyer.post(url("claim_appeal", decided.pk), {"words": "还有两个也坏了"})

    assert "还有两个也坏了" in text(farmer.get(page))
    assert url("claim_appeal", decided.pk) not in text(farmer.get(page))
    assert url("claim_decide", decided.pk) in text(judges.get(url("claim_queue")))
    assert url("claim_decide", decided.pk) not in text(enter(moderator).get(url("claim_queue")))
    assert "for good</h2>" not in text(enter(moderator).get(url("claim_decide", decided.pk)))
    sent = {"how_much": "PART", "amount": "3", "cause": "PLATFORM", "reason": "是我们的错"}
    assert judges.post(url("claim_decide", decided.pk), sent | {"cause": ""}).status_code == 422
    judges.post(url("claim_decide", decided.pk), sent)
    for side in (buyer, farmer):
        assert "After the appeal ¥3.00 more goes back" in text(side.get(page))
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == lost("LOSSES") == 1300


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_decided_by_two_at_once_is_decided_once():
    claim = decide(dispute(claim_on(make_received())), make_moderator(), 1000, now=timezone.now())
    appeal(claim)

    results = at_once(*[partial(judge, claim, make_moderator(), 500) for _ in range(3)])

    assert sorted(names(results)) == ["AppealDecidedAlready", "AppealDecidedAlready", "ClaimAppeal"]
    assert stands(claim) == ("SETTLED", 1500, 1500)
