"""The farmer's home: what to pack, what was sold, and nothing that nobody paid for."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Farmer
from orders import sales
from orders.models import Order, OrderLine, Parcel
from tests.make import NOON, make_farmer, make_listing, make_produce, make_user
from tests.marketplace.selling import Verdict, decide, edit, make_draft, submit
from tests.orders.making import make_order, make_paid_order

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # midnight in China before the Monday of NOON's week
FIRST = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)


@pytest.fixture
def farmer(client) -> Farmer:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    farmer = make_farmer()
    client.force_login(farmer.user)
    return farmer


def home(client):
    response = client.get(reverse("orders:farmer_home"))
    assert response.status_code == 200
    return response


def paid_at(order: Order, moment: datetime) -> None:
    Order.objects.filter(pk=order.pk).update(paid_at=moment)


def test_the_newcomer_is_told_how_to_begin(client, farmer):
    html = home(client).content.decode()

    assert "Nothing on sale yet" in html
    assert "Nothing to pack." in html
    assert reverse("marketplace:sell_start") in html
    assert "¥0.00" in html


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Farmer.Status.WAITING, "We are checking your details."),
        (Farmer.Status.REFUSED, "We could not verify you yet."),
        (Farmer.Status.SUSPENDED, "Your shop is closed for now."),
    ],
)
def test_who_is_not_verified_reads_where_it_stands_and_why(client, farmer, status, words):
    Farmer.objects.update(status=status, status_reason="照片看不清")

    html = home(client).content.decode()

    assert words in html
    assert ("照片看不清" in html) == (status != Farmer.Status.WAITING)


def test_parcels_to_pack_are_counted_and_the_most_urgent_are_named(client, farmer):
    listing = make_listing(farmer, packs=50)
    for _ in range(5):
        make_paid_order(wanted={listing: 2})
    make_order(wanted={listing: 1})
    make_paid_order()  # another farmer's

    response = home(client)

    assert response.context["to_pack_count"] == 5
    assert len(response.context["to_pack"]) == 3
    assert "Navel orange 5 kg × 2" in response.content.decode()


def test_only_paid_goods_of_this_week_and_month_are_summed(client, farmer):
    listing = make_listing(farmer, packs=50, price_fen=5000)
    for packs, moment in (
        (1, MONDAY),
        (2, MONDAY - timedelta(seconds=1)),
        (4, FIRST),
        (8, FIRST - timedelta(seconds=1)),
    ):
        paid_at(make_paid_order(wanted={listing: packs}), moment)
    make_order(wanted={listing: 16})
    make_paid_order()  # another farmer's

    week, month = sales.sold_this_week_and_month(farmer, NOON)

    assert (week.packs, week.fen, week.parcels) == (1, 5000, 1)
    assert (month.packs, month.fen, month.parcels) == (7, 35_000, 3)
    html = home(client).content.decode()
    assert "¥50.00" in html
    assert "¥350.00" in html


def test_a_week_that_began_last_month_is_counted_whole(farmer):
    listing = make_listing(farmer, packs=50, price_fen=5000)
    paid_at(make_paid_order(wanted={listing: 3}), datetime(2026, 11, 30, 4, 0, tzinfo=UTC))

    week, month = sales.sold_this_week_and_month(farmer, datetime(2026, 12, 2, 4, 0, tzinfo=UTC))

    assert (week.packs, month.packs) == (3, 0)


def test_a_cancelled_parcel_was_not_sold(farmer):
    listing = make_listing(farmer, packs=50)
    parcel = make_paid_order(wanted={listing: 3}).parcels.get()
    Parcel.objects.filter(pk=parcel.pk).update(state=Parcel.State.CANCELLED, timer="", timer_at=None)

    week, month = sales.sold_this_week_and_month(farmer, NOON)

    assert (week.fen, week.parcels, month.fen) == (0, 0, 0)
    assert OrderLine.objects.filter(parcel=parcel).exists()


def test_each_listing_stands_where_it_is(client, farmer):
    moderator = make_user("Moderator", is_moderator=True)
    live, edited = make_listing(farmer), make_listing(farmer)
    edit(edited, farmer)
    draft, waiting, asked = make_draft(farmer), submit(farmer), submit(farmer)
    decide(asked, moderator, Verdict.ASK_CHANGE, "请换一张照片")

    response = home(client)

    def ids(name: str) -> set[int]:
        return {own.listing.pk for own in response.context[name]}

    assert ids("on_sale") == {live.pk, edited.pk}
    assert ids("waiting") == {edited.pk, waiting.listing_id}
    assert ids("unfinished") == {draft.listing_id}
    assert ids("came_back") == {asked.listing_id}
    assert "请换一张照片" in response.content.decode()


def test_the_last_listing_can_be_repeated(client, farmer):
    make_listing(farmer)
    newest = make_listing(farmer, produce=make_produce("kiwi", name_zh="猕猴桃", name_en="Kiwifruit"))

    html = home(client).content.decode()

    assert reverse("marketplace:listing_repeat", args=[newest.pk]) in html
    assert "Again like last time: Kiwifruit, 5 kg" in html


def test_the_page_asks_the_same_few_queries_however_much_there_is(client, farmer, django_assert_max_num_queries):
    def fill() -> None:
        for _ in range(3):
            listing = make_listing(farmer, packs=50)
            make_paid_order(wanted={listing: 1})
            edit(listing, farmer)
            make_draft(farmer)

    def count() -> int:
        with django_assert_max_num_queries(18) as counted:
            home(client)
        return len(counted)

    fill()
    before = count()
    fill()

    assert count() == before
