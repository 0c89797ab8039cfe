"""Suggestions while typing: produce, places, farms and what many have looked for; never what may not be shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import translation

from accounts.models import Farmer
from marketplace.models import Listing, SearchDay, Spelling
from marketplace.queries.vocabulary import suggest
from marketplace.services.vocabulary import forget_old_searches, kept_query, record_search, refresh_vocabulary
from tests.make import NOON, make_county, make_farmer, make_listing, make_produce

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def shelf(db) -> Listing:
    make_produce("mango", name_zh="芒果", name_en="Mango")
    make_county("yunnan-yuanyang", name_zh="元阳县", name_en="Yuanyang County", short_zh="元阳", short_en="Yuanyang")
    listing = make_listing(make_farmer("陈桂兰家"))
    refresh_vocabulary(NOON)
    return listing


def labels(text: str) -> list[str]:
    with translation.override("zh-hans"):
        return [one.label for one in suggest(text)]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("脐", "脐橙"), ("qi", "脐橙"), ("qicheng", "脐橙"), ("qc", "脐橙"), ("nav", "脐橙"), ("寻", "江西省寻乌县"),
        ("xunw", "江西省寻乌县"), ("江西", "江西省"), ("陈桂", "陈桂兰家"), ("chengui", "陈桂兰家"), ("期橙", "脐橙"),
        ("寻乌 脐", "寻乌 脐橙"), ("mang", "芒果"),
    ],
)  # fmt: skip
def test_a_beginning_brings_the_name(shelf, typed, label):
    assert label in labels(typed)


def test_a_place_or_farm_leads_to_its_page_and_produce_to_a_search(client, shelf):
    page = client.get("/search/suggest/?q=x", headers=EN).content.decode()
    assert 'data-href="/counties/jiangxi-xunwu/"' in page
    page = client.get("/search/suggest/?q=陈桂", headers=EN).content.decode()
    assert f'data-href="/farms/{shelf.farmer.storefront.slug}/"' in page
    page = client.get("/search/suggest/?q=脐", headers=EN).content.decode()
    assert 'data-href="/search/?q=Navel%20orange"' in page
    assert "1 offer" in page
    assert "not on sale just now" in client.get("/search/suggest/?q=man", headers=EN).content.decode()


def test_places_that_sell_nothing_are_not_suggested(shelf):
    assert labels("yuany") == []


@pytest.mark.parametrize("status", [Farmer.Status.WAITING, Farmer.Status.REFUSED, Farmer.Status.SUSPENDED])
def test_a_farmer_who_may_not_be_shown_is_not_named(client, shelf, status):
    Farmer.objects.filter(pk=shelf.farmer_id).update(status=status)

    for typed in ("陈", "陈桂", "陈桂兰家", "chenguilan", "cglj"):
        assert "陈桂兰" not in client.get(f"/search/suggest/?q={typed}").content.decode()


def test_a_farmer_without_anything_approved_is_not_named(db):
    farmer = make_farmer("陈桂兰家")
    make_listing(farmer, status=Listing.Status.PAUSED)
    refresh_vocabulary(NOON)

    assert labels("陈桂") == []


@pytest.mark.parametrize("typed", ["脐", "qi", "zzzz", "寻乌 脐橙 好", "", "\0", "%", "_", "a" * 500, "'|&"])
def test_it_costs_two_queries_at_most_and_bears_anything(shelf, django_assert_max_num_queries, typed):
    with django_assert_max_num_queries(2):
        suggest(typed)


def test_beginnings_are_found_by_an_index(shelf):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "spelling_beginning" in Spelling.objects.filter(text__startswith="qi").explain()


# --- What was looked for ---------------------------------------------------------------------------------------------


def test_a_search_is_counted_by_day_with_what_it_found(client, shelf):
    for _ in range(2):
        client.get("/search/?q=榴莲")
    client.get("/search/?q=芒 果&after=1.1")

    assert list(SearchDay.objects.values_list("day", "query", "times", "hits")) == [(NOON.date(), "榴莲", 2, 0)]


@pytest.mark.parametrize("typed", ["13800000000", "a@b.cn", "call 138 0000 0000", "字" * 41, "https://x.cn", "。"])
def test_what_may_be_somebodys_own_is_not_kept(typed):
    assert kept_query(typed) == ""


def search_often(query: str, hits: int = 3) -> None:
    for days in (0, 1, 2):
        for _ in range(2):
            record_search(typed=query, hits=hits, now=NOON - timedelta(days=days))


def test_a_search_that_many_made_and_that_found_something_is_suggested(shelf):
    search_often("寻乌脐橙")
    refresh_vocabulary(NOON)

    assert "寻乌脐橙" in labels("寻")


@pytest.mark.parametrize(("query", "hits"), [("寻乌脐橙", 0), ("陈桂兰家脐橙", 3), ("脐橙真难吃", 3)])
def test_one_that_found_nothing_or_holds_more_than_names_of_produce_and_places_is_not(shelf, query, hits):
    search_often(query, hits)
    refresh_vocabulary(NOON)

    assert query not in labels(query[:1])


def test_old_searches_are_forgotten(shelf):
    for days, times in [(1, 1), (40, 1), (40, 2), (500, 9)]:
        SearchDay.objects.create(
            day=(NOON - timedelta(days=days)).date(), query=f"q{days}-{times}", times=times, hits=0
        )

    forget_old_searches(NOON)

    assert set(SearchDay.objects.values_list("query", flat=True)) == {"q1-1", "q40-2"}
