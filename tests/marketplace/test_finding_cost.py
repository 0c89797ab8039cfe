"""What public pages cost: queries, weight, and how often they are sent."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache

from marketplace.services.produce import load_produce
from tests.make import NOON, make_county, make_farmer, make_listing, make_region
from tests.marketplace.shelves import fill_shelf

pytestmark = pytest.mark.django_db

# --- Queries and weight ----------------------------------------------------------------------------------------------

QUERIES = {
    "/": 18,  # three shelves
    "/produce/": 7,
    "/produce/fruit/": 8,
    "/produce/navel-orange/": 7,
    "/produce/?province=360000": 9,  # counts stand beside the filters now
    "/search/?q=脐橙": 12,  # and the count of what is looked for, in a transaction of its own
    "/counties/": 2,
    "/counties/county-0/": 6,
}


@pytest.mark.parametrize(("address", "count"), QUERIES.items())
@pytest.mark.parametrize("offers", [1, 12])
def test_a_page_takes_no_more_queries_with_many_offers_than_with_one(
    client, django_assert_max_num_queries, address, count, offers
):
    fill_shelf(offers)
    with django_assert_max_num_queries(count):
        client.get(address)


@pytest.mark.parametrize("offers", [1, 12])
def test_a_storefront_takes_five_queries(client, django_assert_num_queries, offers):
    farmer = make_farmer()
    for _ in range(offers):
        make_listing(farmer)
    with django_assert_num_queries(5):
        client.get(f"/farms/{farmer.storefront.slug}/")


@pytest.mark.parametrize("offers", [1, 12])
def test_a_listing_takes_twelve_queries_and_one_for_postage(client, django_assert_max_num_queries, offers):
    listing = fill_shelf(offers)[0]
    with django_assert_max_num_queries(13):
        client.get(f"/listings/{listing.pk}/")


def test_a_first_view_weighs_less_than_60_kb_without_photos(client):
    load_produce()
    listings = fill_shelf(30)
    shared = ["css/chushan.css", "js/chushan.js", "js/suggest.js", "vendor/htmx/htmx-2.0.11.min.js", "img/mark.svg"]
    own = ["css/finding.css", "css/orders.css"]
    files = sum(len(gzip.compress(Path(finders.find(name)).read_bytes(), 6)) for name in shared + own)

    for address in ("/", "/produce/", f"/listings/{listings[0].pk}/", "/search/?q=脐橙"):
        page = len(gzip.compress(client.get(address).content, 6))
        assert page + files < 60_000, f"{address}: {page} + {files}"


def test_the_page_of_all_counties_weighs_less_too(client):
    province = make_region("360000", "江西省", "Jiangxi", "PROVINCE")
    for number in range(832):
        make_county(f"jiangxi-county-{number}", province=province, name_zh=f"第{number}县")

    assert len(gzip.compress(client.get("/counties/").content, 6)) < 30_000


# --- Caching -------------------------------------------------------------------------------------------------------


def test_a_guests_page_may_be_shared_if_asked_for_anew_and_is_not_sent_twice(client):
    first = client.get("/produce/")

    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert {"Cookie", "Accept-Language", "HX-Request"} <= {part.strip() for part in first["Vary"].split(",")}
    again = client.get("/produce/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    make_listing()
    assert client.get("/produce/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_someone_signed_in_gets_a_page_of_their_own(client):
    client.force_login(make_farmer().user)

    response = client.get("/produce/")

    assert response["Cache-Control"] == "private, no-cache"
    assert "ETag" not in response


def test_a_page_with_prices_and_stock_to_buy_from_is_never_shared(client):
    response = client.get(f"/listings/{make_listing().pk}/")

    assert "public" not in response.get("Cache-Control", "")


# --- Crawlers ------------------------------------------------------------------------------------------------------


def test_robots_and_sitemaps_name_only_public_pages(client):
    listing = make_listing()

    robots = client.get("/robots.txt").content.decode()
    index = client.get("/sitemap.xml").content.decode()

    assert "Disallow: /moderation/" in robots
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in robots
    for section in ("pages", "listings", "farms", "counties", "produce"):
        assert f"/sitemap-{section}.xml" in index
        assert client.get(f"/sitemap-{section}.xml").status_code == 200
    assert f"/listings/{listing.pk}/" in client.get("/sitemap-listings.xml").content.decode()


def test_pages_answer_while_the_cache_is_down(client, monkeypatch):
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    for method in ("get", "set", "get_many", "set_many", "add"):
        monkeypatch.setattr(cache, method, down, raising=False)
    make_listing(live_since=NOON - timedelta(days=1))

    assert client.get("/").status_code == 200
