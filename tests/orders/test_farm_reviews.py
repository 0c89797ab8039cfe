"""What buyers said stands on the farm's own page, once a moderator has seen it."""

import pytest

from marketplace.models import Listing
from orders.models import Parcel, Review
from tests.make import NOON
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db


@pytest.fixture
def review(db) -> Review:
    parcel = make_parcel(Parcel.State.RECEIVED)
    listing = parcel.lines.get().listing
    storefront = listing.farmer.storefront
    storefront.rating_sum, storefront.rating_count = 5, 1
    storefront.save()
    return Review.objects.create(
        parcel=parcel,
        listing=listing,
        buyer=parcel.order.buyer,
        stars=5,
        words="又甜又新鲜",
        status="SHOWN",
        written_at=NOON,
    )


def farm(client, review: Review) -> str:
    return client.get(f"/farms/{review.listing.farmer.storefront.slug}/").content.decode()


def test_a_shown_review_is_on_the_farms_page_with_what_it_is_about(client, review):
    page = farm(client, review)

    assert "又甜又新鲜" in page
    assert f'<a href="/listings/{review.listing_id}/">' in page


@pytest.mark.parametrize("status", [Review.Status.WAITING, Review.Status.HIDDEN])
def test_one_that_no_moderator_showed_is_not(client, review, status):
    Review.objects.update(status=status)

    assert "又甜又新鲜" not in farm(client, review)


def test_nor_is_one_about_what_was_taken_down(client, review):
    Listing.objects.update(status=Listing.Status.TAKEN_DOWN)

    assert "又甜又新鲜" not in farm(client, review)


def test_reviews_take_two_queries_of_seven(client, review, django_assert_num_queries):
    with django_assert_num_queries(7):
        farm(client, review)
