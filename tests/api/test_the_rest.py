"""What the pages do besides buying and selling: suggestions, counts, wishes, papers, money, photos of claims, telling."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import FarmerDocument, Posting, Tie
from marketplace.models import Wish
from marketplace.services.vocabulary import refresh_vocabulary
from notifications.models import Choices, Device
from orders.models import Parcel
from payments.models import ClaimPhoto
from tests.api.asking import Api, as_, token_for
from tests.config.village import make_claim
from tests.make import NOON, make_address, make_farmer, make_listing, make_moderator, make_photo, make_user
from tests.orders.making import make_order, make_parcel
from tests.payments import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def farmer():
    return make_farmer()


def test_counts_stand_beside_the_filters_and_suggestions_help_while_typing(farmer):
    make_listing(farmer)
    make_listing(farmer, packs=None)
    refresh_vocabulary(NOON)
    guest = Api(Accept_Language="en")

    counts = guest.get("listings/counts/?stock=all").json()
    typed = guest.get("search/suggest/?q=nav").json()

    assert (counts["total"], counts["stock"]["any"], counts["stock"]["all"]) == (2, 1, 2)
    assert counts["produce"] == {"navel-orange": 2}
    assert counts["counties"] == {farmer.county.slug: 2}
    assert guest.get("listings/counts/?produce=nothing-like-it").json()["total"] == 0
    assert typed["suggestions"][0]["name"] == "Navel orange"
    assert guest.get("search/suggest/?q=navle+orange").json()["meant"] == "Navel orange"
    assert guest.get("search/suggest/").status_code == 422


def test_the_nearest_first_needs_to_know_from_where(farmer):
    make_listing(farmer)

    assert len(Api().get("listings/?sort=near&near=440000").json()["results"]) == 1
    for path in ("listings/?sort=near", "listings/?sort=near&near=nowhere"):
        refused = Api().get(path)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "near")


def test_a_wish_is_made_once_and_taken_back_by_its_own(farmer):
    buyer, listing = make_user("Buyer"), make_listing(farmer)
    api = as_(buyer)

    made = [api.post("wishes/", {"listing": listing.pk}) for _time in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert (Wish.objects.count(), made[0].json()["id"]) == (1, made[1].json()["id"])
    assert api.post("wishes/", {"produce": "navel-orange"}).json()["produce"] == "navel-orange"
    assert api.post("wishes/", {"query": "榴莲"}).json()["query"] == "榴莲"
    for wrong in ({}, {"query": "榴莲", "produce": "navel-orange"}):
        assert api.post("wishes/", wrong).json()["errors"][0]["code"] == "one_of_three"
    path = f"wishes/{made[0].json()['id']}/"
    assert as_(make_user()).delete(path).status_code == 404
    assert api.delete(path).status_code == 204
    assert [row["query"] for row in api.get("wishes/").json()["results"]] == ["榴莲", ""]


def test_how_one_wants_to_be_told(farmer):
    api = as_(farmer.user)
    sent = {"off": ["ORDERS/SMS"], "quiet_from": "21:00", "quiet_until": "07:00"}

    assert api.get("me/telling/").json()["off"] == []
    saved = api.put("me/telling/", sent)
    refused = api.put("me/telling/", sent | {"quiet_until": None})

    assert (saved.status_code, saved.json()["quiet_from"]) == (200, "21:00:00")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/quiet_until")
    assert Choices.objects.get(user=farmer.user).off == ["ORDERS/SMS"]
    assert as_(farmer.user, "read").put("me/telling/", sent).status_code == 403


def test_devices_are_added_and_removed_and_their_keys_never_said(farmer):
    api = as_(farmer.user)
    device = {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "p256dh": "BPk", "auth": "aXk"}

    made = api.post("me/devices/", device)
    wrong = api.post("me/devices/", device | {"endpoint": "https://example.com/x"})

    assert (made.status_code, set(made.json())) == (201, {"id", "added_at"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/endpoint")
    path = f"me/devices/{made.json()['id']}/"
    assert as_(make_user()).delete(path).status_code == 404
    assert api.delete(path).status_code == 204
    assert not Device.objects.exists()


def test_papers_are_sent_read_by_those_who_decide_and_taken_back(farmer):
    client, token = Client(), {"Authorization": f"Bearer {token_for(farmer.user, 'sell')}"}
    pdf = ContentFile(b"%PDF-1.4\n%%EOF\n", name="land.pdf")

    made = client.post("/api/v1/sell/farm/papers/", {"paper": pdf}, headers=token)
    bad = client.post("/api/v1/sell/farm/papers/", {"paper": ContentFile(b"x", name="x.exe")}, headers=token)

    assert (made.status_code, made.json()["media_type"], bad.status_code) == (201, "application/pdf", 422)
    path = f"papers/{made.json()['id']}/"
    desk = as_(make_moderator(), "moderate", "read")
    shown = desk.get(path, Accept="application/pdf")
    assert b"".join(shown.streaming_content) == b"%PDF-1.4\n%%EOF\n"
    assert shown["Content-Disposition"].startswith("attachment")
    assert desk.get(f"moderation/farmers/{farmer.pk}/").json()["papers"] == [made.json()["id"]]
    assert as_(make_user()).get(path).status_code == 404
    assert as_(make_user()).get(path)["Content-Type"] == "application/problem+json"
    assert as_(farmer.user, "sell").delete(f"sell/farm/{path}").status_code == 204
    assert not FarmerDocument.objects.exists()


def test_the_farmers_money_is_what_the_ledger_says(farmer, django_assert_max_num_queries):
    for _number in range(3):
        scene.make_paid_order(make_order(make_user("Buyer"), {make_listing(farmer): 1}))
    api = as_(farmer.user, "sell")

    money = api.get("sell/money/").json()
    with django_assert_max_num_queries(8):
        parcels = api.get("sell/money/parcels/").json()["results"]

    assert (len(parcels), money["currency"]) == (3, "CNY")
    assert sum(one["total_fen"] for one in parcels) == money["held_fen"] + money["due_fen"] > 0
    assert all(one["lines"][0]["take_home_fen"] > 0 for one in parcels)
    assert as_(make_farmer("Another").user, "sell").get("sell/money/parcels/").json()["results"] == []
    assert as_(make_user(), "sell").get("sell/money/").status_code == 403


def test_the_photos_of_a_claim_are_for_its_two_sides(farmer):
    buyer = make_user("Buyer")
    claim = make_claim(buyer, farmer)
    photo = make_photo(buyer)
    photo.storage.save(photo.path(photo.size_for(960)), ContentFile(b"a picture"))
    place = ClaimPhoto.objects.create(claim=claim, photo=photo)
    path = f"claims/{claim.pk}/photos/{place.pk}/"

    shown = as_(farmer.user).get(path, Accept="image/webp")

    assert (shown.status_code, shown["Content-Type"], b"".join(shown.streaming_content)) == (
        200, "image/webp", b"a picture"
    )  # fmt: skip
    assert "private" in shown["Cache-Control"]
    assert as_(make_user()).get(path).status_code == 404
    assert as_(buyer).get(f"{path}?width=0").status_code == 422


def test_late_parcels_are_for_who_can_help_and_say_nothing_of_the_buyer(farmer):
    parcel = make_parcel(Parcel.State.TO_PACK, wanted={make_listing(farmer): 1})
    Parcel.objects.filter(pk=parcel.pk).update(is_late=True)
    specialist = make_user("Specialist")
    Posting.objects.create(specialist=specialist, county=farmer.county, starts_on=NOON.date() - timedelta(days=1))

    (row,) = as_(specialist, "moderate").get("moderation/late-parcels/").json()["results"]

    assert (row["number"], row["farmer_phone"]) == (parcel.number, farmer.user.phone)
    assert parcel.order.recipient not in str(row)
    assert len(as_(make_moderator(), "moderate").get("moderation/late-parcels/").json()["results"]) == 1
    assert as_(farmer.user, "sell").get("moderation/late-parcels/").status_code in (403, 404)


def test_a_moderator_says_whom_they_know_and_the_usual_address_is_chosen(farmer):
    desk, buyer = make_moderator(), make_user("Buyer")
    first, second = make_address(buyer, is_default=True), make_address(buyer)

    assert as_(desk, "moderate").post(f"moderation/farmers/{farmer.pk}/tie/").status_code == 204
    assert as_(buyer).post(f"addresses/{second.pk}/default/").json()["is_default"]
    first.refresh_from_db()

    assert Tie.objects.get().farmer == farmer
    assert not first.is_default
