"""Reviews: by who received it, once; stars at once, words and photos after a moderator's nod."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from common.errors import NotAllowed, WrongState
from marketplace.models import Photo
from marketplace.services.kept_photos import kept_photos
from notifications.models import Notification
from orders.models import Parcel, Review, ReviewDecision
from orders.services import reviews
from tests.make import make_listing, make_moderator, make_user
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db


def picture(name: str = "orange.jpg") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "orange").save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


@pytest.fixture
def received(client) -> Parcel:
    """A received parcel whose buyer is signed in."""
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    parcel = make_parcel(Parcel.State.RECEIVED)
    client.force_login(parcel.order.buyer)
    return parcel


def url_of(parcel: Parcel) -> str:
    return reverse("orders:review_create", args=[parcel.number, parcel.lines.get().listing_id])


def write(parcel: Parcel, **fields: Any) -> Review:
    wishes: dict[str, Any] = {
        "parcel_id": parcel.pk,
        "listing_id": parcel.lines.get().listing_id,
        "buyer": parcel.order.buyer,
        "stars": 4,
        "words": "很甜",
        "uploads": [],
        "now": timezone.now(),
    }
    return reviews.write_review(**wishes | fields)


def shown_on_page(parcel: Parcel) -> str:
    listing = parcel.lines.get().listing
    return Template("{% load reviews %}{% listing_reviews listing %}").render(Context({"listing": listing}))


def test_stars_count_at_once_and_words_wait(client, received):
    response = client.post(
        url_of(received), {"stars": "4", "words": " Sweet and juicy. ", "photos": [picture(), picture("b.jpg")]}
    )

    assert response.status_code == 302
    review = Review.objects.get()
    assert (review.stars, review.words, review.status) == (4, "Sweet and juicy.", Review.Status.WAITING)
    assert review.photo_places.count() == 2
    listing = review.listing
    assert (listing.rating_sum, listing.rating_count) == (4, 1)
    assert (listing.farmer.storefront.rating_sum, listing.farmer.storefront.rating_count) == (4, 1)
    assert "Sweet" not in shown_on_page(received)
    assert "1 buyer" in shown_on_page(received)
    assert Notification.objects.filter(kind="review_written", recipient=listing.farmer.user).exists()


def test_stars_alone_need_no_moderator(received):
    assert write(received, words="").status == Review.Status.SHOWN


def test_a_second_review_of_the_same_is_refused_and_not_counted(client, received):
    write(received)

    response = client.post(url_of(received), {"stars": "1", "words": "again"})

    assert response.status_code == 409
    assert Review.objects.count() == 1
    assert received.lines.get().listing.rating_count == 1


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"words": "no stars"}, "1 to 5 stars"),
        ({"stars": "6"}, "1 to 5 stars"),
        ({"stars": "0"}, "1 to 5 stars"),
        ({"stars": "5", "words": "x" * 1001}, "fewer words"),
        ({"stars": "5", "photos": [picture() for _ in range(5)]}, "at most 4 photos"),
    ],
)
def test_bad_input_is_said_beside_the_field_and_nothing_is_saved(client, received, sent, words):
    response = client.post(url_of(received), sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Review.objects.exists()
    assert Photo.objects.filter(uploaded_by=received.order.buyer).count() == min(4, len(sent.get("photos", [])))
    assert received.lines.get().listing.rating_count == 0


def test_what_is_not_a_photo_is_refused_and_the_words_are_kept(client, received):
    fake = SimpleUploadedFile("orange.jpg", b"<script>alert(1)</script>", "image/jpeg")

    response = client.post(url_of(received), {"stars": "5", "words": "kept words", "photos": [picture(), fake]})

    assert response.status_code == 422
    assert "kept words" in response.content.decode()
    assert not Review.objects.exists()
    assert Photo.objects.get(uploaded_by=received.order.buyer).approved_at is None


def test_photos_stay_chosen_when_something_else_is_wrong_and_go_along_with_the_next_try(client, received):
    first = client.post(url_of(received), {"words": "no stars", "photos": [picture(), picture("b.jpg")]})
    kept = Photo.objects.filter(uploaded_by=received.order.buyer).order_by("pk")
    page = first.content.decode()
    assert all(f'name="photo" value="{photo.key}"' in page for photo in kept)
    anothers = make_listing().cover
    assert anothers is not None

    keys = [str(photo.key) for photo in kept]
    wishes = {
        "stars": "5",
        "photo": [*keys, str(anothers.key), "nonsense"],
        "drop": keys[0],
        "photos": [picture("c.jpg")],
    }
    assert client.post(url_of(received), wishes).status_code == 302

    used = Review.objects.get().photo_places.values_list("photo_id", flat=True)
    assert kept[1].pk in used, "the one kept"
    assert kept[0].pk not in used, "taken out"
    assert anothers.pk not in used
    assert len(used) == 2
    assert kept_photos(received.order.buyer, [str(kept[1].key)]) == [], "it belongs to this review alone"


def test_only_what_was_received_can_be_reviewed():
    parcel = make_parcel(Parcel.State.ON_THE_WAY)

    with pytest.raises(WrongState):
        write(parcel)
    with pytest.raises(NotAllowed):
        write(make_parcel(Parcel.State.RECEIVED), listing_id=make_listing().pk)

    assert not Review.objects.exists()


def test_strangers_and_the_farmer_cannot_review(client, received):
    for who in (make_user("stranger"), received.farmer.user):
        client.force_login(who)
        assert client.get(url_of(received)).status_code == 404
        assert client.post(url_of(received), {"stars": "5"}).status_code == 404
        with pytest.raises(NotAllowed):
            write(received, buyer=who)

    assert not Review.objects.exists()
    assert received.lines.get().listing.rating_count == 0


@pytest.fixture
def moderator() -> User:
    return make_moderator()


def test_a_moderator_shows_it_and_everybody_reads_it(client, received, moderator):
    review = write(received, words="Sweet and juicy.")
    client.force_login(moderator)
    assert "Sweet and juicy." in client.get(reverse("orders:review_queue")).content.decode()

    client.post(reverse("orders:review_decide", args=[review.pk]), {"shown": "1"})

    review.refresh_from_db()
    assert review.status == Review.Status.SHOWN
    assert "Sweet and juicy." in shown_on_page(received)
    decision = ReviewDecision.objects.get()
    assert (decision.shown, decision.decided_by) == (True, moderator)
    assert "Sweet" not in client.get(reverse("orders:review_queue")).content.decode()


def test_hiding_needs_a_reason_that_the_buyer_reads(client, received, moderator):
    review = write(received, words="Call me on 13800000000")
    client.force_login(moderator)
    url = reverse("orders:review_decide", args=[review.pk])

    refused = client.post(url, {"shown": "0", "reason": "  "})
    assert refused.status_code == 422
    assert "Please say why" in refused.content.decode()
    assert not ReviewDecision.objects.exists()

    client.post(url, {"shown": "0", "reason": "No phone numbers, please."})

    review.refresh_from_db()
    assert review.status == Review.Status.HIDDEN
    assert "13800000000" not in shown_on_page(received)
    told = Notification.objects.get(kind="review_hidden")
    assert (told.recipient, told.context["reason"]) == (received.order.buyer, "No phone numbers, please.")
    assert received.lines.get().listing.rating_count == 1  # the stars stay


def test_the_first_decision_stands(client, received, moderator):
    review = write(received)
    reviews.decide_review(review_id=review.pk, moderator=moderator, shown=True, reason="", now=timezone.now())
    client.force_login(make_moderator())

    response = client.post(reverse("orders:review_decide", args=[review.pk]), {"shown": "0", "reason": "late"})

    assert response.status_code == 409
    review.refresh_from_db()
    assert review.status == Review.Status.SHOWN
    assert ReviewDecision.objects.count() == 1


def test_nobody_decides_about_their_own(received):
    review = write(received)
    for person in (received.order.buyer, received.farmer.user):
        person.is_moderator = True
        person.save()
        with pytest.raises(NotAllowed):
            reviews.decide_review(review_id=review.pk, moderator=person, shown=True, reason="", now=timezone.now())

    review.refresh_from_db()
    assert review.status == Review.Status.WAITING


def test_the_queue_is_for_moderators_only(client, received):
    review = write(received)

    for who in (received.order.buyer, received.farmer.user):
        client.force_login(who)
        assert client.get(reverse("orders:review_queue")).status_code == 404
        assert client.post(reverse("orders:review_decide", args=[review.pk]), {"shown": "1"}).status_code == 404

    review.refresh_from_db()
    assert review.status == Review.Status.WAITING


@pytest.mark.parametrize("count", [1, 6])
def test_the_queue_and_the_listings_reviews_cost_the_same_queries(client, moderator, count, django_assert_num_queries):
    parcels = [make_parcel(Parcel.State.RECEIVED) for _ in range(count)]
    for parcel in parcels:
        write(parcel, uploads=[picture()])
    client.force_login(moderator)

    with django_assert_num_queries(6):  # session, user, reviews, photos, two counts
        client.get(reverse("orders:review_queue"))

    Review.objects.update(status=Review.Status.SHOWN, listing=parcels[0].lines.get().listing_id)
    listing = parcels[0].lines.get().listing
    with django_assert_num_queries(2):  # reviews, photos
        Template("{% load reviews %}{% listing_reviews listing %}").render(Context({"listing": listing}))
