"""The farmer's parcels: what to pick and pack, posting, and the specialist's list of late ones."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer, Posting
from orders.models import Parcel
from orders.services import parcels
from tests.make import make_county, make_farmer, make_listing, make_moderator, make_produce, make_user
from tests.orders.making import make_order, make_paid_order, make_parcel, make_route

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer(client) -> Farmer:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    farmer = make_farmer()
    client.force_login(farmer.user)
    return farmer


def listed(client) -> str:
    return client.get(reverse("orders:parcel_list")).content.decode()


def test_the_list_sums_what_to_pick_and_shows_each_address(client, farmer):
    oranges = make_listing(farmer)
    kiwis = make_listing(farmer, produce=make_produce("kiwi", name_zh="猕猴桃", name_en="Kiwifruit"), pack_grams=2500)
    make_paid_order(wanted={oranges: 7})
    make_paid_order(wanted={oranges: 5, kiwis: 1})

    html = listed(client)

    assert "<b>12</b> <span>boxes of Navel orange, 5 kg each" in html
    assert "<b>1</b> <span>box of Kiwifruit, 2.5 kg" in html
    assert html.count("漕溪北路 1 号 502 室") == 2
    assert "139 0000 0000" in html


def test_only_what_is_paid_and_ones_own_is_listed(client, farmer):
    unpaid = make_order(wanted={make_listing(farmer): 1})
    others = make_paid_order()

    html = listed(client)

    assert "Nothing to pack today" in html
    for order in (unpaid, others):
        number = order.parcels.get().number
        assert number not in html
        assert client.get(reverse("orders:parcel_detail", args=[number])).status_code == 404


def test_late_ones_are_marked_and_come_first(client, farmer):
    listing = make_listing(farmer)
    fresh = make_paid_order(wanted={listing: 1}, now=timezone.now()).parcels.get()
    late = make_paid_order(wanted={listing: 1}, now=timezone.now() - timedelta(days=5)).parcels.get()

    html = listed(client)

    assert html.index(late.number) < html.index(fresh.number)
    assert html.count("late: was due") == 1


def test_posting_tells_the_buyer(client, farmer):
    parcel = make_paid_order(wanted={make_listing(farmer): 1}).parcels.get()

    response = client.post(
        reverse("orders:parcel_post", args=[parcel.number]),
        {"courier": "SF", "tracking_number": "SF 1234 5678 90123"},
    )

    assert response.status_code == 302
    parcel.refresh_from_db()
    assert (parcel.state, parcel.courier, parcel.tracking_number) == ("ON_THE_WAY", "SF", "SF1234567890123")
    assert parcel.order.buyer.notifications.filter(kind="parcel_posted").exists()


@pytest.mark.parametrize(
    ("courier", "number", "words"),
    [
        ("", "SF1234567890123", "choose the courier"),
        ("DHL", "SF1234567890123", "choose the courier"),
        ("SF", "", "type the tracking number"),
        ("SF", " - ", "type the tracking number"),
        ("SF", "posted it today", "does not look like"),
        ("SF", "000000000000", "does not look like"),
        ("SF", "1234567", "does not look like"),
        ("SF", "1" * 41, "too long"),
        ("SF", "YT1234567890123", "not a number of SF Express"),
        ("EMS", "123456789012", "not a number of China Post EMS"),
    ],
)
def test_an_implausible_number_is_refused_beside_the_field_and_kept(client, farmer, courier, number, words):
    parcel = make_paid_order(wanted={make_listing(farmer): 1}).parcels.get()

    response = client.post(
        reverse("orders:parcel_post", args=[parcel.number]), {"courier": courier, "tracking_number": number}
    )

    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert not number.strip(" -") or f'value="{number}"' in html
    parcel.refresh_from_db()
    assert (parcel.state, parcel.tracking_number) == ("TO_PACK", "")


def test_posting_a_parcel_cancelled_meanwhile_is_refused(client, farmer):
    parcel = make_paid_order(wanted={make_listing(farmer): 1}).parcels.get()
    Parcel.objects.update(state=Parcel.State.CANCELLED, timer="", timer_at=None)

    response = client.post(
        reverse("orders:parcel_post", args=[parcel.number]), {"courier": "SF", "tracking_number": "SF1234567890123"}
    )

    assert response.status_code == 409
    assert "moved on" in response.content.decode()
    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.CANCELLED


def test_a_mistyped_number_is_put_right(client, farmer):
    yesterday = timezone.now() - timedelta(days=1)
    parcel = make_paid_order(wanted={make_listing(farmer): 1}, now=yesterday).parcels.get()
    url = reverse("orders:parcel_post", args=[parcel.number])
    client.post(url, {"courier": "SF", "tracking_number": "SF1234567890123"})

    client.post(url, {"courier": "SF", "tracking_number": "SF1234567890124"})

    parcel.refresh_from_db()
    assert parcel.tracking_number == "SF1234567890124"
    assert [event.event for event in parcel.events.all()] == ["PAY", "POST", "CORRECT"]


def test_the_address_is_gone_once_the_parcel_has_arrived(client, farmer):
    parcel = make_parcel(Parcel.State.RECEIVED, wanted={make_listing(farmer): 1})

    html = client.get(reverse("orders:parcel_detail", args=[parcel.number])).content.decode()

    assert "漕溪北路" not in html
    assert "139 0000 0000" not in html
    assert "13900000000" not in html


def test_strangers_find_nothing_and_change_nothing(client, farmer):
    parcel = make_parcel()
    sent = {"courier": "SF", "tracking_number": "SF1234567890123"}

    for who in (farmer.user, parcel.order.buyer, make_user("stranger")):
        client.force_login(who)
        assert client.get(reverse("orders:parcel_detail", args=[parcel.number])).status_code == 404
        assert client.post(reverse("orders:parcel_post", args=[parcel.number]), sent).status_code == 404

    parcel.refresh_from_db()
    assert parcel.state == Parcel.State.TO_PACK


def test_who_does_not_sell_is_shown_how_to_begin(client):
    client.force_login(make_user())

    assert client.get(reverse("orders:parcel_list"))["Location"] == reverse("accounts:farmer_apply")


@pytest.mark.parametrize("count", [1, 8])
def test_the_list_costs_the_same_queries_however_long(client, farmer, count, django_assert_num_queries):
    listing = make_listing(farmer)
    for _ in range(count):
        make_paid_order(wanted={listing: 1})
        make_parcel(Parcel.State.ON_THE_WAY, wanted={listing: 1})

    with django_assert_num_queries(10):  # session, user, farmer, to pack + lines, pick list, sent + lines, two counts
        client.get(reverse("orders:parcel_list"))


@pytest.fixture
def specialist(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    specialist = make_user("Specialist")
    Posting.objects.create(specialist=specialist, county=make_county(), starts_on=timezone.localdate())
    client.force_login(specialist)
    return specialist


def make_late(**fields) -> Parcel:
    paid = timezone.now() - timedelta(days=6)
    parcel = make_parcel(now=paid, **fields)
    parcels.run_timer(parcel_id=parcel.pk, now=paid + timedelta(days=4))
    parcels.run_timer(parcel_id=parcel.pk, now=timezone.now())
    return parcel


def test_the_specialist_sees_whom_to_call_and_nothing_of_the_buyer(client, specialist):
    late = make_late()
    elsewhere = make_county("guizhou-leishan", name_zh="雷山县", name_en="Leishan County")
    make_route(origin=elsewhere.province_id)
    other = make_late(wanted={make_listing(make_farmer("Far away", county=elsewhere)): 1})
    fresh = make_parcel(now=timezone.now())

    html = client.get(reverse("orders:late_list")).content.decode()

    assert late.number in html
    assert f"tel:{late.farmer.user.phone}" in html
    assert "3 days late" in html
    assert other.number not in html
    assert fresh.number not in html
    assert "漕溪北路" not in html
    assert "139 0000 0000" not in html
    assert "13900000000" not in html
    assert late.order.recipient not in html


def test_once_posted_it_is_off_the_list(client, specialist):
    late = make_late()
    parcels.post_parcel(
        parcel_id=late.pk,
        actor=late.farmer.user,
        courier="SF",
        tracking_number="SF1234567890123",
        now=timezone.now(),
    )

    assert "Nothing is late" in client.get(reverse("orders:late_list")).content.decode()


def test_the_list_is_for_those_posted_today_only(client, specialist):
    Posting.objects.update(
        ends_on=timezone.localdate() - timedelta(days=1), starts_on=timezone.localdate() - timedelta(9)
    )

    assert client.get(reverse("orders:late_list")).status_code == 404
    client.force_login(make_user("stranger"))
    assert client.get(reverse("orders:late_list")).status_code == 404


def test_moderators_see_what_is_late_anywhere_and_the_way_to_end_it(client):
    late = make_late()
    client.force_login(make_moderator())

    html = client.get(reverse("orders:late_list")).content.decode()

    assert late.number in html
    assert reverse("payments:parcel_cancel", args=[late.number]) in html
    assert late.order.recipient not in html
    assert "/sell/late/" in client.get(reverse("accounts:me")).content.decode()


def test_the_specialist_may_help_but_not_cancel(client, specialist):
    late = make_late()
    cancel = reverse("payments:parcel_cancel", args=[late.number])

    assert cancel not in client.get(reverse("orders:late_list")).content.decode()
    assert client.post(cancel, {"reason": "太晚了"}).status_code == 404
    late.refresh_from_db()
    assert late.state == "TO_PACK"
