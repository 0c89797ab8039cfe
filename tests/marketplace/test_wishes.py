"""Tell me when: told once, when it can really be bought, and nobody sees or takes back another's."""

from functools import partial

import pytest
from django.urls import reverse

from accounts.models import Farmer
from marketplace.models import Listing, Lot, Wish
from marketplace.services import wishes
from marketplace.services.search import index_all
from marketplace.tasks import tell_when
from notifications.models import Notification
from tests.concurrency.racing import at_once
from tests.make import NOON, make_farmer, make_listing, make_lot, make_produce, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold_out(db) -> Listing:
    listing = make_listing(make_farmer("陈桂兰家"), packs=0)
    index_all()
    return listing


def wish(user, **what) -> Wish:
    return wishes.make_wish(user=user, now=NOON, **what)


def told(user) -> list[Notification]:
    return list(Notification.objects.filter(recipient=user, kind="wish_granted"))


@pytest.mark.parametrize("what", ["listing", "produce", "group", "query"])
def test_a_buyer_is_told_once_when_it_can_be_bought(sold_out, what):
    buyer = make_user("Buyer")
    wish(buyer, **{
        "listing": {"listing": sold_out}, "produce": {"produce": sold_out.produce},
        "group": {"produce": sold_out.produce.parent}, "query": {"query": "寻乌脐橙"},
    }[what])  # fmt: skip

    tell_when()
    assert told(buyer) == []
    make_lot(sold_out, 3)
    tell_when()
    tell_when()

    (notification,) = told(buyer)
    assert notification.link
    Lot.objects.filter(listing=sold_out).update(closed_at=NOON)
    make_lot(sold_out, 3)
    tell_when()
    assert len(told(buyer)) == 1


@pytest.mark.parametrize(
    ("status", "farmer"),
    [("PAUSED", "VERIFIED"), ("TAKEN_DOWN", "VERIFIED"), ("LIVE", "SUSPENDED"), ("LIVE", "WAITING")],
)
def test_nobody_is_told_of_what_may_not_be_shown(sold_out, status, farmer):
    buyer = make_user("Buyer")
    for what in ({"listing": sold_out}, {"produce": sold_out.produce}, {"query": "脐橙"}):
        wish(buyer, **what)
    make_lot(sold_out, 3)
    Listing.objects.filter(pk=sold_out.pk).update(status=status)
    Farmer.objects.filter(pk=sold_out.farmer_id).update(status=farmer)

    tell_when()

    assert told(buyer) == []


def test_asking_twice_makes_one_wish_and_fifty_are_enough(sold_out):
    buyer = make_user("Buyer")
    assert wish(buyer, listing=sold_out) == wish(buyer, listing=sold_out)
    for number in range(49):
        wish(buyer, query=f"q{number}")

    with pytest.raises(wishes.TooManyWishes):
        wish(buyer, query="one more")


def test_the_pages_ask_list_and_take_back(client, sold_out):
    buyer = make_user("Buyer")
    client.force_login(buyer)
    ask = f"{reverse('marketplace:wish_create')}?listing={sold_out.pk}"
    assert ask in client.get(f"/listings/{sold_out.pk}/").content.decode()
    paused = make_listing(sold_out.farmer, packs=3)
    Listing.objects.filter(pk=paused.pk).update(status=Listing.Status.PAUSED)
    assert f"?listing={paused.pk}" in client.get(f"/listings/{paused.pk}/").content.decode()
    assert "/wishes/new/?q=durian" in client.get("/search/?q=durian").content.decode()
    assert (
        "/wishes/new/?produce=mango"
        in client.get(f"/produce/{make_produce('mango', name_zh='芒果', name_en='Mango').slug}/").content.decode()
    )

    assert sold_out.farmer.name in client.get(ask).content.decode()
    assert client.post(ask).status_code == 302
    mine = Wish.objects.get()
    assert sold_out.farmer.name in client.get("/wishes/").content.decode()
    assert client.post(reverse("marketplace:wish_delete", args=[mine.pk])).status_code == 302
    assert not Wish.objects.exists()


def test_a_stranger_neither_sees_nor_takes_it_back(client, sold_out):
    mine = wish(make_user("Buyer"), query="my own words")
    client.force_login(make_user("Stranger"))

    assert "my own words" not in client.get("/wishes/").content.decode()
    assert client.post(reverse("marketplace:wish_delete", args=[mine.pk])).status_code == 404
    assert Wish.objects.filter(pk=mine.pk).exists()


@pytest.mark.parametrize("what", ["q=", "q=13800000000", "q=%00"])
def test_a_wish_without_words_is_refused_with_a_reason(client, what):
    client.force_login(make_user("Buyer"))

    response = client.post(f"/wishes/new/?{what}", headers={"accept-language": "en"})

    assert response.status_code == 422
    assert "Please say in a few words" in response.content.decode()


@pytest.mark.parametrize("what", ["listing=x", "listing=999", "listing=٣", "produce=nothing"])
def test_what_has_no_page_cannot_be_wished_for(client, what):
    client.force_login(make_user("Buyer"))

    assert client.get(f"/wishes/new/?{what}").status_code == 404


@pytest.mark.parametrize("state", [{"status": Listing.Status.TAKEN_DOWN}, {"status": Listing.Status.DRAFT}])
def test_nor_can_what_is_not_public(client, sold_out, state):
    Listing.objects.filter(pk=sold_out.pk).update(**state)
    client.force_login(make_user("Buyer"))

    assert client.post(f"/wishes/new/?listing={sold_out.pk}").status_code == 404
    assert not Wish.objects.exists()


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once():
    buyer = make_user("Buyer")
    made = wishes.make_wish(user=buyer, now=NOON, listing=make_listing(make_farmer()))

    results = at_once(*[partial(wishes.grant_wish, wish_id=made.pk, now=NOON) for _ in range(6)])

    assert results.count(True) == 1
    assert len(told(buyer)) == 1
