"""The pages of claims: for everyone but the two sides and the moderators there is nothing; and what they cost."""

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.models import Photo
from marketplace.services.photos import process_photo
from orders.models import Parcel
from payments.models import Claim, ClaimPhoto
from tests.make import make_moderator, make_user
from tests.payments.claim_scene import claim_on, dispute, enter, make_received, picture, text, url

pytestmark = pytest.mark.django_db

GOOD = {"kind": "SPOILED", "words": "三个烂了", "how_much": "PART", "amount": "20"}


# --- Nobody else's ---


@pytest.mark.parametrize("who", ["stranger", "farmer", "moderator"])
def test_only_its_buyer_reaches_the_form(parcel, who):
    person = {"stranger": make_user("S"), "farmer": parcel.farmer.user, "moderator": make_moderator()}[who]
    client = enter(person)

    assert client.get(url("claim_create", parcel.number)).status_code == 404
    assert client.post(url("claim_create", parcel.number), GOOD).status_code == 404
    assert not Claim.objects.exists()
    assert Parcel.objects.get().state == "RECEIVED"


def test_strangers_find_no_claim_and_change_nothing(waiting):
    stranger = enter(make_user("Stranger"))

    assert stranger.get(url("claim_detail", waiting.parcel.number)).status_code == 404
    for name in ("claim_agree", "claim_dispute", "claim_accept", "claim_withdraw", "claim_decide"):
        assert stranger.post(url(name, waiting.pk), {"answer": "x", "reason": "r"}).status_code == 404
    assert stranger.get(url("claim_queue")).status_code == 404
    assert stranger.get(url("claim_decide", waiting.pk)).status_code == 404
    waiting.refresh_from_db()
    assert waiting.state == "OPEN"


def test_each_side_has_its_own_buttons_only(claim):
    buyer, farmer = enter(claim.parcel.order.buyer), enter(claim.parcel.farmer.user)

    for name in ("claim_agree", "claim_dispute"):
        assert buyer.post(url(name, claim.pk), {"answer": "x"}).status_code == 404
    for name in ("claim_accept", "claim_withdraw"):
        assert farmer.post(url(name, claim.pk)).status_code == 404
    claim.refresh_from_db()
    assert (claim.state, claim.answered_at) == ("OPEN", None)


def test_guests_are_asked_to_sign_in(claim):
    for name, args in [
        ("claim_create", [claim.parcel.number]),
        ("claim_detail", [claim.parcel.number]),
        ("claim_queue", []),
    ]:
        assert Client().get(url(name, *args)).status_code == 302


def test_a_moderator_is_led_to_the_desk(claim):
    response = enter(make_moderator()).get(url("claim_detail", claim.parcel.number))

    assert response["Location"] == url("claim_decide", claim.pk)


def test_photos_are_for_the_two_sides_and_moderators_and_their_public_name_is_not_told(parcel):
    claim = claim_on(parcel, uploads=[picture()])
    place = ClaimPhoto.objects.get()
    address = url("claim_photo", place.pk, 320)
    assert enter(parcel.order.buyer).get(address).status_code == 404  # not prepared yet
    process_photo(photo_id=place.photo_id, now=timezone.now())

    moderator = make_moderator()
    for person in (parcel.order.buyer, parcel.farmer.user, moderator):
        response = enter(person).get(address)
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert response["Cache-Control"] == "private, max-age=3600"
        assert response.getvalue()[:4] == b"RIFF"
    assert enter(make_user("Stranger")).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    pages = [
        (parcel.order.buyer, url("claim_detail", parcel.number)),
        (parcel.farmer.user, url("claim_detail", parcel.number)),
        (moderator, url("claim_decide", claim.pk)),
    ]
    for person, page in pages:
        shown = text(enter(person).get(page))
        assert address in shown
        assert str(place.photo.key) not in shown
    for width in Photo.objects.get(pk=place.photo_id).sizes:
        place.photo.storage.delete(place.photo.path(width))
    assert enter(parcel.order.buyer).get(address).status_code == 404


# --- What the pages cost ---


@pytest.mark.parametrize("count", [1, 4])
def test_the_pages_cost_the_same_queries_however_much_waits(count, django_assert_num_queries):
    claims = [dispute(claim_on(make_received(), uploads=[picture()] * count)) for _ in range(count)]
    parcel, moderator = claims[0].parcel, enter(make_moderator())
    buyer = enter(parcel.order.buyer)

    with django_assert_num_queries(8):  # session, user, claim, lines, counts, photos, two counts
        buyer.get(url("claim_detail", parcel.number))
    with django_assert_num_queries(7):  # session, user, appeals, claims, lines, two counts
        moderator.get(url("claim_queue"))
    with django_assert_num_queries(12):  # session, user, claim, lines, counts, photos, four of records, two counts
        moderator.get(url("claim_decide", claims[0].pk))
