"""The pages of selling: three steps on a phone, what is wrong beside its field, nobody else's listing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Farmer
from marketplace.models import Listing, ListingRevision, Photo, Storefront
from marketplace.queries import selling
from marketplace.services import photos as photo_services
from tests.make import make_farmer, make_listing, make_lot, make_moderator, make_photo, make_produce, make_user
from tests.marketplace import pictures
from tests.marketplace.selling import Verdict, decide, edit, make_draft, submit

pytestmark = pytest.mark.django_db
Status = ListingRevision.Status


@pytest.fixture
def farmer() -> Farmer:
    return make_farmer()


@pytest.fixture
def client(farmer: Farmer) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(farmer.user)
    return client


@pytest.fixture
def stranger() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_farmer("Another household", user=make_user("stranger")).user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"marketplace:{name}", args=args)


def photo_file() -> Any:
    return pictures.upload(pictures.telling_jpeg())


def test_a_farmer_lists_in_three_steps_and_a_moderator_lets_buyers_see_it(client, farmer):
    produce = make_produce()
    first = client.post(page("sell_start"), {"produce": produce.pk, "photos": [photo_file(), photo_file()]})
    listing = Listing.objects.get()
    assert first.url == page("sell_pack", listing.pk)

    second = client.post(first.url, {"weight": "１０", "unit": "jin", "price": "¥49.8", "packs": "２００"})
    assert second.url == page("sell_harvest", listing.pk)
    third = client.post(
        second.url,
        {"when": "yesterday", "grade": "FIRST", "origin": "长宁镇", "keeps_days": "30", "words": "皮薄汁多。"},
    )
    assert third.url == page("sell_check", listing.pk)
    assert b"10 jin = 5 kg" in client.get(third.url).content
    assert client.post(third.url).url == reverse("orders:farmer_home")

    revision = listing.revisions.get()
    assert (revision.status, revision.pack_grams, revision.price_fen) == (Status.WAITING, 5000, 4980)
    lot = listing.lots.get()
    assert (lot.harvested, lot.picked_on) == (200, timezone.localdate() - timedelta(days=1))
    moderator = make_moderator()
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(moderator)
    too_early = desk.post(page("moderation_decide", revision.pk), {"verdict": "APPROVE"})
    assert too_early.status_code == 422
    assert "being prepared" in too_early.content.decode()
    for photo in Photo.objects.all():
        photo_services.process_photo(photo_id=photo.pk, now=timezone.now())
    assert desk.post(page("moderation_decide", revision.pk), {"verdict": "APPROVE"}).status_code == 302
    assert Client().get(page("listing_detail", listing.pk)).status_code == 200


def test_each_wrong_value_stands_beside_its_field_and_what_was_typed_stays(client, farmer):
    draft = make_draft(farmer)
    sent = {"weight": "0", "unit": "kg", "price": "-5", "packs": "a few"}

    response = client.post(page("sell_pack", draft.listing_id), sent)

    assert response.status_code == 422
    form = response.context["form"]
    assert set(form.errors) == {"weight", "price", "packs"}
    for value in ("0", "-5", "a few"):
        assert f'value="{value}"' in response.content.decode()
    draft.refresh_from_db()
    assert (draft.pack_grams, draft.price_fen, draft.packs) == (5000, 4980, 200)


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, {"when", "grade", "origin", "keeps_days"}),
        ({"when": "day"}, {"picked_on"}),
        ({"when": "day", "picked_on": "31.02."}, {"picked_on"}),
        ({"when": "day", "picked_on": "2999-01-01"}, {"picked_on"}),
        ({"when": "later"}, {"expected_from", "expected_until"}),
        ({"when": "later", "expected_from": "2999-01-02", "expected_until": "2999-01-01"}, {"expected_until"}),
        ({"when": "next year"}, {"when"}),
        ({"keeps_days": "0"}, {"keeps_days"}),
        ({"words": "长" * 301}, {"words"}),
        ({"words": "a\x00b"}, {"words"}),
        ({"grade": "BEST"}, {"grade"}),
    ],
)
def test_a_harvest_that_cannot_be_is_refused(client, farmer, sent, fields):
    draft = make_draft(farmer)
    whole = {"when": "today", "grade": "FIRST", "origin": "长宁镇", "keeps_days": "30", "words": ""} if sent else {}

    response = client.post(page("sell_harvest", draft.listing_id), whole | sent)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == fields
    draft.refresh_from_db()
    assert draft.words == "皮薄汁多。"


def test_a_file_that_is_no_photo_is_named_and_the_good_ones_are_kept(client):
    produce = make_produce()
    bad = pictures.upload(b"GIF89a", name="cat.gif")

    response = client.post(page("sell_start"), {"produce": produce.pk, "photos": [photo_file(), bad]})

    assert response.status_code == 422
    assert "cat.gif" in response.content.decode()
    assert not Listing.objects.exists()
    (kept,) = response.context["step"].photos
    again = client.post(page("sell_start"), {"produce": produce.pk, "photo": [str(kept.key)]})
    assert again.status_code == 302
    assert Listing.objects.get().revisions.get().photos.get() == kept


def test_without_a_produce_nothing_is_started_and_the_photo_is_kept(client):
    response = client.post(page("sell_start"), {"photos": [photo_file()]})

    assert response.status_code == 422
    assert len(response.context["step"].photos) == 1
    assert not Listing.objects.exists()


@pytest.mark.parametrize("words", ["脐橙", "橙子", "qicheng", "chengzi", "qc", "navel ORANGE", "Qi Cheng"])
def test_produce_is_found_in_chinese_pinyin_and_english_without_javascript(client, words):
    make_produce()
    make_produce("green-tea", name_zh="绿茶", name_en="Green tea")

    response = client.post(page("sell_start"), {"q": words, "find": "1", "photos": [photo_file()]})

    assert response.status_code == 200
    found = [kind.produce.slug for group in response.context["groups"] for kind in group.kinds]
    assert found == ["navel-orange"]
    assert len(response.context["step"].photos) == 1


def test_photos_can_be_taken_out_and_another_made_the_cover(client, farmer):
    one, two, three = (make_photo(farmer.user) for _ in range(3))
    draft = make_draft(farmer, photos=[one, two, three])

    client.post(
        page("sell_photos", draft.listing_id),
        {
            "produce": draft.produce_id,
            "photo": [one.key, two.key, three.key],
            "drop": [one.key],
            "cover": str(three.key),
        },
    )

    places = draft.photo_places.order_by("position").values_list("photo_id", flat=True)
    assert list(places) == [three.pk, two.pk]


def test_another_persons_photo_key_is_worth_nothing(client, farmer):
    theirs = make_photo(make_user("stranger"))

    client.post(page("sell_start"), {"produce": make_produce().pk, "photo": [str(theirs.key), "nonsense"]})

    assert not Listing.objects.get().revisions.get().photos.exists()


def test_an_upload_answers_with_a_key_and_its_photo_is_for_its_owner(client, stranger):
    made = client.post(page("photo_upload"), {"photo": photo_file()})
    assert made.status_code == 201
    where = made.json()["status"]

    assert b"photo-waiting.svg" in client.get(where).content
    assert stranger.get(where).status_code == 404
    photo = Photo.objects.get()
    photo_services.process_photo(photo_id=photo.pk, now=timezone.now())
    ready = client.get(where).content.decode()
    assert photo.path(320) in ready
    assert "hx-get" not in ready


def test_a_refused_upload_says_why_and_a_guest_cannot_upload(client):
    refused = client.post(page("photo_upload"), {"photo": pictures.upload(b"")})
    assert refused.status_code == 422
    assert "empty" in refused.json()["error"]
    assert client.post(page("photo_upload")).status_code == 422
    assert Client().post(page("photo_upload"), {"photo": photo_file()}).status_code == 302
    assert not Photo.objects.exists()


def test_the_price_changes_at_once_or_waits_and_says_which(client, farmer):
    listing = make_listing(farmer, price_fen=5000)

    small = client.post(page("listing_price", listing.pk), {"price": "55", "from": "home"}, follow=True)
    big = client.post(page("listing_price", listing.pk), {"price": "500"}, follow=True)
    alone = client.post(page("listing_price", listing.pk), {"price": "56"}, headers={"HX-Request": "true"})

    assert "new price now" in small.content.decode()
    assert "once a moderator has agreed" in big.content.decode()
    assert b"<html" not in alone.content
    assert b'value="56.00"' in alone.content
    listing.refresh_from_db()
    assert listing.price_fen == 5600


@pytest.mark.parametrize("typed", ["", "0", "-1", "abc", "49.999", "99999999", "NaN", "1e9"])
def test_a_price_that_cannot_be_stays_in_its_field(client, farmer, typed):
    listing = make_listing(farmer, price_fen=5000)
    for headers in ({}, {"HX-Request": "true"}):
        response = client.post(page("listing_price", listing.pk), {"price": typed}, headers=headers)
        assert response.status_code == 422
        assert f'value="{typed}"' in response.content.decode()
        assert response.context["price_form"].errors
    listing.refresh_from_db()
    assert listing.price_fen == 5000


def test_stock_is_set_in_place_and_a_wrong_number_stays_in_its_field(client, farmer):
    lot = make_lot(make_listing(farmer, packs=None), 20, sold=5)
    for headers in ({}, {"HX-Request": "true"}):
        wrong = client.post(page("lot_stock", lot.pk), {"left": "-4"}, headers=headers)
        assert wrong.status_code == 422
        assert 'value="-4"' in wrong.content.decode()
    lot.refresh_from_db()
    assert lot.left == 15

    alone = client.post(page("lot_stock", lot.pk), {"left": "７"}, headers={"HX-Request": "true"})
    assert alone.status_code == 200
    assert b"<html" not in alone.content
    plain = client.post(page("lot_stock", lot.pk), {"left": "0", "from": "home"})
    assert plain.url == reverse("orders:farmer_home")
    lot.refresh_from_db()
    assert (lot.left, lot.sold) == (0, 5)


def test_a_new_harvest_a_presale_picked_and_closed(client, farmer):
    listing = make_listing(farmer, packs=None)
    soon = timezone.localdate() + timedelta(days=3)

    client.post(
        page("lot_create", listing.pk),
        {"packs": "50", "when": "later", "expected_from": soon, "expected_until": soon, "grade": "SPECIAL"},
    )
    lot = listing.lots.get()
    assert (lot.left, lot.is_presale, lot.grade) == (50, True, "SPECIAL")
    assert client.post(page("lot_picked", lot.pk), {"picked_on": soon}).status_code == 422
    client.post(page("lot_picked", lot.pk), {"picked_on": timezone.localdate()})
    client.post(page("lot_close", lot.pk))

    lot.refresh_from_db()
    assert lot.picked_on == timezone.localdate()
    assert lot.closed_at
    assert client.get(page("listing_edit", listing.pk)).status_code == 200


def test_pause_resume_and_repeat(client, farmer):
    listing = make_listing(farmer)
    client.post(page("listing_pause", listing.pk))
    assert not Listing.objects.shown().exists()
    client.post(page("listing_resume", listing.pk))
    assert Listing.objects.shown().exists()

    repeated = client.post(page("listing_repeat", listing.pk))

    newest = Listing.objects.latest("pk")
    assert newest != listing
    assert repeated.url == page("sell_pack", newest.pk)


def test_what_came_back_is_changed_and_sent_again(client, farmer):
    revision = submit(farmer)
    decide(revision, make_moderator(), Verdict.ASK_CHANGE)
    home = client.get(reverse("orders:farmer_home")).content.decode()
    assert "照片太暗" in home

    assert client.post(page("sell_change", revision.listing_id)).url == page("sell_photos", revision.listing_id)
    for step in ("sell_photos", "sell_pack", "sell_harvest", "sell_check"):
        assert client.get(page(step, revision.listing_id)).status_code == 200
    assert client.post(page("sell_check", revision.listing_id)).status_code == 302

    assert revision.listing.revisions.get(status=Status.WAITING).number == 2


def test_an_approved_listing_is_edited_in_two_steps_without_its_pack(client, farmer):
    listing = make_listing(farmer)
    client.post(page("sell_change", listing.pk))
    assert listing.cover is not None
    kept = {"produce": listing.produce_id, "photo": [listing.cover.key]}

    one = client.post(page("sell_photos", listing.pk), kept)
    assert one.url == page("sell_harvest", listing.pk)
    assert client.get(page("sell_pack", listing.pk)).url == page("sell_harvest", listing.pk)
    two = client.post(one.url, {"origin": "别处", "keeps_days": "9", "words": "新的话。"})
    client.post(two.url)

    assert listing.revisions.get(status=Status.WAITING).words == "新的话。"
    shown = Client().get(page("listing_detail", listing.pk)).content.decode()
    assert "新的话" not in shown


def test_a_step_of_a_listing_without_a_draft_leads_to_its_page(client, farmer):
    listing = make_listing(farmer)
    for step in ("sell_photos", "sell_pack", "sell_harvest", "sell_check"):
        assert client.get(page(step, listing.pk)).url == page("listing_edit", listing.pk)


def test_a_story_is_proposed_and_waits(client, farmer):
    response = client.post(page("storefront_edit"), {"story": "我们种了三十年。", "photos": photo_file()})
    assert response.status_code == 302
    shop = Storefront.objects.get()
    assert (shop.story, shop.proposed_story) == ("", "我们种了三十年。")
    assert shop.proposed_photo
    assert "我们种了三十年" not in Client().get(page("storefront_detail", shop.slug)).content.decode()

    too_long = client.post(page("storefront_edit"), {"story": "长" * 2001})
    assert too_long.status_code == 422
    assert client.get(page("storefront_edit")).status_code == 200


def test_no_page_asks_more_queries_when_there_is_more_to_show(client, farmer, django_assert_max_num_queries):
    def fill() -> None:
        for _ in range(3):
            edit(make_listing(farmer), farmer)
            make_draft(farmer)

    def count(where: str) -> int:
        with django_assert_max_num_queries(22) as counted:
            assert client.get(where).status_code == 200
        return len(counted)

    fill()
    wheres = [page("listing_list"), reverse("orders:farmer_home"), page("sell_start")]
    before = [count(where) for where in wheres]
    fill()

    assert [count(where) for where in wheres] == before


def test_all_listings_are_there_page_by_page(client, farmer, monkeypatch):
    monkeypatch.setattr(selling, "PAGE_SIZE", 2)
    made = [make_listing(farmer).pk for _ in range(5)]
    seen: list[int] = []
    where = page("listing_list")
    while where:
        response = client.get(where)
        seen += [own.listing.pk for own in response.context["own"]]
        more = response.context["next_page"]
        where = page("listing_list") + more if more else ""

    assert seen == made[::-1]
