"""The public pages: what they show, how many queries they take, how much they weigh."""

from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import County, Farmer
from marketplace.models import Listing, Photo, RevisionPhoto
from marketplace.services.produce import load_produce
from tests.make import make_county, make_farmer, make_listing, make_lot, make_photo, make_produce

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


def text(client, address: str, **headers: str) -> str:
    response = client.get(address, headers=EN | headers)
    assert response.status_code == 200, address
    return response.content.decode()


# --- Home --------------------------------------------------------------------------------------------------------


def test_home_counts_only_what_is_stored(client):
    listing = make_listing(packs=None)
    make_lot(listing, 20, sold=7)
    make_listing(status=Listing.Status.PAUSED)
    make_farmer(status=Farmer.Status.WAITING)

    figures = client.get("/").context["figures"]

    assert (figures.counties, figures.farmers, figures.packs_sold) == (1, 2, 7)


def test_an_empty_shop_shows_no_figures_and_says_what_to_do(client):
    page = text(client, "/")

    assert 'class="figures"' not in page
    assert "The shelves are being filled" in page


def test_home_has_shelves_for_what_is_fresh_coming_and_led_by_women(client):
    fresh = make_listing()
    presale = make_listing(packs=None)
    make_lot(presale, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))
    women = make_listing(make_farmer(women_led=True))
    sold_out = make_listing(packs=0)

    context = client.get("/").context

    assert {listing.pk for listing in context["fresh"]} == {fresh.pk, women.pk}
    assert [listing.pk for listing in context["presale"]] == [presale.pk]
    assert [listing.pk for listing in context["women_led"]] == [women.pk]
    assert sold_out not in context["fresh"]
    assert [(county.slug, county.offers) for county in context["counties"]] == [("jiangxi-xunwu", 3)]


# --- Cards -------------------------------------------------------------------------------------------------------


def test_a_card_shows_what_one_decides_by(client):
    make_listing(make_farmer("Chen Guilan", women_led=True), live_since=timezone.now())

    page = text(client, "/produce/")

    for part in (
        "Navel orange · 5 kg",
        "Chen Guilan",
        "Xunwu County, Jiangxi",
        "¥49.80",
        "¥9.96/kg",
        "Women-led",
        "New",
    ):
        assert part in page
    assert "srcset=" in page


def test_a_card_without_a_photo_shows_the_drawing_of_its_produce(client):
    load_produce()
    listing = make_listing()
    Photo.objects.filter(pk=listing.cover_id).update(status=Photo.Status.WAITING, public_at=None)

    page = text(client, "/produce/")

    assert "pictures/1f34a.webp" in page
    assert str(listing.cover.key) not in page


@pytest.mark.parametrize(("packs", "tag"), [(0, "Sold out"), (None, "Sold out")])
def test_a_card_says_sold_out(client, packs, tag):
    make_listing(packs=packs)

    assert tag in text(client, "/counties/jiangxi-xunwu/")
    assert "Nothing of this is on sale just now" in text(client, "/produce/navel-orange/")


def test_chinese_pages_price_by_the_jin(client):
    make_listing()

    page = client.get("/produce/", headers={"accept-language": "zh-CN"}).content.decode()

    assert "脐橙 · 5 公斤" in page
    assert "¥4.98/斤" in page


# --- Listing -----------------------------------------------------------------------------------------------------


def test_a_listings_page_says_everything(client):
    listing = make_listing(make_farmer("Chen Guilan", town="长宁镇", women_led=True), packs=186)

    page = text(client, f"/listings/{listing.pk}/")

    for part in (
        "<h1>Navel orange · 5 kg</h1>", "皮薄汁多，早上摘下午发。", "¥49.80", "¥4.98 per 500 g · ¥9.96 per kg", "10 jin = 5 kg",
        "186 boxes left", "Picked on 22 November", "first grade", "45 days", "长宁镇", "Xunwu County, Jiangxi", "Women-led",
        f'action="/cart/add/{listing.pk}/"', f"/trace/{listing.lots.get().trace_code}/", "Buy now", "Add to cart",
    ):  # fmt: skip
        assert part in page, part


def test_only_approved_photos_in_their_order_are_shown(client):
    listing = make_listing()
    second = make_photo(listing.farmer.user)
    RevisionPhoto.objects.create(revision=listing.approved_revision, photo=second, position=1)
    stranger = make_photo(listing.farmer.user)

    page = text(client, f"/listings/{listing.pk}/")

    assert page.index(str(listing.cover.key)) < page.index(str(second.key))
    assert str(stranger.key) not in page
    assert 'id="photo-2"' in page


@pytest.mark.parametrize("storage", ["", "https://photos.example"])
def test_a_page_shared_elsewhere_brings_its_photo_along(client, settings, monkeypatch, storage):
    listing = make_listing()
    address = listing.cover.large
    monkeypatch.setattr(Photo, "large", property(lambda photo: storage + address))

    page = text(client, f"/listings/{listing.pk}/")

    assert f'<meta property="og:image" content="{storage or "http://testserver"}{address}">' in page


def test_several_lots_are_shown_each_with_its_date_and_what_is_left(client):
    listing = make_listing(packs=3)
    make_lot(listing, 50, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))

    page = text(client, f"/listings/{listing.pk}/")

    for part in ("53 boxes left", "3 boxes left", "50 boxes left", "To be picked between 1 December and 9 December"):
        assert part in page
    assert 'max="53"' in page


def test_presale_says_when_it_will_be_picked(client):
    listing = make_listing(packs=None)
    make_lot(listing, expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))

    page = text(client, f"/listings/{listing.pk}/")

    assert "Presale: picked between 1 December and 9 December, posted after that." in page
    assert "Buy now" in page


