"""Weighing and packing for a household: by consent, told, shown to both, taken back within a day; posted for, both named."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import DelegatedAct
from common.errors import InvalidInput, NotAllowed, WrongState
from marketplace.models import Lot
from orders import queries, timeline
from orders.models import Packing
from orders.services.packing import pack_parcel
from specialists.models import WeighingChange
from specialists.services import acting, boxes
from tests.field.scene import Phone
from tests.make import make_listing, make_lot
from tests.orders.making import make_parcel
from tests.specialists.scene import enter, make_scene
from tests.specialists.test_consents import agree, told

pytestmark = pytest.mark.django_db
SLIP = {"courier": "SF", "tracking_number": "SF1234567890123"}


@pytest.fixture
def scene():
    return make_scene()


@pytest.fixture
def lot(scene):
    return make_lot(make_listing(scene.farmer, packs=None), 20, sold=4, held=2)


@pytest.fixture
def parcel(scene):
    return make_parcel(wanted={make_listing(scene.farmer): 1}, now=timezone.now())


def weigh(scene, lot, grams=60_000, **changes):
    values = {"farmer_id": scene.farmer.pk, "by": scene.helper, "lot_id": lot.pk, "picked_on": None} | changes
    return boxes.weigh_lot_for(grams=grams, now=timezone.now(), **values)


def pack(scene, parcel, grams=5200):
    return boxes.pack_parcel_for(
        farmer_id=scene.farmer.pk, by=scene.helper, parcel_id=parcel.pk, grams=grams, now=timezone.now()
    )


def undo(scene, act):
    return acting.undo_act(act_id=act.pk, farmer=scene.farmer, now=timezone.now())


def test_what_was_weighed_is_told_and_taken_back_but_for_what_is_promised(scene, lot):
    agree(scene)
    act = weigh(scene, lot)
    lot.refresh_from_db()
    assert (lot.harvested, act.kind, act.words[:2], act.words[-10:]) == (12, "WEIGHED", "脐橙", "：20 → 12 箱")
    assert told(scene)[-1] == "done_for_you"
    with pytest.raises(InvalidInput):
        weigh(scene, lot, 10_000)  # two boxes, and six are promised

    undo(scene, act)
    lot.refresh_from_db()
    assert lot.harvested == 20

    second = weigh(scene, lot, 120_000)
    Lot.objects.filter(pk=lot.pk).update(sold=22)
    undo(scene, second)
    lot.refresh_from_db()
    assert lot.harvested == 24, "what was sold and is held stays promised"


def test_a_presale_weighed_is_picked_and_is_a_presale_again_when_it_is_taken_back(scene):
    agree(scene)
    today = timezone.localdate()
    window = {"picked_on": None, "expected_from": today, "expected_until": today + timedelta(days=9)}
    lot = make_lot(make_listing(scene.farmer, packs=None), 20, **window)

    act = weigh(scene, lot, picked_on=today)
    lot.refresh_from_db()
    assert (lot.harvested, lot.picked_on) == (12, today)
    undo(scene, act)

    lot.refresh_from_db()
    assert (lot.harvested, lot.picked_on) == (20, None)


@pytest.mark.parametrize("since", [{"harvested": 15}, {"closed_at": timezone.now()}])
def test_what_the_farmer_did_since_stays(scene, lot, since):
    agree(scene)
    act = weigh(scene, lot)
    Lot.objects.filter(pk=lot.pk).update(**since)

    with pytest.raises(WrongState):
        undo(scene, act)

    assert DelegatedAct.objects.get().undone_at is None
    assert Lot.objects.get(pk=lot.pk).harvested == since.get("harvested", 12)


def test_what_was_packed_is_shown_to_both_taken_back_and_packed_again(scene, parcel):
    agree(scene)
    act = pack(scene, parcel)
    specialist, farmer = enter(scene.helper), enter(scene.farmer.user)
    list_page = reverse("specialists:parcel_list", args=[scene.farmer.pk])

    theirs = farmer.get(reverse("orders:parcel_detail", args=[parcel.number])).content.decode()
    helped = farmer.get(reverse("specialists:helped")).content.decode()
    shown = specialist.get(list_page).content.decode()
    assert "by Zhou Zhiyuan" in theirs
    assert "Undo: it is not packed" in helped
    assert "5.2 kg" in shown
    assert list(queries.not_packed(scene.farmer)) == []
    with pytest.raises(WrongState):
        pack(scene, parcel)
    farmer.post(reverse("specialists:act_undo", args=[act.pk]))

    assert [one.pk for one in queries.not_packed(scene.farmer)] == [parcel.pk]
    assert "Packed: photo and weight" in specialist.get(list_page).content.decode()
    pack_parcel(parcel_id=parcel.pk, actor=scene.farmer.user, grams=None, now=timezone.now())
    assert [(one.by, one.taken_back_at is None) for one in Packing.objects.order_by("pk")] == [
        (scene.helper, False),
        (scene.farmer.user, True),
    ]


def test_nothing_is_unpacked_that_is_on_its_way(scene, parcel):
    agree(scene)
    act = pack(scene, parcel)
    acting.post_parcel_for(farmer_id=scene.farmer.pk, by=scene.helper, parcel_id=parcel.pk, now=timezone.now(), **SLIP)

    with pytest.raises(WrongState):
        undo(scene, act)

    assert Packing.objects.get().taken_back_at is None


def test_who_posted_for_whom_is_named_to_the_buyer_and_the_farmer(scene, parcel):
    agree(scene)
    acting.post_parcel_for(farmer_id=scene.farmer.pk, by=scene.helper, parcel_id=parcel.pk, now=timezone.now(), **SLIP)
    buyer, said = parcel.order.buyer, f"Posted by Zhou Zhiyuan for {scene.farmer.name}"

    page = unescape(enter(buyer).get(reverse("orders:order_detail", args=[parcel.order.number])).content.decode())
    own = unescape(enter(scene.farmer.user).get(reverse("orders:parcel_detail", args=[parcel.number])).content.decode())
    api = enter(buyer).get(f"/api/v1/parcels/{parcel.number}/").json()

    assert said in page
    assert said in own
    assert said in [step["words"] for step in api["steps"]]
    with override("zh-hans"):
        assert f"Zhou Zhiyuan替{scene.farmer.name}寄出" in [str(step.words) for step in timeline.steps(parcel)]


def test_without_consent_and_of_anothers_things_nothing(scene, lot, parcel):
    with pytest.raises(NotAllowed):
        weigh(scene, lot)
    with pytest.raises(NotAllowed):
        pack(scene, parcel)
    agree(scene)
    with pytest.raises(NotAllowed):
        weigh(scene, make_lot(make_listing(scene.foreign), 20))
    with pytest.raises(NotAllowed):
        pack(scene, make_parcel(wanted={make_listing(scene.foreign): 1}))

    assert (DelegatedAct.objects.count(), Packing.objects.count(), WeighingChange.objects.count()) == (0, 0, 0)


def test_both_are_written_down_without_signal_for_who_consented(scene, lot, parcel):
    agree(scene)
    phone = Phone(scene.farmer, scene.helper)
    forms = [phone.client.get(phone.address(slug), headers={"Accept": "text/html"}) for slug in ("weighing", "packing")]

    weighed = phone.send("weighing", thing=phone.seen("weighing", lot), weight="120", unit="jin")
    packed = phone.send("packing", thing=phone.seen("packing", parcel), weight="5.2", unit="kg")

    assert [answer.status_code for answer in (*forms, weighed, packed)] == [200, 200, 201, 201]
    lot.refresh_from_db()
    assert (lot.harvested, Packing.objects.get().by) == (12, scene.helper)
    assert sorted(DelegatedAct.objects.values_list("kind", flat=True)) == ["PACKED", "WEIGHED"]


def test_postgresql_keeps_one_packing_and_lets_it_only_be_taken_back_once(scene, parcel):
    now, by = timezone.now(), scene.farmer.user
    packing = pack_parcel(parcel_id=parcel.pk, actor=by, grams=900, now=now)
    mine = Packing.objects.filter(pk=packing.pk)
    for change in (
        lambda: Packing.objects.create(parcel=parcel, by=by, packed_at=now),
        lambda: mine.update(grams=800),
        lambda: mine.update(taken_back_at=now - timedelta(days=1)),
        lambda: mine.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    mine.update(taken_back_at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.update(taken_back_at=None)
