"""The county's home: who needs a person is asked from what is so; a specialist sees their counties, on their days."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Posting
from common.errors import NotAllowed, WrongState
from marketplace.models import Photo
from orders.models import Parcel, PickList
from orders.services.picking import make_pick_list, see_pick_list
from payments.models import Claim
from specialists import calls, households
from specialists.models import CallNote, Visit
from specialists.services.visits import finish_visit, note_call, plan_visit
from tests.make import NOON, make_county, make_farmer, make_listing, make_lot, make_photo, make_user
from tests.marketplace.pictures import encoded, picture, upload
from tests.orders.making import make_paid_order, make_parcel, post
from tests.specialists.scene import enter, make_scene, post_to

pytestmark = pytest.mark.django_db
HOME = reverse("specialists:home")
MORNING = datetime(2026, 11, 25, 7, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def scene():
    return make_scene()


def mine(*farmers):
    return type(farmers[0]).objects.filter(pk__in=[farmer.pk for farmer in farmers])


def late(farmer):
    parcel = make_parcel(wanted={make_listing(farmer): 1})
    Parcel.objects.filter(pk=parcel.pk).update(is_late=True, post_by=timezone.now() - timedelta(days=1))
    return parcel


# --- Postings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "is_refused"),
    [(-30, None, True), (-60, -30, True), (-60, -31, False), (10, None, True), (-10, -5, True)],
)
def test_one_specialists_postings_to_a_county_never_overlap(scene, starts, ends, is_refused):
    today = timezone.localdate()
    again = Posting(
        specialist=scene.helper,
        county=scene.farmer.county,
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )

    if not is_refused:
        again.save()
        return
    with pytest.raises(ValidationError):  # what the administration's form says
        again.full_clean()
    with pytest.raises(IntegrityError, match=r"posting_does_not_overlap|posting_once"), transaction.atomic():
        again.save()


def test_two_may_work_in_one_county_and_one_in_two(scene):
    post_to(scene.elsewhere, scene.farmer.county)
    post_to(scene.helper, scene.foreign.county)

    assert enter(scene.helper).get(reverse("specialists:household_detail", args=[scene.foreign.pk])).status_code == 200


def test_access_begins_and_ends_with_the_posting(scene):
    client, today = enter(scene.helper), timezone.localdate()
    page = reverse("specialists:household_detail", args=[scene.farmer.pk])

    seen = {}
    for name, start, end in [("last day", -9, 0), ("over", -9, -1), ("tomorrow", 1, None), ("first day", 0, None)]:
        ends_on = None if end is None else today + timedelta(days=end)
        Posting.objects.filter(pk=scene.posting.pk).update(starts_on=today + timedelta(days=start), ends_on=ends_on)
        seen[name] = [client.get(path).status_code for path in (HOME, page)]

    assert seen == {"last day": [200, 200], "over": [404, 404], "tomorrow": [404, 404], "first day": [200, 200]}


def test_what_was_open_passes_to_the_next(scene):
    visit = plan_visit(
        farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="看果园", now=NOON
    )
    late(scene.farmer)
    Posting.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    following = make_user("Next")
    post_to(following, scene.farmer.county)

    page = enter(following).get(HOME).content.decode()

    assert "看果园" in page
    assert "planned by Zhou Zhiyuan" in page
    assert "A parcel is late" in page
    finish_visit(visit_id=visit.pk, by=following, note="去过了。", photos=[], now=timezone.now())
    with pytest.raises(NotAllowed):
        plan_visit(
            farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="x", now=timezone.now()
        )


# --- What needs a person --------------------------------------------------------------------------------------------------


def test_what_needs_a_person_is_what_is_so_and_nothing_else(scene):
    now, today = timezone.now(), timezone.localdate()
    parcel, quiet = late(scene.farmer), make_parcel(wanted={make_listing(scene.farmer, packs=3): 3})
    late(scene.foreign)
    listing = make_listing(scene.farmer, packs=None)  # keeps 45 days
    ages = {"soon": 41, "last day": 45, "over": 46, "fresh": 20}
    lots = {name: make_lot(listing, picked_on=today - timedelta(days=age)) for name, age in ages.items()}
    make_lot(listing, 5, sold=5, picked_on=today - timedelta(days=44))
    make_lot(listing, picked_on=today - timedelta(days=44), closed_at=NOON)
    claims = [open_claim(scene.farmer, now + timedelta(hours=hours)) for hours in (3, 30, -1)]

    found = [call.task for call in calls.calls_for(mine(scene.farmer), now)]

    assert found == [
        f"late:{parcel.pk}",
        f"claim:{claims[0].pk}",
        *(f"unsold:{lots[x].pk}" for x in ("last day", "soon")),
    ]
    assert f"late:{quiet.pk}" not in found
    assert [call.kind for call in calls.calls_for(mine(scene.foreign), now)] == ["late"]


def open_claim(farmer, answer_due):
    parcel = make_parcel("RECEIVED", wanted={make_listing(farmer, packs=1): 1})
    return Claim.objects.create(
        parcel=parcel, kind="SPOILED", words="烂了", asked_fen=100, opened_at=NOON, answer_due=answer_due
    )


def test_an_unanswered_pick_list_is_on_the_list_as_soon_as_its_hour_is_over_and_only_then(scene):
    farmer = scene.farmer
    parcels = [make_parcel(wanted={make_listing(farmer): 1}) for _parcel in range(2)]
    make_pick_list(farmer_id=farmer.pk, now=MORNING)
    made = PickList.objects.get()

    def found(now):
        return [call.task for call in calls.calls_for(mine(farmer), now) if call.kind == "pick"]

    assert found(made.answer_by - timedelta(minutes=1)) == []
    assert found(made.answer_by) == [f"pick:{made.pk}"]
    post(parcels[0], now=made.answer_by)
    assert found(made.answer_by) == [f"pick:{made.pk}"], "one is still to be posted"
    make_pick_list(farmer_id=farmer.pk, now=MORNING + timedelta(hours=11))
    newer = PickList.objects.first()
    assert found(newer.answer_by) == [f"pick:{newer.pk}"], "the newest stands for all"
    see_pick_list(pick_list_id=newer.pk, farmer=farmer, now=newer.answer_by)
    assert found(newer.answer_by) == []
    make_pick_list(farmer_id=farmer.pk, now=MORNING + timedelta(days=1))
    post(parcels[1], now=MORNING + timedelta(days=1))
    assert found(MORNING + timedelta(days=2)) == [], "all is posted: nobody needs to call"


def test_done_is_out_of_sight_until_the_next_morning_and_called_stays(scene):
    parcel, client = late(scene.farmer), enter(scene.helper)
    sent = {"task": f"late:{parcel.pk}", "words": "明天去寄"}

    client.post(reverse("specialists:call_note"), sent | {"outcome": "CALLED"})
    called = client.get(HOME).content.decode()
    client.post(reverse("specialists:call_note"), sent | {"outcome": "DONE"})

    assert "明天去寄" in called
    assert calls.calls_for(mine(scene.farmer), timezone.now()) == []
    tomorrow = timezone.now() + timedelta(days=1)
    assert [len(call.notes) for call in calls.calls_for(mine(scene.farmer), tomorrow)] == [2]


def test_nobody_notes_anything_about_another_county(scene):
    parcel = late(scene.foreign)

    with pytest.raises(WrongState):
        note_call(task=f"late:{parcel.pk}", by=scene.helper, outcome="DONE", words="", now=timezone.now())
    with pytest.raises(IntegrityError, match="not posted"), transaction.atomic():
        CallNote.objects.create(farmer=scene.foreign, task="late:1", outcome="DONE", by=scene.helper, at=timezone.now())
    CallNote.objects.create(farmer=scene.farmer, task="late:1", outcome="DONE", by=scene.helper, at=timezone.now())


def test_how_households_stand(scene):
    now = timezone.now()
    farmer = scene.farmer
    stages = {}
    for name, changes in {
        "ASKED": {"status": "REFUSED"},
        "CLOSED": {"status": "SUSPENDED"},
        "NEW": {"status": "VERIFIED", "verified_at": now - timedelta(days=5)},
        "QUIET": {"status": "VERIFIED", "verified_at": now - timedelta(days=31)},
    }.items():
        type(farmer).objects.filter(pk=farmer.pk).update(**changes)
        stages[name] = households.with_stage(mine(farmer), now).get().stage
    make_lot(make_listing(farmer, packs=None))
    opened = households.with_stage(mine(farmer), now).get().stage
    later = households.with_stage(mine(farmer), now + timedelta(days=31)).get().stage

    assert stages == {name: name for name in stages}
    assert (opened, later) == ("ACTIVE", "QUIET")
    assert households.count_by_stage(mine(farmer, scene.foreign), now)["ACTIVE"] == 1


def test_the_countys_figures_are_of_paid_parcels_of_its_households(scene):
    make_paid_order(wanted={make_listing(scene.farmer): 2})
    make_paid_order(wanted={make_listing(scene.foreign): 1})
    gone = make_parcel(wanted={make_listing(scene.farmer): 1})
    Parcel.objects.filter(pk=gone.pk).update(state="CANCELLED", timer="", timer_at=None)

    this, last = households.sold_in_two_months(mine(scene.farmer), timezone.now())

    assert (this.fen, this.parcels, this.households) == (2 * 4980, 1, 1)
    assert (last.fen, last.parcels, last.households) == (0, 0, 0)


def test_the_pages_cost_the_same_however_much_there_is(scene):
    client = enter(scene.helper)

    def cost(path):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = [
        HOME,
        reverse("specialists:household_list"),
        reverse("specialists:household_detail", args=[scene.farmer.pk]),
    ]
    late(scene.farmer)
    plan_visit(farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="x", now=timezone.now())
    client.get(HOME)
    before = [cost(path) for path in paths]
    for number in range(3):
        late(scene.farmer)
        late(make_farmer(f"Another {number}", county=scene.farmer.county))
        plan_visit(
            farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="x", now=timezone.now()
        )

    assert [cost(path) for path in paths] == before


def test_a_county_that_is_not_ones_own_is_not_found(scene):
    client = enter(scene.helper)

    assert client.get(HOME, {"county": scene.farmer.county.slug}).status_code == 200
    assert client.get(HOME, {"county": scene.foreign.county.slug}).status_code == 404
    assert client.get(HOME, {"county": make_county("guizhou-x").slug}).status_code == 404


# --- Visits -----------------------------------------------------------------------------------------------------------------


def test_a_visit_is_planned_and_made_once_with_photos_of_it(scene):
    client = enter(scene.helper)
    client.post(
        reverse("specialists:visit_plan", args=[scene.farmer.pk]), {"planned_on": timezone.localdate(), "aim": "教打包"}
    )
    visit = Visit.objects.get()
    page = reverse("specialists:visit_detail", args=[visit.pk])

    empty = client.post(page, {"note": ""})
    broken = client.post(page, {"note": "学得快", "photos": [upload(b"no picture")]})
    saved = client.post(page, {"note": "学得快", "photos": [upload(encoded(picture(), "JPEG"))]})
    twice = client.post(page, {"note": "改了"})

    assert [empty.status_code, broken.status_code, saved.status_code, twice.status_code] == [422, 422, 302, 422]
    assert "学得快" in broken.content.decode(), "what was typed is kept"
    visit.refresh_from_db()
    assert (visit.note, visit.done_by) == ("学得快", scene.helper)
    assert Photo.objects.get(uploaded_by=scene.helper).is_confined


def test_photos_of_a_visit_stay_chosen_until_the_note_is_there_and_are_confined_from_then_on(scene):
    now = timezone.now()
    visit = plan_visit(farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="x", now=now)
    client, page = enter(scene.helper), reverse("specialists:visit_detail", args=[visit.pk])
    anothers = make_photo(scene.farmer.user)

    broken = client.post(page, {"note": "", "photos": [upload(encoded(picture(), "JPEG")) for _ in range(2)]})
    first, second = Photo.objects.filter(uploaded_by=scene.helper).order_by("pk")
    assert broken.status_code == 422
    assert broken.content.decode().count('name="photo"') == 2
    saved = client.post(
        page, {"note": "好", "photo": [first.key, second.key, anothers.key], "drop": first.key, "photos": []}
    )

    assert saved.status_code == 302
    assert [place.photo for place in visit.photo_places.all()] == [second]
    assert dict(Photo.objects.values_list("pk", "is_confined")) == {
        first.pk: False, second.pk: True, anothers.pk: False,
    }  # fmt: skip


def test_what_was_noted_stays_and_a_confined_photo_is_never_shown(scene):
    now = timezone.now()
    visit = plan_visit(farmer_id=scene.farmer.pk, by=scene.helper, planned_on=timezone.localdate(), aim="x", now=now)
    finish_visit(visit_id=visit.pk, by=scene.helper, note="好", photos=[upload(encoded(picture(), "JPEG"))], now=now)
    photo = visit.photo_places.get().photo
    client = enter(scene.helper)

    for change in (
        lambda: Visit.objects.filter(pk=visit.pk).update(note="改了"),
        lambda: Photo.objects.filter(pk=photo.pk).update(approved_at=now),
    ):
        with pytest.raises(Exception, match=r"visit_note_fixed|photo_confined|Cannot update"), transaction.atomic():
            change()
    Photo.objects.filter(pk=photo.pk).update(status="READY", width=1, height=1, sizes=[320])
    assert client.get(reverse("marketplace:photo_copy", args=[photo.key, 320])).status_code == 404
    assert client.get(reverse("marketplace:photo_status", args=[photo.key])).status_code == 404
