"""Counts beside the filters are right under the other filters, in one bounded statement; and what is nearest."""

import itertools

import pytest

from accounts.models import Farmer
from marketplace.models import Listing
from marketplace.queries import facets as facets_module
from marketplace.queries.distance import counties_from, kilometres, place_of
from marketplace.queries.facets import facets
from marketplace.queries.shelves import Stock, Wanted, cards, page_of
from marketplace.search import search_query
from marketplace.services.search import index_all
from tests.make import make_county, make_farmer, make_listing, make_lot, make_produce, make_region

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def shelf(db) -> dict[str, int]:
    """Twelve offers: two kinds, two provinces, women-led and not, now, presale and sold out."""
    guizhou = make_county(
        "guizhou-congjiang", name_zh="从江县", province=make_region("520000", "贵州省", "Guizhou", "PROVINCE"),
        latitude=25.75, longitude=108.9,
    )  # fmt: skip
    tea = make_produce("green-tea", name_zh="绿茶", name_en="Green tea")
    for county, women in itertools.product((make_county(), guizhou), (True, False)):
        farmer = make_farmer(county=county, women_led=women)
        make_listing(farmer)
        make_listing(farmer, produce=tea, packs=0)
        presale = make_listing(farmer, produce=tea, packs=None, price_fen=9900)
        make_lot(presale, expected_from="2026-12-01", expected_until="2026-12-09")
    make_listing(make_farmer(status=Farmer.Status.SUSPENDED))
    make_listing(status=Listing.Status.PAUSED)
    index_all()
    return {"tea": tea.pk, "orange": make_produce().pk, "here": make_county().pk, "there": guizhou.pk}


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(), Wanted(province="520000"), Wanted(women_led=True), Wanted(stock=Stock.PRESALE),
        Wanted(stock=Stock.SOLD_OUT_TOO, women_led=True), Wanted(province="360000", county="jiangxi-xunwu", stock=Stock.NOW),
        Wanted(max_fen_per_kg=1000), Wanted(query=search_query("绿茶")), Wanted(query=search_query("从江"), women_led=True),
    ],
    ids=str,
)  # fmt: skip
def test_every_count_is_what_choosing_it_would_give(shelf, wanted):
    def given(**changed) -> int:
        return len(page_of(cards(), Wanted(**{**wanted.__dict__, **changed}), 99).listings)

    counts = facets(cards(), wanted)

    assert counts.total == given()
    assert not counts.at_least
    for name in ("tea", "orange"):
        assert counts.produce.get(shelf[name], 0) == given(produce=(shelf[name],))
    for code in ("360000", "520000"):
        assert counts.provinces.get(code, 0) == given(province=code, county="")
    for pk, slug in ((shelf["here"], "jiangxi-xunwu"), (shelf["there"], "guizhou-congjiang")):
        assert counts.counties.get(pk, 0) == given(county=slug)
    assert counts.women_led == given(women_led=True)
    for name in (Stock.NOW, Stock.PRESALE, Stock.SOLD_OUT_TOO):
        assert counts.stock[name] == given(stock=name)


def test_counting_is_one_statement_and_stops_somewhere(shelf, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(facets_module, "MOST_COUNTED", 3)

    with django_assert_num_queries(1):
        counts = facets(cards(), Wanted())

    assert counts.at_least
    assert counts.total <= 4


def test_the_page_shows_the_counts(client, shelf):
    page = client.get("/search/?q=脐橙&women=on", headers=EN).content.decode()

    for part in (
        "2 offers",
        "Navel orange (2)",
        "Jiangxi (1)",
        "Guizhou (1)",
        "In stock now (2)",
        "Women-led only (2)",
    ):
        assert part in page
    assert "Green tea" not in page.partition("<main")[2]


# --- Nearest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("near", "first"), [("520000", "there"), ("440000", "here"), ("25.8,108.9", "there"), ("24.9,115.6", "here")]
)
def test_the_nearest_county_comes_first_and_says_how_far(client, shelf, near, first):
    response = client.get(f"/produce/?near={near}&sort=near", headers=EN)

    counties = [listing.county_id for listing in response.context["listings"]]
    assert counties == sorted(counties, key=lambda pk: pk != shelf[first])
    assert f"· {response.context['listings'][0].km} km" in response.content.decode()


def test_pages_by_distance_hold_each_listing_once(shelf):
    seen: list[int] = []
    after = ""
    while True:
        page = page_of(cards(), Wanted(sort="near", near="520000", after=after), 3)
        seen += [listing.pk for listing in page.listings]
        if not (after := page.after):
            break

    whole = [listing.pk for listing in page_of(cards(), Wanted(sort="near", near="520000"), 50).listings]
    assert seen == whole
    assert len(seen) == 8


def test_distance_is_in_kilometres():
    beijing, shanghai = place_of("110000"), place_of("310000")

    assert beijing
    assert shanghai
    assert 1060 < kilometres(beijing, shanghai) < 1075
    assert [place_of(text) for text in ("", "99,1", "1,999", "x", "24.96", "12.345,1")] == [None] * 6


def test_the_nearest_of_all_counties_is_first(shelf):
    assert next(iter(counties_from((25.7, 108.9)))) == shelf["there"]
