"""Each evening and morning one pick list a farmer: what the orders say, once, seen with one tap, or somebody calls."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Farmer
from common.errors import NotAllowed
from notifications.models import Delivery, Notification
from notifications.texts import as_sms, words
from orders.models import OrderLine, Parcel, PickList
from orders.services import picking
from tests.concurrency.racing import at_once, names
from tests.make import make_farmer, make_listing, make_produce, make_user
from tests.orders.making import cancel_parcel, make_parcel, post
from tests.specialists.scene import enter

HERE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 25, 7, 5, tzinfo=HERE)
EVENING = datetime(2026, 11, 25, 18, 5, tzinfo=HERE)
ANSWER = datetime(2026, 11, 25, 10, 0, tzinfo=HERE)


def make(farmer, now=MORNING):
    return picking.make_pick_list(farmer_id=farmer.pk, now=now)


def boxes_of(farmer) -> Counter[int]:
    """What the orders say at this moment, asked another way: boxes by lot over all lines of parcels to be packed."""
    lines = OrderLine.objects.filter(parcel__farmer=farmer, parcel__state="TO_PACK")
    return sum((Counter({line.lot_id: line.packs}) for line in lines), Counter())


def listed(farmer) -> Counter[int]:
    return Counter(dict(PickList.objects.filter(farmer=farmer).first().items))


@pytest.mark.django_db
def test_the_list_is_what_the_orders_say_at_that_moment():
    farmer, other = make_farmer(), make_farmer("Another")
    one, two = make_listing(farmer), make_listing(farmer)
    make_parcel(wanted={one: 2, two: 1})
    make_parcel(wanted={one: 3})
    gone, sent = make_parcel(wanted={two: 4}), make_parcel(wanted={two: 2})
    make_parcel(wanted={make_listing(other): 1})
    cancel_parcel(parcel_id=gone.pk, actor=gone.order.buyer, reason="", now=MORNING)
    post(sent, now=MORNING)

    assert picking.farmers_to_tell(MORNING) == [farmer.pk, other.pk]
    assert make(farmer)

    assert listed(farmer) == boxes_of(farmer) == Counter({one.lots.get().pk: 5, two.lots.get().pk: 1})
    assert PickList.objects.get().parcels == 2
    make_parcel(wanted={two: 7})
    assert make(farmer, EVENING)
    assert listed(farmer) == boxes_of(farmer)
    assert listed(farmer)[two.lots.get().pk] == 8


@pytest.mark.django_db
def test_a_harvest_that_is_far_off_is_not_on_it():
    farmer = make_farmer()
    parcel = make_parcel(wanted={make_listing(farmer): 1})
    Parcel.objects.filter(pk=parcel.pk).update(post_by=MORNING + timedelta(days=9))

    assert picking.farmers_to_tell(MORNING) == []
    assert not make(farmer)
    assert make(farmer, MORNING + timedelta(days=7))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("clock", "slot"),
    [
        ("06:59", None),
        ("07:00", "MORNING"),
        ("09:59", "MORNING"),
        ("10:00", None),
        ("18:00", "EVENING"),
        ("20:30", None),
    ],
)
def test_a_slot_begins_at_its_hour_and_is_over_when_its_answer_is_due(clock, slot):
    hour, minute = map(int, clock.split(":"))
    found = picking.running_slot(MORNING.replace(hour=hour, minute=minute))

    assert (found.slot if found else None) == slot


@pytest.mark.django_db
def test_told_once_by_text_mail_and_in_the_shop_and_once_more_in_the_evening():
    farmer = make_farmer(user=make_user("Chen", email="chen@example.com"))
    make_parcel(wanted={make_listing(farmer): 2})

    assert [make(farmer), make(farmer), make(farmer, EVENING), make(farmer, EVENING)] == [True, False, True, False]

    told = Notification.objects.filter(recipient=farmer.user, kind="pick_list")
    assert told.count() == 2
    assert sorted(Delivery.objects.filter(notification=told.first()).values_list("channel", flat=True)) == [
        "EMAIL",
        "SMS",
    ]
    assert (
        "脐橙" in words("pick_list", told.first().context).body
        or "Navel" in words("pick_list", told.first().context).body
    )


@pytest.mark.django_db
def test_a_crash_before_the_commit_leaves_neither_list_nor_message_and_the_next_tick_makes_both(monkeypatch):
    farmer = make_farmer()
    make_parcel(wanted={make_listing(farmer): 1})

    def dies(*args, **kwargs):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(picking, "notify", dies)
        make(farmer)
    assert PickList.objects.count() == 0
    assert make(farmer)
    assert Notification.objects.filter(kind="pick_list").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kinds", [1, 2, 5, 12])
def test_the_text_message_fits_one_part_in_both_languages(kinds):
    farmer = make_farmer()
    for number in range(kinds):
        produce = make_produce(
            f"produce-{number}", name_zh=f"高山有机红心猕猴桃{number}", name_en=f"Red kiwifruit {number}"
        )
        make_parcel(wanted={make_listing(farmer, produce=produce, pack_grams=2500): 10})
    make(farmer)
    context = Notification.objects.get(kind="pick_list").context

    for language in ("zh-hans", "en"):
        text = as_sms("pick_list", context, language)
        assert len(text) <= 70, text
        assert "10:00" in text
    assert f"({kinds})" in as_sms("pick_list", context, "en")


# --- Once, under races ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_list():
    farmer = make_farmer()
    make_parcel(wanted={make_listing(farmer): 1})

    results = at_once(*[partial(make, farmer)] * 4)

    assert sorted(results) == [False, False, False, True]
    assert PickList.objects.count() == 1
    assert Notification.objects.filter(kind="pick_list").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_control_without_holding_the_farmer_both_find_none_and_only_the_constraint_keeps_it_to_one(monkeypatch):
    farmer = make_farmer()
    make_parcel(wanted={make_listing(farmer): 1})
    both_looked = threading.Barrier(2)

    def looked(*args):
        parcels = list(picking.queries.to_pack(farmer))
        both_looked.wait(timeout=20)
        return parcels

    monkeypatch.setattr(picking, "_hold", lambda pk: Farmer.objects.select_related("user").get(pk=pk))
    monkeypatch.setattr(picking, "due_parcels", looked)

    results = names(at_once(*[partial(make, farmer)] * 2))

    assert sorted(results) == ["IntegrityError", "bool"]
    assert PickList.objects.count() == 1


@pytest.mark.django_db
def test_the_database_refuses_a_second_list_of_a_slot_and_a_changed_one():
    farmer = make_farmer()
    make_parcel(wanted={make_listing(farmer): 1})
    make(farmer)
    made = PickList.objects.get()
    again = {"farmer": farmer, "day": made.day, "slot": made.slot, "items": [], "parcels": 1}
    with pytest.raises(IntegrityError, match="pick_list_once_per_slot"), transaction.atomic():
        PickList.objects.create(**again, made_at=MORNING, answer_by=ANSWER)
    with pytest.raises(Exception, match=r"pick_list_fixed|Cannot update"), transaction.atomic():
        PickList.objects.filter(pk=made.pk).update(items=[])


# --- Seen, or somebody calls ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_tap_says_that_it_was_seen_and_only_its_farmer_can():
    farmer, other = make_farmer(), make_farmer("Another")
    parcel = make_parcel(wanted={make_listing(farmer): 1})
    Parcel.objects.filter(pk=parcel.pk).update(post_by=MORNING)
    picking.make_pick_list(farmer_id=farmer.pk, now=MORNING - timedelta(days=1))
    made = PickList.objects.get()
    tap = reverse("orders:pick_list_see", args=[made.pk])
    client, page = enter(farmer.user), reverse("orders:parcel_list")

    before = client.get(page).content.decode()
    assert enter(other.user).post(tap).status_code == 404
    with pytest.raises(NotAllowed):
        picking.see_pick_list(pick_list_id=made.pk, farmer=other, now=MORNING)
    answer = client.post(tap)

    assert "I have seen it" in before
    assert answer.status_code == 302
    made.refresh_from_db()
    assert made.seen_at is not None
    assert f'action="{tap}"' not in client.get(page).content.decode()
    assert client.post(tap).status_code == 302, "twice is once"
