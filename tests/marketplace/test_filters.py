"""Filters and sorts stand in the address, come back from it, and bear any nonsense."""

from datetime import date, timedelta
from itertools import cycle
from urllib.parse import parse_qs, urlsplit

import pytest

from marketplace.models import Listing
from marketplace.queries.shelves import PAGE_SIZE, Wanted, cards, page_of
from marketplace.services.search import index_all
from tests.make import NOON, make_county, make_farmer, make_listing, make_lot, make_produce, make_region

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(db) -> dict[str, Listing]:
    """Five offers: cheap and dear, picked and not, sold out, of women, of Guizhou."""
    guizhou = make_county(
        "guizhou-congjiang", name_zh="从江县", province=make_region("520000", "贵州省", "Guizhou", "PROVINCE")
    )
    women = make_farmer(women_led=True)
    tea = make_produce("green-tea", name_zh="绿茶", name_en="Green tea")
    found = {
        "old": make_listing(packs=None, live_since=NOON - timedelta(days=9), price_fen=1000, pack_grams=5000),
        "dear": make_listing(women, produce=tea, price_fen=12800, pack_grams=250, live_since=NOON - timedelta(days=8)),
        "guizhou": make_listing(make_farmer(county=guizhou), packs=None, live_since=NOON - timedelta(days=7)),
        "presale": make_listing(packs=None, live_since=NOON - timedelta(days=6), rating_sum=500, rating_count=100),
        "gone": make_listing(packs=None, live_since=NOON - timedelta(days=5), rating_sum=5, rating_count=1),
    }
    make_lot(found["old"], picked_on=date(2026, 11, 1))
    make_lot(found["guizhou"], picked_on=date(2026, 11, 23))
    make_lot(found["presale"], expected_from=date(2026, 12, 1), expected_until=date(2026, 12, 9))
    make_lot(found["gone"], sold=20)
    index_all()
    return found


def names(shelf: dict[str, Listing], response) -> list[str]:
    by_pk = {listing.pk: name for name, listing in shelf.items()}
    return [by_pk[listing.pk] for listing in response.context["listings"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["presale", "guizhou", "dear", "old"]),
        ("stock=all", ["gone", "presale", "guizhou", "dear", "old"]),
        ("stock=now", ["guizhou", "dear", "old"]),
        ("stock=presale", ["presale"]),
        ("province=520000", ["guizhou"]),
        ("province=520000&county=guizhou-congjiang", ["guizhou"]),
        ("county=jiangxi-xunwu", ["presale", "dear", "old"]),
        ("women=on", ["dear"]),
        ("price_to=5", ["old"]),
        ("price_from=500", ["dear"]),
        ("price_from=2&price_to=9.96", ["presale", "guizhou", "old"]),
        ("sort=price", ["old", "presale", "guizhou", "dear"]),
        ("sort=fresh", ["guizhou", "dear", "old", "presale"]),
        ("sort=rating&stock=all", ["presale", "gone", "guizhou", "dear", "old"]),
        ("province=520000&women=on", []),
        ("produce=green-tea", ["dear"]),
        ("produce=fruit&stock=now", ["guizhou", "dear", "old"]),
        ("produce=nothing", ["presale", "guizhou", "dear", "old"]),
    ],
)
def test_each_filter_and_sort_gives_what_it_says(client, shelf, query, expected):
    assert names(shelf, client.get(f"/produce/?{query}")) == expected


def test_the_form_shows_what_stands_in_the_address(client, shelf):
    form = client.get("/produce/?province=520000&stock=now&women=on&price_from=1&price_to=9&sort=price").context["form"]

    values = {name: form[name].value() for name in form.fields}
    assert values == {
        "produce": None, "near": None, "province": "520000", "county": None, "stock": "now", "women": True,
        "price_from": "1", "price_to": "9", "sort": "price",
    }  # fmt: skip


def test_every_chip_takes_away_its_own_filter_and_keeps_the_others(client, shelf):
    response = client.get("/produce/?province=520000&women=on&price_to=90&sort=price&after=1.2")

    left = [parse_qs(urlsplit(address).query).keys() for _label, address in response.context["active_filters"]]
    assert left == [{"women", "price_to", "sort"}, {"province", "price_to", "sort"}, {"province", "women", "sort"}]


def test_search_keeps_its_words_beside_the_filters(client, shelf):
    response = client.get("/search/?q=绿茶&women=on")

    assert names(shelf, response) == ["dear"]
    assert 'name="q" value="绿茶"' in response.content.decode()


def test_a_price_that_cannot_be_read_is_said_beside_its_field_and_kept(client, shelf):
    response = client.get("/produce/?price_from=cheap&women=on", headers={"accept-language": "en"})
    page = response.content.decode()

    assert 'value="cheap"' in page
    assert "Please type an amount such as 49.80." in page
    assert 'aria-invalid="true"' in page
    assert names(shelf, response) == ["dear"]


