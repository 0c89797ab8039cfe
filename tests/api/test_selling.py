"""A farmer's whole season by the API: from the application to the posted parcel, and many listings at once."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Farmer
from marketplace.models import Listing, ListingRevision, Lot, Photo, SheetImport
from marketplace.tasks import run_sheets
from orders.models import Parcel
from tests.api.asking import as_, token_for
from tests.make import make_county, make_farmer, make_listing, make_moderator, make_photo, make_produce, make_user
from tests.marketplace.pictures import encoded, picture
from tests.marketplace.selling import decide
from tests.marketplace.sheeting import A_ROW, as_csv, rows_of
from tests.orders.making import make_parcel

pytestmark = pytest.mark.django_db


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


@pytest.fixture
def farmer() -> Any:
    make_produce()
    return make_farmer()


def test_applying_and_being_told_where_it_stands():
    user = make_user("New farmer")
    api = as_(user, "sell")
    sent = {
        "county": make_county().slug, "kind": "HOUSEHOLD", "name": "陈家", "town": "长宁镇", "village": "新村",
        "payee_kind": "ALIPAY", "payee_name": "陈桂兰", "payee_account": "13800138000",
    }  # fmt: skip

    assert api.get("sell/farm/").status_code == 404
    assert api.put("sell/farm/", sent | {"county": "nowhere"}).status_code == 422
    assert api.put("sell/farm/", sent | {"status": "VERIFIED"}).status_code == 422, "no one verifies themself"
    applied = api.put("sell/farm/", sent).json()

    assert (applied["status"], applied["payee_account"]) == ("WAITING", "****8000")
    assert Farmer.objects.get(user=user).name == "陈家"


def test_a_listing_in_three_steps_to_the_moderators_and_on_sale(farmer):
    api, photo = as_(farmer.user, "sell"), make_photo(farmer.user)
    made = api.post("sell/listings/", {"produce": "navel-orange", "photos": [str(photo.key)]}).json()
    path = f"sell/listings/{made['id']}/"

    assert api.post(f"{path}submit/").json()["code"] == "not_complete"
    api.put(f"{path}pack/", {"pack_grams": 5000, "price_fen": 4980, "packs": 20})
    api.put(f"{path}harvest/", {"origin": "长宁镇", "keeps_days": 30, "picked_on": "2026-11-22"})
    waiting = api.post(f"{path}submit/").json()
    assert (waiting["status"], waiting["newest"]["status"]) == ("DRAFT", "WAITING")
    assert not Listing.objects.shown().exists(), "nothing unmoderated"

    decide(ListingRevision.objects.get(), make_moderator())
    assert api.put(f"{path}price/", {"price_fen": 5200}).json()["price_fen"] == 5200
    big = api.put(f"{path}price/", {"price_fen": 9900}).json()
    assert (big["price_fen"], big["newest"]["status"], big["newest"]["price_fen"]) == (5200, "WAITING", 9900)
    assert api.post(f"{path}pause/").json()["status"] == "PAUSED"
    assert api.post(f"{path}pause/").status_code == 409
    assert api.post(f"{path}resume/").json()["status"] == "LIVE"
    again = api.post(f"{path}repeat/", **key())
    assert (again.status_code, again.json()["status"]) == (201, "DRAFT")


def test_a_harvest_asked_for_twice_with_one_key_is_one_harvest(farmer):
    listing, api, same = make_listing(farmer, packs=None), as_(farmer.user, "sell"), key()
    wish = {"packs": 50, "picked_on": "2026-11-23"}

    answers = [api.post(f"sell/listings/{listing.pk}/lots/", wish, **same) for _time in range(2)]
    other = api.post(f"sell/listings/{listing.pk}/lots/", wish | {"packs": 51}, **same)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (Lot.objects.count(), other.status_code, other.json()["code"]) == (1, 422, "idempotency_key_reused")
    lot = Lot.objects.get()
    assert api.post(f"sell/lots/{lot.pk}/stock/", {"left": 7}, **key()).json()["left"] == 7
    assert api.post(f"sell/lots/{lot.pk}/stock/", {"left": 7}).status_code == 400, "stock moves with a key only"
    assert api.post(f"sell/lots/{lot.pk}/close/", **key()).json()["closed_at"]


def test_anothers_photo_is_left_out(farmer):
    theirs = make_photo(make_user("other"))

    made = as_(farmer.user, "sell").post("sell/listings/", {"produce": "navel-orange", "photos": [str(theirs.key)]})

    assert made.json()["newest"]["photos"] == []


def test_parcels_are_packed_and_posted_and_the_address_goes_when_it_is_not_needed(farmer):
    parcel, api = make_parcel(Parcel.State.TO_PACK, wanted={make_listing(farmer): 1}), as_(farmer.user, "sell")
    (to_pack,) = api.get("sell/parcels/?state=TO_PACK").json()["results"]
    assert to_pack["to"]["recipient"] == "王小明"

    posted = api.post(
        f"sell/parcels/{parcel.number}/post/", {"courier": "SF", "tracking_number": "SF1234567890123"}, **key()
    )
    assert (posted.status_code, posted.json()["state"]) == (200, "ON_THE_WAY")
    Parcel.objects.filter(pk=parcel.pk).update(state="RECEIVED", received_at=parcel.post_by, claim_until=parcel.post_by)
    assert api.get(f"sell/parcels/{parcel.number}/").json()["to"] is None


def test_many_at_once_by_the_api(farmer, client):
    token = {"Authorization": f"Bearer {token_for(farmer.user, 'sell')}"}
    file = SimpleUploadedFile("x.csv", as_csv(rows_of(A_ROW)))

    sent = client.post("/api/v1/sell/sheets/", {"file": file}, headers=token)
    run_sheets()
    path = f"sell/sheets/{sent.json()['id']}/"
    api, same = as_(farmer.user, "sell"), key()
    looked = api.get(path).json()
    for _time in range(2):
        api.post(f"{path}confirm/", **same)
    run_sheets()

    assert (sent.status_code, looked["status"], looked["new_count"]) == (201, "READY", 1)
    assert (api.get(path).json()["status"], Listing.objects.count()) == ("DONE", 1)
    export = client.get("/api/v1/sell/export/", headers=token)
    assert "脐橙" in export.content.decode("utf-8-sig")


def test_bad_cells_are_named_by_the_api(farmer, client):
    token = {"Authorization": f"Bearer {token_for(farmer.user, 'sell')}", "Accept-Language": "en"}
    file = SimpleUploadedFile("x.csv", as_csv(rows_of(A_ROW | {"weight": "5"})))
    client.post("/api/v1/sell/sheets/", {"file": file}, headers=token)
    run_sheets()

    said = client.get(f"/api/v1/sell/sheets/{SheetImport.objects.get().pk}/", headers=token).json()

    assert (said["problems"][0]["row"], said["problems"][0]["column"]) == (2, "B")
    assert "unit is missing" in said["problems"][0]["message"]


def test_a_photo_is_uploaded(farmer, client):
    token = {"Authorization": f"Bearer {token_for(farmer.user, 'sell')}"}
    good, bad = SimpleUploadedFile("a.jpg", encoded(picture())), SimpleUploadedFile("a.jpg", b"no photo")

    sent = client.post("/api/v1/sell/photos/", {"photo": good}, headers=token)
    refused = client.post("/api/v1/sell/photos/", {"photo": bad}, headers=token)

    assert (sent.status_code, sent.json()["status"], refused.status_code) == (201, "WAITING", 422)
    assert as_(farmer.user, "sell").get(f"sell/photos/{Photo.objects.get().key}/").status_code == 200


@pytest.mark.parametrize("path", ["sell/listings/", "sell/lots/", "sell/parcels/", "sell/sheets/"])
def test_lists_ask_a_fixed_number_of_queries(farmer, path, django_assert_max_num_queries):
    for _number in range(6):
        make_parcel(Parcel.State.TO_PACK, wanted={make_listing(farmer): 1})
    api = as_(farmer.user, "read")

    with django_assert_max_num_queries(14):
        assert api.get(path).status_code == 200


def test_a_token_that_only_buys_sells_nothing(farmer):
    assert as_(farmer.user, "buy").post("sell/listings/", {"produce": "navel-orange"}).json()["code"] == "scope_missing"
