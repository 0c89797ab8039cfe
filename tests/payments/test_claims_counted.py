"""What is bad is counted line by line, comes to so many fen, and goes back of that line; what is small goes back at once."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from common.errors import InvalidInput
from config.verify import run
from orders.invariants import CHECKS as orders_checks
from orders.models import Parcel
from orders.services.parcels import run_timer
from payments import earnings
from payments.errors import PaidAtOnceAlready
from payments.invariants import CHECKS as payments_checks
from payments.models import Claim, ClaimItem, Entry, Leg, Refund
from payments.services import atonce, claiming
from payments.services.booking import left_of
from payments.services.counting import Count
from tests.concurrency.racing import at_once, names
from tests.make import make_farmer, make_listing, make_user
from tests.payments.claim_scene import (
    agree,
    claim_on,
    count_on,
    decide,
    dispute,
    enter,
    make_received,
    picture,
    stands,
    text,
    told,
    url,
)
from tests.payments.scene import make_order

pytestmark = pytest.mark.django_db


def received(*prices: int, packs: int = 1, buyer=None) -> Parcel:
    """A parcel of one farmer with a line at each price, received just now."""
    farmer = make_farmer()
    return make_received(make_order({make_listing(farmer, price_fen=fen): packs for fen in prices}, buyer=buyer))


def counted(parcel: Parcel, *counts: tuple[int, int | None], **wishes) -> Claim:
    """Counted, without a photo: it goes the ordinary way."""
    return count_on(parcel, *counts, **{"uploads": []} | wishes)


def small(parcel: Parcel, **wishes) -> Claim:
    return count_on(parcel, (1, 10), **wishes)


def balance(kind: str, **where) -> int:
    return Leg.objects.filter(account__kind=kind, **where).aggregate(fen=Sum("fen"))["fen"] or 0


def all_is_well() -> None:
    checks = [*payments_checks, *(check for check in orders_checks if check.name.startswith("parcel_"))]
    assert [check.name for check in checks if not run(check, timezone.now()).is_clean] == []


# --- Counting ---


@pytest.mark.parametrize(
    ("count", "fen"), [((3, 25), 598), ((1, 3), 1660), ((1, 7), 711), ((2, 7), 1423), ((24, 25), 4781)]
)
def test_so_many_of_so_many_is_so_many_fen(count, fen):
    claim = counted(received(4980), count)

    assert claim.asked_fen == fen
    [item] = claim.items.all()
    assert (item.unit, item.bad, item.out_of, item.fen) == ("PIECE", *count, fen)


def test_packs_are_counted_out_of_those_that_came():
    claim = counted(received(3333, packs=3), (2, None))

    [item] = claim.items.all()
    assert (item.unit, item.bad, item.out_of, claim.asked_fen) == ("PACK", 2, 3, 6666)


def test_all_of_everything_is_all_of_it_with_postage_and_all_of_one_line_is_not():
    whole = received(4980, 333)
    assert counted(whole, (1, None), (5, 5)).asked_fen == whole.total_fen
    assert counted(received(4980, 333), (1, None)).asked_fen in (4980, 333)


@pytest.mark.parametrize("count", [(0, None), (-1, 5), (2, None), (6, 5), (1, 10**6), (1, 99_999)])
def test_what_cannot_be_counted_is_said_beside_its_line(count):
    parcel = received(4)

    with pytest.raises(InvalidInput) as refused:
        counted(parcel, count)

    assert refused.value.field.rsplit("_", 1)[1] == str(parcel.lines.get().pk)
    assert not Claim.objects.exists()


def test_lines_of_another_parcel_and_lines_twice_are_refused():
    parcel, other = received(4980), received(500)
    line = parcel.lines.get().pk
    for counts in ([Count(other.lines.get().pk, 1)], [Count(line, 1), Count(line, 1)]):
        with pytest.raises(InvalidInput):
            claim_on(parcel, counts=counts)
    claim = claim_on(parcel)
    with pytest.raises(IntegrityError, match="does not have"), transaction.atomic():
        ClaimItem.objects.create(claim=claim, line=other.lines.get(), unit="PACK", bad=1, out_of=1, fen=1)


def test_the_money_comes_out_of_the_line_that_was_bad_and_no_other():
    parcel = received(4980, 333)
    bad, good = parcel.lines.order_by("pk")
    before = earnings.take_home([bad.pk, good.pk])

    agree(counted(parcel, (3, 25)))

    after = earnings.take_home([bad.pk, good.pk])
    back = balance("REFUND_DUE", line=bad)
    assert after[good.pk] == before[good.pk]
    assert -back == round(bad.total_fen * 3 / 25) == stands(Claim.objects.get())[1]
    all_is_well()


def test_a_part_of_it_is_spread_over_the_lines_as_they_were_counted(moderator):
    parcel = received(1000, 1000)
    claim = counted(parcel, (2, 10), (1, 10))

    decide(dispute(claim), moderator, 100)

    given = [-balance("REFUND_DUE", line=line) for line in parcel.lines.order_by("pk")]
    assert given == [67, 33]


def test_no_line_gives_back_more_than_is_left_of_it():
    parcel = received(1000)
    small(parcel)

    claim = counted(parcel, (1, None))

    assert claim.items.get().fen == 900
    assert claim.asked_fen == parcel.total_fen - 100
    agree(claim)
    assert Parcel.objects.get().refunded_fen == parcel.total_fen
    assert balance("FARMER_DUE") == balance("FARMER_HELD") == 0
    all_is_well()


def test_the_page_counts_and_says_what_is_wrong_with_a_count():
    parcel = received(4980)
    buyer, line = enter(parcel.order.buyer), parcel.lines.get().pk
    sent = {"kind": "SPOILED", "words": "坏了三个", "how_much": "COUNTED"}
    for wish in ({}, {f"bad_{line}": "0"}, {f"bad_{line}": "three"}, {f"bad_{line}": "5"}, {f"bad_{line}": "-1"}):
        response = buyer.post(url("claim_create", parcel.number), sent | wish)
        assert response.status_code == 422
        assert f"id_bad_{line}_error" in text(response)

    response = buyer.post(url("claim_create", parcel.number), sent | {f"bad_{line}": "3", f"out_of_{line}": "25"})

    page = text(buyer.get(response["Location"]))
    assert "3 of 25 pieces" in page
    assert page.count("¥5.98") == 2


# --- Small ones ---


def test_a_small_one_with_a_photo_is_paid_at_once_and_the_parcel_waits_on():
    parcel = received(5000)

    claim = small(parcel)

    parcel.refresh_from_db()
    assert (claim.state, claim.decided_fen, claim.refund.amount_fen) == ("PAID", 500, 500)
    assert (parcel.state, parcel.timer, parcel.timer_at) == ("RECEIVED", "SETTLE", parcel.claim_until)
    assert "comes off this parcel" in told("claim_paid", parcel.farmer.user)[0]
    assert "¥5.00" in told("claim_paid", parcel.order.buyer)[0]
    assert run_timer(parcel_id=parcel.pk, now=parcel.claim_until)
    all_is_well()


@pytest.mark.parametrize(
    "wish",
    [{"uploads": []}, {"kind": "OTHER"}, {"kind": "WRONG"}, {"counts": (), "asked_fen": 500}, {"counts": "too much"}],
)
def test_what_is_not_small_seen_and_counted_goes_the_ordinary_way(wish):
    parcel = received(5000)
    if wish.get("counts") == "too much":
        wish = {"counts": [Count(parcel.lines.get().pk, 1, 4)]}

    assert small(parcel, **wish).state == "OPEN"
    assert not Refund.objects.exists()


def test_a_limit_of_nothing_pays_nothing_at_once(settings):
    settings.CLAIMS_AT_ONCE_FEN = 0

    assert small(received(5000)).state == "OPEN"


def test_the_third_in_a_month_goes_the_ordinary_way_and_a_month_later_it_may_be_paid_again():
    buyer = make_user("Often")

    assert [small(received(5000, buyer=buyer)).state for _ in range(3)] == ["PAID", "PAID", "OPEN"]

    later = timezone.now() + timedelta(days=31)
    assert not atonce.is_used_up(buyer, later)


def test_once_for_a_parcel_and_the_same_words_twice_are_one_claim():
    parcel = received(5000)
    small(parcel)

    with pytest.raises(PaidAtOnceAlready):
        small(parcel)
    response = enter(parcel.order.buyer).post(
        url("claim_create", parcel.number),
        {"kind": "SPOILED", "words": "三个烂了", "how_much": "COUNTED", "photos": [picture()]}
        | {f"bad_{parcel.lines.get().pk}": "1", f"out_of_{parcel.lines.get().pk}": "10"},
    )
    assert response["Location"] == url("claim_detail", parcel.number)
    assert small(parcel, words="后来又坏一个").state == "OPEN"
    assert Refund.objects.count() == 1


# --- Who bears it ---


def test_crushed_on_the_way_is_the_couriers_and_the_farmer_keeps_all_of_it():
    parcel = received(5000)
    line = parcel.lines.get()
    before = earnings.take_home([line.pk])

    claim = small(parcel, kind="CRUSHED")

    assert (claim.state, claim.cause) == ("PAID", "COURIER")
    assert earnings.take_home([line.pk]) == before
    assert (balance("COURIER"), balance("REFUND_DUE")) == (500, -500)
    assert "You bear nothing" in told("claim_paid", parcel.farmer.user)[0]
    run_timer(parcel_id=parcel.pk, now=parcel.claim_until)
    assert "you bear nothing" in text(enter(parcel.farmer.user).get(url("farm_money")))
    all_is_well()


@pytest.mark.parametrize(("cause", "kind"), [("COURIER", "COURIER"), ("PLATFORM", "LOSSES"), ("GROWER", None)])
@pytest.mark.parametrize("counts", [((3, 25), (1, None)), ()])
def test_a_moderator_says_where_it_went_wrong_and_that_one_bears_it(moderator, cause, kind, counts):
    parcel = received(4980, 333)
    claim = counted(parcel, *counts) if counts else claim_on(parcel)
    lines = [line.pk for line in parcel.lines.all()]
    before, fen = earnings.take_home(lines), min(777, claim.asked_fen)

    decide(dispute(claim), moderator, fen, cause=cause)

    assert (earnings.take_home(lines) == before) == bool(kind)
    assert {each: balance(each) for each in ("COURIER", "LOSSES")} == {"COURIER": 0, "LOSSES": 0} | (
        {kind: fen} if kind else {}
    )
    assert balance("REFUND_DUE") == -fen
    assert ("You bear nothing" in told("claim_decided", parcel.farmer.user)[0]) == bool(kind)
    assert Entry.objects.filter(kind="BORNE").exists() == bool(kind)
    all_is_well()


def test_what_the_courier_bore_does_not_come_out_of_the_line_a_second_time(moderator):
    """With a tenth borne by the courier, the other nine tenths are all that can still go back, and all of them do."""
    parcel = received(1000, 1000)
    small(parcel, kind="CRUSHED")

    agree(claim_on(parcel, asked_fen=None))

    assert Parcel.objects.get().refunded_fen == parcel.total_fen
    assert set(left_of(parcel.pk).values()) == {0}
    assert sum(earnings.take_home([line.pk for line in parcel.lines.all()]).values()) == 99  # and a fen is the fund's
    all_is_well()


# --- In a hurry ---


def _two_small(buyer) -> list[partial]:
    return [partial(small, received(5000, buyer=buyer)) for _ in range(2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_small_ones_at_once_do_not_both_slip_under_the_limit(settings):
    settings.CLAIMS_AT_ONCE_TIMES = 1

    results = at_once(*_two_small(make_user("Often")))

    assert names(results) == ["Claim", "Claim"]
    assert sorted(Claim.objects.values_list("state", flat=True)) == ["OPEN", "PAID"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_control_without_the_buyers_lock_both_slip_under_it(settings, monkeypatch):
    settings.CLAIMS_AT_ONCE_TIMES = 1
    both_look, looked = Barrier(2, timeout=30), atonce.paid_at_once

    def together(*about):
        count = looked(*about)
        both_look.wait()
        return count

    monkeypatch.setattr(atonce, "paid_at_once", together)
    monkeypatch.setattr(
        claiming, "lock_for_at_once", lambda parcel_id, *_rest: Parcel.objects.get(pk=parcel_id).order.payments.get()
    )

    at_once(*_two_small(make_user("Often")))

    assert list(Claim.objects.values_list("state", flat=True)) == ["PAID", "PAID"]