def test_prices_the_wrong_way_round_are_said(client, shelf):
    page = client.get("/produce/?price_from=9&price_to=2", headers={"accept-language": "en"}).content.decode()

    assert "This is less than the lower price." in page


@pytest.mark.parametrize("sort", ["new", "fresh", "price", "rating"])
def test_pages_hold_each_listing_once_in_any_order(sort):
    farmer = make_farmer()
    for number in range(13):
        make_listing(farmer, price_fen=1000 + number % 3, live_since=NOON - timedelta(hours=number % 4), rating_count=0)

    seen: list[int] = []
    after = ""
    while True:
        page = page_of(cards(), Wanted(sort=sort, after=after), size=3)
        seen += [listing.pk for listing in page.listings]
        if not (after := page.after):
            break

    whole = [listing.pk for listing in page_of(cards(), Wanted(sort=sort), size=50).listings]
    assert seen == whole
    assert len(seen) == 13


def test_search_results_come_in_pages_too(client):
    farmer = make_farmer()
    for _ in range(PAGE_SIZE + 2):
        make_listing(farmer)
    index_all()

    first = client.get("/search/?q=脐橙")
    second = client.get(f"/search/{first.context['next_page']}")

    assert len(first.context["listings"]) == PAGE_SIZE
    assert len(second.context["listings"]) == 2
    assert second.context["next_page"] == ""
    assert second.context["first_page"] == "?q=%E8%84%90%E6%A9%99"


NONSENSE = [
    "after=garbage", "after=1", "after=.", "after=1.1.1", "after=99999999999999999999.1", "after=-1.1",
    "after=1.99999999999999999999", "after=" + "9" * 5000, "after=٣.٣", "after=%00", "sort=", "sort=drop+table", "sort=%00",
    "stock=%00", "stock=x", "province=%00", "province=x", "province=" + "9" * 5000, "county=%00", "county=x", "county='",
    "women=%00", "women=x", "price_from=abc", "price_from=%00", "price_from=-1", "price_to=NaN", "price_to=Infinity",
    "price_to=1e999", "price_to=99999999999", "price_from=%FF%FE", "q=%00", "q=%FF", "q='|&!:*", "q=" + "a" * 9000,
    "province=1&province=2", "%00=1", "=", "&&&", "q=%F0%9F%8D%8A", "q=%ED%A0%80",
]  # fmt: skip
PAGES = ["/", "/produce/", "/produce/navel-orange/", "/search/", "/counties/jiangxi-xunwu/", "/farms/{slug}/"]


@pytest.mark.parametrize("address", PAGES)
def test_no_query_string_breaks_a_page(client, shelf, address):
    address = address.format(slug=shelf["old"].farmer.storefront.slug)
    sorts = cycle(["&sort=fresh", "&sort=price", "&sort=rating", "&sort=new", ""])
    for query, sort in zip(NONSENSE, sorts, strict=False):
        assert client.get(f"{address}?{query}{sort}").status_code == 200, query[:60]


@pytest.mark.parametrize("sort", ["new", "fresh", "price", "rating", "relevance"])
@pytest.mark.parametrize(
    "after", ["garbage", "1", "-1.1", "99999999999999999999.1", "9223372036854775807.1", "0.1", "٣.٣"]
)
def test_no_cursor_breaks_an_order(client, shelf, sort, after):
    for query in ("", "&q=脐橙"):
        assert client.get(f"/search/?sort={sort}&after={after}{query}").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/produce/nothing/", "/counties/nothing/", "/farms/nothing/", "/listings/999999999999999999999/", "/listings/0/",
     "/trace/NOTHING/", "/trace/NOTHING/qr.svg", "/sitemap-nothing.xml"],
)  # fmt: skip
def test_what_does_not_exist_is_404(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/", "/produce/", "/counties/", "/search/", "/robots.txt"])
def test_public_pages_only_read(client, address):
    assert client.post(address).status_code == 405


def test_htmx_gets_the_list_alone_and_the_next_cards_alone(client, shelf):
    whole = client.get("/produce/").content.decode()
    part = client.get("/produce/", headers={"hx-request": "true", "hx-target": "finder"}).content.decode()
    more = client.get("/produce/", headers={"hx-request": "true", "hx-target": "more"}).content.decode()
    back = client.get(
        "/produce/", headers={"hx-request": "true", "hx-target": "finder", "hx-history-restore-request": "true"}
    ).content.decode()

    assert "<html" in whole
    assert part.lstrip().startswith('<div id="finder"')
    assert more.lstrip().startswith("<li>")
    assert "<html" in back


def test_htmx_puts_an_address_without_empty_fields_into_the_bar(client, shelf):
    response = client.get(
        "/search/?q=茶&sort=price&stock=&province=&price_to=", headers={"hx-request": "true", "hx-target": "finder"}
    )

    assert response["HX-Push-Url"] == "/search/?q=%E8%8C%B6&sort=price"
