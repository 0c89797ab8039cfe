"""Photos that come up by themselves: once, for whoever sent them, named by the entry; what is missing is asked for again."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.urls import reverse
from django.utils import timezone

from field.held import forget_held
from field.models import Entry, EntryPhoto, HeldPhoto
from marketplace.models import Lot, Photo
from tests.field.scene import Phone
from tests.make import make_farmer, make_listing, make_user
from tests.marketplace.pictures import encoded, picture, upload
from tests.specialists.scene import enter, make_scene

pytestmark = pytest.mark.django_db
UP = reverse("field:photo_up")
FORM = {"packs": "8", "when": "today", "grade": "FIRST"}


@pytest.fixture
def listing():
    return make_listing(packs=None)


def jpeg(width=320) -> bytes:
    return encoded(picture(width, 240), "JPEG")


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def up(phone, data):
    return phone.client.post(UP, {"photo": upload(data)})


def test_what_came_up_by_itself_is_the_entrys_in_its_order_and_is_not_asked_for_again(listing):
    phone, one, two = Phone(listing.farmer), jpeg(), jpeg(300)
    sums = [sum_of(one), sum_of(two)]
    assert phone.client.get(UP, {"sum": sums}).json() == {"here": []}

    assert up(phone, two).json() == {"state": "held", "sum": sums[1]}
    assert phone.client.get(UP, {"sum": sums}).json() == {"here": sums[1:]}
    assert [up(phone, one).status_code for _again in range(2)] == [201, 201]
    done = phone.send("harvest", thing=phone.seen("harvest", listing), held=sums, **FORM)

    assert done.status_code == 201
    assert HeldPhoto.objects.count() == 2
    kept = [place.photo.original.read() for place in EntryPhoto.objects.order_by("pk")]
    assert kept == [one, two]


def test_a_photo_that_is_not_here_is_sent_first_and_nothing_is_done_before(listing):
    phone, key, data = Phone(listing.farmer), uuid4(), jpeg()
    form = {"key": key, "thing": phone.seen("harvest", listing), "held": [sum_of(data)], **FORM}

    early = phone.send("harvest", **form)
    assert (early.status_code, Lot.objects.count(), Entry.objects.count()) == (503, 0, 0)
    up(phone, data)

    assert phone.send("harvest", **form).status_code == 201
    assert Photo.objects.filter(is_confined=True).count() == 1


def test_sent_again_it_is_the_same_entry_though_its_photos_are_forgotten_or_come_along(listing):
    phone, key, data = Phone(listing.farmer), uuid4(), jpeg()
    form = {"key": key, "thing": phone.seen("harvest", listing), **FORM}
    up(phone, data)
    first = phone.send("harvest", held=[sum_of(data)], **form)
    HeldPhoto.objects.update(received_at=timezone.now() - timedelta(days=3))
    while forget_held(now=timezone.now()):
        pass

    again = phone.send("harvest", held=[sum_of(data)], **form)
    along = phone.send("harvest", photos=[upload(data)], **form)
    other = phone.send("harvest", photos=[upload(jpeg(280))], **form)

    assert [answer.status_code for answer in (first, again, along, other)] == [201, 201, 201, 422]
    assert first.json() == again.json() == along.json()
    assert Lot.objects.count() == 1


def test_anothers_photos_are_not_here_for_me(listing):
    mine, theirs, data = Phone(listing.farmer), Phone(make_farmer("Another")), jpeg()
    up(theirs, data)

    assert mine.client.get(UP, {"sum": [sum_of(data)]}).json() == {"here": []}
    answer = mine.send("harvest", thing=mine.seen("harvest", listing), held=[sum_of(data)], **FORM)
    assert answer.status_code == 503


def test_farmers_and_posted_specialists_send_photos_and_nobody_else(listing):
    scene, photo = make_scene(), {"photo": upload(jpeg())}

    assert enter(scene.helper).post(UP, photo).status_code == 201
    assert enter(make_user("Buyer")).post(UP, {"photo": upload(jpeg())}).status_code == 404
    assert HeldPhoto.objects.count() == 1


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"MZ" * 99])
def test_what_is_no_photo_is_refused_with_words(listing, data):
    answer = up(Phone(listing.farmer), data)

    assert answer.status_code == 422
    assert answer.json()["errors"]["photos"]
    assert HeldPhoto.objects.count() == 0


def test_nonsense_for_sums_finds_nothing(listing):
    phone = Phone(listing.farmer)

    assert phone.client.get(UP, {"sum": ["", "x" * 64, "../../etc/passwd", "\x00"]}).json() == {"here": []}
    answer = phone.send("harvest", thing=phone.seen("harvest", listing), held=["../../etc/passwd"], **FORM)
    assert answer.status_code == 503


@pytest.mark.django_db(transaction=True)
def test_after_two_days_file_and_row_are_gone(listing):
    phone = Phone(make_farmer("Another"))
    up(phone, jpeg())
    held, private = HeldPhoto.objects.get(), storages["private"]
    assert private.exists(held.path)

    assert forget_held(now=timezone.now()) == 0
    assert forget_held(now=held.received_at + timedelta(days=2, minutes=1)) == 1

    assert not HeldPhoto.objects.exists()
    assert not private.exists(held.path)


def test_without_scripts_photos_stay_chosen_when_something_else_is_wrong(listing):
    phone, one, two, html = Phone(listing.farmer), jpeg(), jpeg(300), {"Accept": "text/html"}
    address, thing = phone.address("harvest"), phone.seen("harvest", listing)
    wrong = {"key": uuid4(), "thing": thing, **FORM, "packs": "", "photos": [upload(one), upload(two)]}

    broken = phone.client.post(address, wrong, headers=html)
    page, sums = broken.content.decode(), [sum_of(one), sum_of(two)]
    assert broken.status_code == 422
    assert [f'name="held" value="{each}"' in page for each in sums] == [True, True]
    again = {"key": broken.context["key"], "thing": thing, **FORM, "held": sums, "drop": sums[0]}
    gone = phone.client.post(address, again | {"held": ["0" * 64]}, headers=html)
    done = phone.client.post(address, again, headers=html)

    assert (gone.status_code, done.status_code) == (422, 302)
    assert "Please choose the photos again." in gone.content.decode()
    assert [place.photo.original.read() for place in EntryPhoto.objects.all()] == [two]
