"""A photo is its farmer's and the moderators' until what it belongs to is approved; then everybody can fetch it."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.test import Client

from marketplace import tasks
from marketplace.models import Photo
from marketplace.services import photos
from tests.make import NOON, make_farmer, make_moderator, make_photo, make_user
from tests.marketplace.pictures import encoded, picture, upload
from tests.marketplace.selling import Verdict, decide, edit, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer():
    return make_farmer()


@pytest.fixture
def photo(farmer) -> Photo:
    photo = photos.upload_photo(user=farmer.user, upload=upload(encoded(picture())), now=NOON)
    photos.process_photo(photo_id=photo.pk, now=NOON)
    photo.refresh_from_db()
    return photo


def as_(user) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def test_before_approval_its_address_is_for_its_farmer_and_moderators(photo, farmer):
    submit(farmer, photos=[photo])
    others = [None, make_user("Stranger"), make_farmer("Neighbour").user, make_user(is_staff=True)]

    assert photo.url(320).startswith("/photos/")
    assert [as_(who).get(photo.url(320)).status_code for who in (farmer.user, make_moderator())] == [200, 200]
    assert [as_(who).get(photo.url(320)).status_code for who in others] == [404] * 4
    assert as_(farmer.user).get(photo.url(320))["Cache-Control"] == "private, max-age=3600"


def test_its_copies_are_not_where_everybody_may_fetch_files(photo, farmer):
    assert not storages["default"].exists(photo.path(320))
    assert as_(farmer.user).get(f"/media/{photo.path(320)}").status_code == 404


def test_approval_shows_it_at_once_and_moves_it_soon(photo, farmer, client):
    revision = submit(farmer, photos=[photo])
    decide(revision, make_moderator())
    photo.refresh_from_db()

    assert client.get(photo.url(320)).status_code == 200, "before the worker came by"
    tasks.publish_photos()
    before, photo = photo, Photo.objects.get(pk=photo.pk)

    assert photo.url(320) == f"/media/{photo.path(320)}"
    assert client.get(photo.url(320)).status_code == 200
    assert client.get(before.url(320)).url == photo.url(320), "a page that was cached leads there"
    assert not storages["private"].exists(photo.path(320))


@pytest.mark.parametrize("verdict", [Verdict.ASK_CHANGE, Verdict.REJECT])
def test_a_no_shows_nothing(photo, farmer, client, verdict):
    decide(submit(farmer, photos=[photo]), make_moderator(), verdict)
    tasks.publish_photos()
    photo.refresh_from_db()

    assert photo.approved_at is None
    assert client.get(photo.url(320)).status_code == 404


def test_a_photo_put_into_an_approved_listing_waits_like_any_other(photo, farmer, client):
    first = submit(farmer)
    decide(first, make_moderator())
    revision = edit(first.listing, farmer)
    revision.photo_places.create(photo=photo, position=5)
    assert client.get(photo.url(320)).status_code == 404

    decide(revision, make_moderator())
    photo.refresh_from_db()
    assert client.get(photo.url(320)).status_code == 200


def test_a_worker_that_dies_half_way_is_made_up_for(photo, monkeypatch):
    photos.Photo.objects.filter(pk=photo.pk).update(approved_at=NOON)
    storages["default"].save(photo.path(320), ContentFile(b"half"))

    tasks.publish_photos()
    tasks.publish_photos()

    photo.refresh_from_db()
    with photo.storage.open(photo.path(320)) as copy:
        assert copy.read(4) == b"RIFF"


def test_the_database_lets_no_photo_be_public_without_approval(farmer):
    with pytest.raises(IntegrityError, match="photo_public_only_approved"), transaction.atomic():
        make_photo(farmer.user, approved_at=None)


@pytest.mark.parametrize("address", ["/photos/{key}/321.webp", "/photos/00000000-0000-4000-8000-000000000000/320.webp"])
def test_a_size_or_a_photo_that_is_not_there_is_not_found(photo, farmer, address):
    assert as_(farmer.user).get(address.format(key=photo.key)).status_code == 404