def test_held_packs_are_not_offered(client):
    listing = make_listing(packs=None)
    make_lot(listing, 20, held=5, sold=8)

    assert "7 boxes left" in text(client, f"/listings/{listing.pk}/")


@pytest.mark.parametrize(
    ("packs", "status", "words"),
    [(0, Listing.Status.LIVE, "Sold out."), (20, Listing.Status.PAUSED, "Paused for now.")],
)
def test_what_cannot_be_bought_says_so_and_has_no_button(client, packs, status, words):
    listing = make_listing(packs=packs, status=status)
    other = make_listing()

    page = text(client, f"/listings/{listing.pk}/")

    assert words in page
    assert "/cart/add/" not in page
    assert f"/listings/{other.pk}/" in page


def test_a_farmers_words_cannot_become_markup(client):
    listing = make_listing(make_farmer("<b>Chen</b>"), words="<script>alert(1)</script>")

    for address in (f"/listings/{listing.pk}/", "/produce/", f"/farms/{listing.farmer.storefront.slug}/"):
        page = text(client, address)
        assert "<script>alert" not in page
        assert "<b>Chen" not in page


# --- Storefront ----------------------------------------------------------------------------------------------------


def test_a_storefront_tells_who_they_are_and_all_they_offer(client):
    farmer = make_farmer("Chen Guilan", women_led=True, town="长宁镇")
    farmer.storefront.story, farmer.storefront.rating_sum, farmer.storefront.rating_count = "我们种橙子。", 14, 3
    farmer.storefront.save()
    listing, gone = make_listing(farmer), make_listing(farmer, packs=0)
    stranger = make_listing()

    page = text(client, f"/farms/{farmer.storefront.slug}/")

    for part in ("Chen Guilan", "长宁镇", "Xunwu County, Jiangxi", "household", "Women-led", "我们种橙子。", "4.7",
                 "from 3 reviews", "Here since October 2026", f"/listings/{listing.pk}/", f"/listings/{gone.pk}/"):  # fmt: skip
        assert part in page, part
    assert f"/listings/{stranger.pk}/" not in page


def test_a_storefront_between_harvests_says_so(client):
    assert "Nothing is on sale here just now" in text(client, f"/farms/{make_farmer().storefront.slug}/")


# --- Produce and search --------------------------------------------------------------------------------------------


def test_a_group_holds_its_kinds_and_a_kind_only_its_own(client):
    orange = make_listing()
    mango = make_listing(produce=make_produce("mango", name_zh="芒果", name_en="Mango"))

    group, kind = client.get("/produce/fruit/"), client.get("/produce/mango/")

    assert {listing.pk for listing in group.context["listings"]} == {orange.pk, mango.pk}
    assert [listing.pk for listing in kind.context["listings"]] == [mango.pk]
    assert {produce.slug for produce in kind.context["kinds"]} == {"navel-orange", "mango"}


def test_a_kind_tells_its_season(client):
    load_produce()

    assert "Usually picked: November to February. Keeps about 45 days." in text(client, "/produce/navel-orange/")
    assert "Usually picked: all year round." in text(client, "/produce/banana/")


def test_a_search_without_results_says_what_to_do(client):
    make_listing()

    page = text(client, "/search/?q=durian")

    for part in (
        "Nothing found for “durian”",
        "another way to write it",
        "/produce/fruit/",
        "/counties/jiangxi-xunwu/",
    ):
        assert part in page


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("荔枝", "/produce/lychee/"), ("lizhi", "/produce/lychee/"), ("lychees", "/produce/lychee/"),
        ("ponkan", "/produce/tangerine/"), ("passion fruits", "/produce/passion-fruit/"),
        ("寻乌脐橙", "/counties/jiangxi-xunwu/"), ("寻乌县", "/counties/jiangxi-xunwu/"),
        ("xunwu lychee", "/counties/jiangxi-xunwu/"), ("Xunwu", "/counties/jiangxi-xunwu/"),
    ],
)  # fmt: skip
def test_search_leads_to_the_page_that_was_named_even_with_nothing_on_sale(client, typed, address):
    load_produce()
    make_county()

    nav = text(client, f"/search/?q={typed}").partition('id="finder"')[0].partition("<h1")[2]

    assert f'href="{address}"' in nav


# --- Counties ------------------------------------------------------------------------------------------------------


def test_all_832_counties_are_listed_and_have_pages(client):
    call_command("load_places", verbosity=0)
    counties = list(County.objects.select_related("province"))

    page = client.get("/counties/")

    assert len(counties) == 832
    assert sum(len(places) for _province, places in page.context["provinces"]) == 832
    html = page.content.decode()
    assert all(f'href="/counties/{county.slug}/"' in html for county in counties)
    for county in counties[::40]:
        response = client.get(f"/counties/{county.slug}/")
        assert response.status_code == 200, county.slug
        assert county.name_zh in response.content.decode()


def test_a_county_with_sellers_shows_what_and_who(client):
    farmer = make_farmer("Chen Guilan")
    listing = make_listing(farmer)

    page = text(client, "/counties/jiangxi-xunwu/")

    for part in (f"/listings/{listing.pk}/", "Chen Guilan", "Ganzhou City, Jiangxi", "2019", "寻乌县"):
        assert part in page
    assert "Xunwu County <b>1</b>" in text(client, "/counties/")


def test_a_county_without_sellers_says_how_to_join_and_where_to_look(client):
    make_listing()
    make_county("jiangxi-other", name_en="Other County", name_zh="别县")

    page = text(client, "/counties/jiangxi-other/")

    assert "Nobody from here sells on Chushan yet" in page
    assert 'href="/counties/jiangxi-xunwu/"' in page
    assert "/sell/join/" in page
