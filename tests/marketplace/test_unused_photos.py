"""Photos that nobody used are forgotten; each photo that stands somewhere stays."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from field.models import EntryPhoto
from fund.models import Evidence
from marketplace import tasks
from marketplace.models import Listing, Photo, RevisionPhoto
from marketplace.services.unused import UNUSED_AFTER, forget_unused, unused_photos
from orders.models import ReviewPhoto
from payments.models import ClaimPhoto, ReceivingCode
from specialists.models import VisitPhoto
from tests.config.village import make_village
from tests.make import NOON, make_farmer, make_listing, make_photo

pytestmark = pytest.mark.django_db
LATER = NOON + UNUSED_AFTER + timedelta(seconds=1)


def test_a_photo_that_was_never_used_goes_with_its_files():
    photo = make_photo(make_farmer().user)
    for width in photo.sizes:
        storages["default"].save(photo.path(width), ContentFile(b"a picture"))

    assert forget_unused(now=LATER) == 1
    assert not Photo.objects.exists()
    assert not any(storages["default"].exists(photo.path(width)) for width in photo.sizes)
    assert forget_unused(now=LATER) == 0


@pytest.mark.parametrize(
    "fields", [{"uploaded_at": LATER - timedelta(days=6)}, {"status": "WAITING", "public_at": None}]
)
def test_one_of_this_week_or_with_the_worker_stays(fields):
    make_photo(make_farmer().user)
    Photo.objects.update(**fields)

    assert forget_unused(now=LATER) == 0
    assert Photo.objects.count() == 1


def test_a_photo_of_a_listing_a_shop_a_review_a_claim_a_code_a_visit_or_an_entry_stays():
    village = make_village()
    farmer = village.people["grower"].farmer
    shop, proposed, cover = (make_photo(farmer.user) for _ in range(3))
    farmer.storefront.photo, farmer.storefront.proposed_photo = shop, proposed
    farmer.storefront.save()
    Listing.objects.filter(pk=village.live.pk).update(cover=cover)
    ReviewPhoto.objects.create(review=village.review, photo=make_photo(village.people["buyer"]))
    kept = {shop.pk, proposed.pk, cover.pk} | set(RevisionPhoto.objects.values_list("photo_id", flat=True))
    kept |= set(ReviewPhoto.objects.values_list("photo_id", flat=True))
    kept |= set(ClaimPhoto.objects.values_list("photo_id", flat=True))
    kept |= set(VisitPhoto.objects.values_list("photo_id", flat=True))
    kept |= set(EntryPhoto.objects.values_list("photo_id", flat=True))
    kept |= set(Evidence.objects.exclude(photo=None).values_list("photo_id", flat=True))
    kept |= set(ReceivingCode.objects.values_list("photo_id", flat=True))
    spare = make_photo(farmer.user)

    assert {photo.pk for photo in unused_photos(LATER)} & kept == set()
    assert spare in unused_photos(LATER)
    while forget_unused(now=LATER):
        pass
    assert set(Photo.objects.values_list("pk", flat=True)) == kept


def test_a_photo_used_between_the_look_and_the_deletion_stays(monkeypatch):
    photo = make_photo(make_farmer().user)
    listing = make_listing()
    really, looks = unused_photos, []

    def look(now):
        looks.append(now)
        if len(looks) == 2:  # a form was saved just before the row was locked
            Listing.objects.filter(pk=listing.pk).update(cover=photo)
        return really(now)

    monkeypatch.setattr("marketplace.services.unused.unused_photos", look)

    assert forget_unused(now=LATER) == 0
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_the_task_goes_on_until_nothing_is_left(monkeypatch):
    monkeypatch.setattr("marketplace.services.unused.AT_ONCE", 1)
    user = make_farmer().user
    Photo.objects.filter(pk__in=[make_photo(user).pk for _ in range(3)]).update(uploaded_at=NOON - UNUSED_AFTER)

    tasks.forget_unused_photos()

    assert not Photo.objects.exists()
