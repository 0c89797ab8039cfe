"""The pages of claims: the buyer tells, the farmer answers, a moderator decides; for everyone else there is nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.models import Photo
from notifications.models import Notification
from orders.models import Parcel
from orders.services.parcels import run_timer
from payments.models import Claim, ClaimPhoto, Refund
from payments.services import claiming
from tests.make import make_moderator
from tests.payments.claim_scene import (
    AFTER_THE_ANSWER,
    claim_on,
    dispute,
    enter,
    make_received,
    order_page,
    picture,
    text,
    url,
)

pytestmark = pytest.mark.django_db

GOOD = {"kind": "SPOILED", "words": "三个烂了", "how_much": "PART", "amount": "20"}


# --- The buyer ---


def test_the_order_offers_it_while_there_is_time_and_then_shows_how_it_stands(parcel):
    buyer = enter(parcel.order.buyer)
    assert url("claim_create", parcel.number) in text(buyer.get(order_page(parcel)))

    claim_on(parcel)

    page = text(buyer.get(order_page(parcel)))
    assert url("claim_create", parcel.number) not in page
    assert url("claim_detail", parcel.number) in page


def test_the_order_no_longer_offers_it_when_the_time_is_over(parcel):
    buyer = enter(parcel.order.buyer)
    Parcel.objects.filter(pk=parcel.pk).update(claim_until=timezone.now())  # the clock has not settled it yet

    assert url("claim_create", parcel.number) not in text(buyer.get(order_page(parcel)))
    page = buyer.get(url("claim_create", parcel.number))
    assert "time to say so is over" in text(page)
    assert "<textarea" not in text(page)


def test_telling_with_photos_leads_to_how_it_stands(parcel):
    buyer = enter(parcel.order.buyer)

    response = buyer.post(url("claim_create", parcel.number), GOOD | {"photos": [picture(), picture("b.jpg")]})

    assert response["Location"] == url("claim_detail", parcel.number)
    claim = Claim.objects.get()
    assert (claim.kind, claim.words, claim.asked_fen, claim.photo_places.count()) == ("SPOILED", "三个烂了", 2000, 2)
    page = text(buyer.get(response["Location"]))
    assert "The farmer has been told." in page
    assert "¥20.00" in page


def test_all_of_it_needs_no_amount(parcel):
    enter(parcel.order.buyer).post(url("claim_create", parcel.number), GOOD | {"how_much": "ALL", "amount": "nonsense"})

    assert Claim.objects.get().asked_fen == parcel.total_fen


@pytest.mark.parametrize(
    ("wish", "english", "chinese"),
    [
        ({"amount": "0"}, "an amount above 0", "金额要大于 0"),
        ({"amount": "-5"}, "an amount above 0", "金额要大于 0"),
        ({"amount": "9999"}, "At most", "这里最多"),
        ({"amount": ""}, "Please type how much", "请填金额"),
        ({"amount": "lots"}, "an amount such as", "金额"),
        ({"words": "  "}, "the farmer was not there", "农户不在现场"),
        ({"kind": ""}, "Please choose what is wrong", "请选择出了什么问题"),
        ({"how_much": ""}, "Please choose how much", "请选择退多少"),
        ({"photos": [picture() for _ in range(5)]}, "at most 4 photos", "4 张"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_bad_input_is_said_beside_the_field_and_what_was_typed_is_kept(parcel, wish, english, chinese, language):
    response = enter(parcel.order.buyer, language).post(
        url("claim_create", parcel.number), {**GOOD, "words": "kept words", **wish}
    )

    page = text(response)
    assert response.status_code == 422
    assert (english if language == "en" else chinese) in page
    assert ("kept words" in page) or "words" in wish
    assert not Claim.objects.exists()
    assert not ClaimPhoto.objects.exists()
    assert Parcel.objects.get().state == "RECEIVED"


def test_what_is_not_a_photo_is_refused_and_the_good_one_goes_along_with_the_next_try(parcel):
    fake = picture()
    fake.file.truncate(40)
    fake.size = 40

    response = enter(parcel.order.buyer).post(url("claim_create", parcel.number), GOOD | {"photos": [picture(), fake]})

    assert response.status_code == 422
    assert not Claim.objects.exists()
    [kept] = Photo.objects.filter(uploaded_by=parcel.order.buyer)
    assert f'name="photo" value="{kept.key}"' in text(response)
    enter(parcel.order.buyer).post(url("claim_create", parcel.number), GOOD | {"photo": str(kept.key)})
    assert [place.photo for place in Claim.objects.get().photo_places.all()] == [kept]


def test_told_too_late_the_page_says_so(parcel):
    buyer = enter(parcel.order.buyer)
    run_timer(parcel_id=parcel.pk, now=parcel.claim_until)

    response = buyer.post(url("claim_create", parcel.number), GOOD)

    assert response.status_code == 409
    assert "time to say so is over" in text(response)
    assert not Claim.objects.exists()


def test_told_twice_leads_to_the_first(parcel, claim):
    buyer = enter(parcel.order.buyer)

    for response in (
        buyer.get(url("claim_create", parcel.number)),
        buyer.post(url("claim_create", parcel.number), GOOD),
    ):
        assert response["Location"] == url("claim_detail", parcel.number)
    assert Claim.objects.count() == 1


def test_the_buyer_takes_an_offer_or_the_claim_back(parcel, claim):
    buyer = enter(parcel.order.buyer)
    page = text(buyer.get(url("claim_detail", parcel.number)))
    assert url("claim_withdraw", claim.pk) in page
    assert url("claim_accept", claim.pk) not in page
    dispute(claim, offered_fen=800)
    assert "Take ¥8.00" in text(buyer.get(url("claim_detail", parcel.number)))

    buyer.post(url("claim_accept", claim.pk))

    assert Refund.objects.get().amount_fen == 800
    page = text(buyer.get(url("claim_detail", parcel.number)))
    assert "Agreed: ¥8.00" in page
    assert url("claim_withdraw", claim.pk) not in page


def test_taking_it_back(parcel, claim):
    buyer = enter(parcel.order.buyer)

    page = text(buyer.post(url("claim_withdraw", claim.pk), follow=True))

    assert "You took this claim back." in page
    assert Parcel.objects.get().state == "RECEIVED"
    assert url("claim_create", parcel.number) in text(buyer.get(order_page(parcel)))


# --- The farmer ---


def test_the_farmer_finds_it_at_home_on_the_parcel_and_agrees_with_one_press(parcel, claim):
    farmer = enter(parcel.farmer.user)
    for page in (reverse("orders:farmer_home"), reverse("orders:parcel_detail", args=[parcel.number])):
        assert url("claim_detail", parcel.number) in text(farmer.get(page))
    page = text(farmer.get(url("claim_detail", parcel.number)))
    assert "三个烂了" in page
    assert "Agree and give back ¥20.00" in page
    assert parcel.order.phone not in page

    page = text(farmer.post(url("claim_agree", claim.pk), follow=True))

    assert "Agreed: ¥20.00" in page
    assert url("claim_detail", parcel.number) not in text(farmer.get(reverse("orders:farmer_home")))


def test_the_farmer_answers_with_words_and_an_offer(parcel, claim):
    farmer = enter(parcel.farmer.user)

    page = text(farmer.post(url("claim_dispute", claim.pk), {"answer": "发货时是好的", "offer": "5"}, follow=True))

    claim.refresh_from_db()
    assert (claim.answer, claim.offered_fen) == ("发货时是好的", 500)
    assert "发货时是好的" in page
    assert url("claim_dispute", claim.pk) not in page
    assert url("claim_agree", claim.pk) in page


@pytest.mark.parametrize(
    ("sent", "english", "chinese"),
    [
        ({"answer": " ", "offer": "5"}, "how you see it", "您的看法"),
        ({"answer": "kept", "offer": "0"}, "an amount above 0", "金额要大于 0"),
        ({"answer": "kept", "offer": "21"}, "At most ¥19.99", "最多 ¥19.99"),
        ({"answer": "kept", "offer": "20"}, "use the button", "请直接点"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_bad_answer_is_said_beside_its_field(parcel, claim, sent, english, chinese, language):
    response = enter(parcel.farmer.user, language).post(url("claim_dispute", claim.pk), sent)

    page = text(response)
    assert response.status_code == 422
    assert (english if language == "en" else chinese) in page
    assert "kept" in page or not sent["answer"].strip()
    claim.refresh_from_db()
    assert claim.answered_at is None


def test_pressing_agree_after_it_ended_says_so(parcel, claim):
    claiming.withdraw_claim(claim_id=claim.pk, buyer=parcel.order.buyer, now=timezone.now())
    farmer = enter(parcel.farmer.user)

    for response in (
        farmer.post(url("claim_agree", claim.pk), follow=True),
        farmer.post(url("claim_dispute", claim.pk), {"answer": "x"}, follow=True),
    ):
        assert "has ended in the meantime" in text(response)
    assert not Refund.objects.exists()


# --- The moderator ---


def test_the_queue_shows_what_waits_oldest_first_and_nothing_of_ones_own(waiting):
    moderator = make_moderator()
    still_with_its_farmer = claim_on(make_received(now=timezone.now() - timedelta(hours=1)))
    older = dispute(claim_on(make_received(), now=timezone.now() - timedelta(hours=3)))
    own = dispute(claim_on(make_received()))
    own.parcel.order.buyer.is_moderator = True
    own.parcel.order.buyer.save()
    desk = url("claim_queue")

    page = text(enter(moderator).get(desk))

    assert page.index(url("claim_decide", older.pk)) < page.index(url("claim_decide", waiting.pk))
    assert url("claim_decide", still_with_its_farmer.pk) not in page
    assert url("claim_decide", own.pk) in page
    assert url("claim_decide", own.pk) not in text(enter(own.parcel.order.buyer).get(desk))


def test_after_48_hours_of_silence_it_is_in_the_queue_even_if_celery_sleeps(claim):
    moderator = enter(make_moderator())
    assert url("claim_decide", claim.pk) not in text(moderator.get(url("claim_queue")))

    late = claim_on(make_received(now=timezone.now() - AFTER_THE_ANSWER), now=timezone.now() - AFTER_THE_ANSWER)

    assert url("claim_decide", late.pk) in text(moderator.get(url("claim_queue")))


@pytest.mark.parametrize(
    ("sent", "back_fen"),
    [
        ({"how_much": "ALL", "cause": "GROWER"}, 2000),
        ({"how_much": "PART", "amount": "12.5", "cause": "COURIER"}, 1250),
        ({"how_much": "NOTHING", "amount": "7"}, 0),
    ],
)
def test_deciding_gives_back_exactly_that(waiting, sent, back_fen):
    moderator = enter(make_moderator())
    page = text(moderator.get(url("claim_decide", waiting.pk)))
    assert "三个烂了" in page
    assert "发货时都是好的" in page

    response = moderator.post(url("claim_decide", waiting.pk), sent | {"reason": "看得清楚"})

    assert response["Location"] == url("claim_queue")
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == back_fen
    assert Parcel.objects.get().refunded_fen == back_fen
    for person in (waiting.parcel.order.buyer, waiting.parcel.farmer.user):
        assert "看得清楚" in text(enter(person).get(url("claim_detail", waiting.parcel.number)))
        assert Notification.objects.filter(kind="claim_decided", recipient=person).count() == 1


@pytest.mark.parametrize(
    ("sent", "english", "chinese"),
    [
        ({"how_much": "ALL", "reason": " "}, "buyer and farmer read it", "请写明理由"),
        ({"how_much": "ALL", "reason": "kept"}, "where it went wrong", "请选择问题出在哪里"),
        ({"how_much": "ALL", "cause": "FATE", "reason": "kept"}, "where it went wrong", "请选择问题出在哪里"),
        ({"how_much": "", "reason": "kept"}, "Please choose how much", "请选择退多少"),
        ({"how_much": "PART", "amount": "", "reason": "kept"}, "Please type how much", "请填金额"),
        ({"how_much": "PART", "amount": "0", "reason": "kept"}, "an amount above 0", "金额要大于 0"),
        ({"how_much": "PART", "amount": "20.01", "cause": "GROWER", "reason": "kept"}, "At most ¥20.00", "最多 ¥20.00"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_bad_decision_is_said_beside_its_field_and_decides_nothing(waiting, sent, english, chinese, language):
    response = enter(make_moderator(), language).post(url("claim_decide", waiting.pk), sent)

    page = text(response)
    assert response.status_code == 422
    assert (english if language == "en" else chinese) in page
    assert "kept" in page or not sent["reason"].strip()
    assert Claim.objects.get().state == "OPEN"
    assert not Refund.objects.exists()


def test_ones_own_is_for_someone_else(waiting):
    farmer = waiting.parcel.farmer.user
    farmer.is_moderator = True
    farmer.save()
    moderator = enter(farmer)

    assert "Someone else has to decide" in text(moderator.get(url("claim_decide", waiting.pk)))
    assert moderator.post(url("claim_decide", waiting.pk), {"how_much": "NOTHING", "reason": "r"}).status_code == 409
    assert Claim.objects.get().state == "OPEN"


def test_too_early_and_too_late_are_said(claim):
    moderator = enter(make_moderator())
    sent = {"how_much": "NOTHING", "reason": "r"}
    assert "How much goes back" not in text(moderator.get(url("claim_decide", claim.pk)))
    early = moderator.post(url("claim_decide", claim.pk), sent)
    assert early.status_code == 409
    assert Claim.objects.get().state == "OPEN"

    claiming.agree_to_claim(claim_id=claim.pk, farmer=claim.parcel.farmer.user, now=timezone.now())

    late = moderator.post(url("claim_decide", claim.pk), sent, follow=True)
    assert "has ended in the meantime" in text(late)
    assert Claim.objects.get().state == "AGREED"
