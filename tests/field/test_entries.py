"""Entries from phones: once, by the ways that the pages take, and never over what has changed meanwhile."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import DelegatedAct
from accounts.services import consents
from field.models import Entry, EntryPhoto
from marketplace.models import Lot
from notifications.models import Notification
from orders.models import Parcel, ParcelEvent
from tests.field.scene import Phone
from tests.make import make_farmer, make_listing, make_lot
from tests.marketplace.pictures import encoded, picture, upload
from tests.orders.making import cancel_parcel, make_parcel, post
from tests.specialists.scene import make_scene
from tests.specialists.test_consents import agree

pytestmark = pytest.mark.django_db
SLIP = {"courier": "SF", "tracking_number": "SF1234567890123"}


def photo(name="slip.webp"):
    return upload(encoded(picture(320, 240), "JPEG"), name)


def test_a_parcel_posted_without_signal_is_posted_once_however_often_it_is_sent():
    parcel = make_parcel(now=timezone.now())
    phone, key = Phone(parcel.farmer), uuid4()
    seen = phone.seen("posting", parcel)

    first = phone.send("posting", key=key, thing=seen, photos=[photo()], **SLIP)
    again = phone.send("posting", key=key, thing=seen, photos=[photo()], **SLIP)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() == {
        "state": "done", "about": f"parcel:{parcel.pk}", "url": reverse("orders:parcel_detail", args=[parcel.number]),
    }  # fmt: skip
    parcel.refresh_from_db()
    assert (parcel.state, parcel.tracking_number) == ("ON_THE_WAY", "SF1234567890123")
    assert ParcelEvent.objects.filter(parcel=parcel, event="POST").count() == 1
    assert Notification.objects.filter(kind="parcel_posted").count() == 1
    assert EntryPhoto.objects.get().photo.is_confined
    assert Entry.objects.get().state == "DONE"


def test_the_same_key_with_another_body_is_refused_and_changes_nothing():
    listing = make_listing()
    phone, key = Phone(listing.farmer), uuid4()
    seen = phone.seen("harvest", listing)
    phone.send("harvest", key=key, thing=seen, packs="8", when="today", grade="FIRST")

    other = phone.send("harvest", key=key, thing=seen, packs="80", when="today", grade="FIRST")

    assert other.status_code == 422
    assert list(other.json()["errors"]) == [""]
    assert list(Lot.objects.filter(listing=listing).order_by("pk").values_list("harvested", flat=True)) == [20, 8]


def test_today_is_the_day_on_which_it_was_written():
    listing = make_listing()
    phone, written = Phone(listing.farmer), timezone.now() - timedelta(days=3)
    seen = phone.seen("harvest", listing)

    phone.send("harvest", thing=seen, packs="8", when="today", grade="FIRST", made_at=written.isoformat())
    phone.send("harvest", thing=seen, packs="9", when="today", grade="FIRST", made_at="2001-01-01T00:00:00Z")

    days = dict(Lot.objects.filter(listing=listing).values_list("harvested", "picked_on"))
    assert (days[8], days[9]) == (timezone.localdate(written), timezone.localdate())


def test_what_changed_meanwhile_is_shown_beside_it_and_nothing_is_overwritten():
    listing = make_listing(packs=None)
    lot, phone = make_lot(listing, 20), Phone(listing.farmer)
    old = phone.seen("weighing", lot)
    Lot.objects.filter(pk=lot.pk).update(harvested=15)  # on another phone

    answer = phone.send("weighing", thing=old, weight="120", unit="jin")

    said = answer.json()
    assert (answer.status_code, said["state"], said["can_insist"]) == (409, "conflict", True)
    assert ["Boxes in all", "15"] in said["now"]
    lot.refresh_from_db()
    assert lot.harvested == 15
    insisting = phone.send("weighing", thing=f"{lot.pk}@{said['version']}", weight="120", unit="jin")
    assert insisting.status_code == 201
    lot.refresh_from_db()
    assert lot.harvested == 12
    assert sorted(Entry.objects.values_list("state", flat=True)) == ["CONFLICT", "DONE"]


def test_a_parcel_cancelled_meanwhile_stays_so_and_the_same_number_is_no_conflict():
    cancelled, posted = make_parcel(now=timezone.now()), make_parcel(now=timezone.now())
    first, second = Phone(cancelled.farmer), Phone(posted.farmer)
    old = first.seen("posting", cancelled), second.seen("posting", posted)
    cancel_parcel(parcel_id=cancelled.pk, actor=cancelled.order.buyer, reason="", now=timezone.now())
    post(posted, now=timezone.now())

    refused = first.send("posting", thing=old[0], **SLIP)
    same = second.send("posting", thing=old[1], **SLIP)

    assert (refused.status_code, refused.json()["can_insist"]) == (409, False)
    assert same.status_code == 201
    assert Parcel.objects.get(pk=cancelled.pk).state == "CANCELLED"
    assert ParcelEvent.objects.filter(parcel=posted, event__in=["POST", "CORRECT"]).count() == 1


def test_weighing_sells_no_box_that_is_not_there():
    listing = make_listing(packs=None)
    lot, phone = make_lot(listing, 20, sold=9, held=2), Phone(listing.farmer)

    few = phone.send("weighing", thing=phone.seen("weighing", lot), weight="50", unit="kg")
    enough = phone.send("weighing", thing=phone.seen("weighing", lot), weight="110", unit="jin")

    assert few.status_code == 422
    assert list(few.json()["errors"]) == ["weight"]
    assert enough.status_code == 201
    lot.refresh_from_db()
    assert (lot.harvested, lot.left) == (11, 0)


def test_a_correction_takes_the_first_ones_place_even_if_that_comes_later():
    listing = make_listing(packs=None)
    phone, first, second = Phone(listing.farmer), uuid4(), uuid4()
    form = {"thing": phone.seen("harvest", listing), "when": "today", "grade": "FIRST"}

    phone.send("harvest", key=second, replaces=first, packs="8", **form)
    late = phone.send("harvest", key=first, packs="80", **form)
    too_late = phone.send("harvest", replaces=second, packs="88", **form)

    assert (late.status_code, too_late.status_code) == (422, 422)
    assert "had reached us already" in too_late.json()["errors"][""][0]
    assert [lot.harvested for lot in Lot.objects.filter(listing=listing)] == [8]
    assert dict(Entry.objects.values_list("key", "state"))[first] == "REPLACED"


def test_what_the_phone_threw_away_is_never_done():
    listing = make_listing(packs=None)
    phone, key = Phone(listing.farmer), uuid4()
    form = {"thing": phone.seen("harvest", listing), "packs": "8", "when": "today", "grade": "FIRST"}

    thrown = phone.client.post(f"{phone.address('harvest')}withdraw/", {"key": key})
    late = phone.send("harvest", key=key, **form)
    done = uuid4()
    phone.send("harvest", key=done, **form)
    arrived = phone.client.post(f"{phone.address('harvest')}withdraw/", {"key": done})

    assert (thrown.status_code, late.status_code, arrived.status_code) == (200, 422, 409)
    assert Lot.objects.filter(listing=listing).count() == 1


def test_somebody_elses_things_and_entries_are_out_of_reach():
    mine, theirs = make_listing(), make_listing(make_farmer("Another household"))
    phone, key = Phone(mine.farmer), uuid4()
    form = {"packs": "8", "when": "today", "grade": "FIRST"}

    answer = phone.send("harvest", thing=phone.seen("harvest", theirs), **form)
    Phone(theirs.farmer).send("harvest", key=key, thing=phone.seen("harvest", theirs), **form)
    own_key = phone.send("harvest", key=key, thing=phone.seen("harvest", mine), **form)

    assert answer.status_code == 404
    assert own_key.status_code == 201  # a key belongs to a farmer: another's is none of theirs
    assert Lot.objects.filter(listing=theirs, harvested=8).count() == 1


def test_a_specialist_writes_for_who_consented_and_a_consent_that_ended_is_said():
    scene = make_scene()
    parcel = make_parcel(wanted={make_listing(scene.farmer): 1}, now=timezone.now())
    consent = agree(scene)
    phone, key = Phone(scene.farmer, scene.helper), uuid4()
    assert phone.client.get(phone.address("posting")).status_code == 200
    consents.end_consent(consent_id=consent.pk, actor=scene.farmer.user, now=timezone.now())

    ended = phone.send("posting", key=key, thing=phone.seen("posting", parcel), **SLIP)
    stranger = Phone(scene.farmer, scene.elsewhere).send("posting", thing=phone.seen("posting", parcel), **SLIP)
    agree(scene)
    now_done = phone.send("posting", key=key, thing=phone.seen("posting", parcel), **SLIP)

    assert (ended.status_code, ended.json()["state"], stranger.status_code) == (404, "refused", 404)
    assert "has not said" in ended.json()["errors"][""][0]
    assert now_done.status_code == 201
    act = DelegatedAct.objects.get()
    assert (act.specialist, act.farmer, act.kind) == (scene.helper, scene.farmer, "PARCEL")
    assert Entry.objects.get().by == scene.helper


def test_without_scripts_the_form_is_sent_as_it_is_and_a_conflict_is_shown_on_the_page():
    listing = make_listing(packs=None)
    lot, phone = make_lot(listing, 20), Phone(listing.farmer)
    browser, key = phone.client, uuid4()
    old = phone.seen("weighing", lot)
    Lot.objects.filter(pk=lot.pk).update(harvested=15)

    page = browser.post(
        phone.address("weighing"),
        {"key": key, "thing": old, "weight": "120", "unit": "jin"},
        headers={"Accept": "text/html"},
    )
    wrong = browser.post(phone.address("weighing"), {"key": uuid4(), "weight": "x"}, headers={"Accept": "text/html"})

    assert (page.status_code, wrong.status_code) == (409, 422)
    assert f"{lot.pk}@{page.context['conflict'].version}" in page.content.decode()
    assert "Mine holds" in page.content.decode()


def test_an_end_is_the_end_and_no_entry_goes_away():
    listing = make_listing()
    phone = Phone(listing.farmer)
    phone.send("harvest", thing=phone.seen("harvest", listing), packs="8", when="today", grade="FIRST")
    for change in (
        lambda: Entry.objects.update(state="REFUSED", about="", problem="x"),
        lambda: Entry.objects.update(digest="0"),
        lambda: Entry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
