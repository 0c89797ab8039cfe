"""A typo finds what was meant, and says so: in Chinese, by sound, in pinyin and in English."""

import pytest
from django.db import connection

from accounts.models import Farmer
from marketplace.models import Spelling
from marketplace.queries.vocabulary import corrected
from marketplace.services.search import index_all
from marketplace.services.vocabulary import refresh_vocabulary
from marketplace.spelling import apart, keys, sound, unlikeness, ways
from tests.make import NOON, make_county, make_farmer, make_listing, make_produce

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def shelf(db) -> dict[str, int]:
    """Oranges of Xunwu, passion fruit of a cooperative of Congjiang."""
    congjiang = make_county(
        "guizhou-congjiang", name_zh="从江县", name_en="Congjiang County", short_zh="从江", short_en="Congjiang"
    )
    passion = make_produce("passion-fruit", name_zh="百香果", name_en="Passion fruit")
    make_produce("tangerine", name_zh="蜜桔、椪柑", name_en="Tangerine and ponkan")
    found = {
        "orange": make_listing(make_farmer("陈桂兰家")).pk,
        "passion": make_listing(make_farmer("吴水妹合作社", county=congjiang), produce=passion).pk,
    }
    index_all()
    refresh_vocabulary(NOON)
    return found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("百香国", "百香果"), ("白香果", "百香果"), ("百果", "百香果"), ("百香香果", "百香果"),
        ("baixianguo", "百香果"), ("bai xian guo", "百香果"), ("baixaingguo", "百香果"),
        ("passoin fruit", "Passion fruit"), ("pasionfruit", "Passion fruit"), ("navel orrange", "Navel orange"),
        ("期橙", "脐橙"), ("寻乌百香国", "寻乌 百香果"), ("寻污脐橙", "寻乌 脐橙"), ("xunwu baixianguo", "寻乌 百香果"),
        ("congjang county", "Congjiang County"), ("陈贵兰家", "陈桂兰家"), ("chenguilanjai", "陈桂兰家"),
    ],
)  # fmt: skip
def test_what_was_meant_is_known(shelf, typed, meant):
    correction = corrected(typed)

    assert correction is not None
    assert correction.text == meant


@pytest.mark.parametrize(
    "typed", ["百香果", "baixiangguo", "寻乌脐橙", "bxg", "榴莲", "durian", "", "。", "5kg", "\0", "'"]
)
def test_what_is_right_or_resembles_nothing_stays_as_it_is(shelf, typed):
    assert corrected(typed) is None


def test_a_correction_is_one_query(shelf, django_assert_num_queries):
    with django_assert_num_queries(1):
        corrected("寻乌百香国 pasion frut baixianguo")


def test_the_page_shows_what_was_meant_says_so_and_offers_the_way_back(client, shelf):
    response = client.get("/search/?q=百香国", headers=EN)
    page = response.content.decode()

    assert [listing.pk for listing in response.context["listings"]] == [shelf["passion"]]
    assert "Showing what there is for <b>百香果</b>" in page
    assert 'href="/search/?q=%E7%99%BE%E9%A6%99%E5%9B%BD&amp;exact=1"' in page
    exact = client.get("/search/?q=百香国&exact=1", headers=EN)
    assert list(exact.context["listings"]) == []
    assert "Nothing found for “百香国”" in exact.content.decode()


def test_a_correction_that_finds_nothing_is_not_made(client, shelf):
    response = client.get("/search/?q=ponkam", headers=EN)

    assert response.context["correction"] is None
    assert "Nothing found for “ponkam”" in response.content.decode()


@pytest.mark.parametrize("status", [Farmer.Status.WAITING, Farmer.Status.REFUSED, Farmer.Status.SUSPENDED])
def test_nobody_is_corrected_to_a_farmer_who_may_not_be_shown(shelf, status):
    Farmer.objects.filter(name="陈桂兰家").update(status=status)

    assert corrected("陈贵兰家") is None


def test_nor_to_a_name_they_no_longer_have(shelf):
    Farmer.objects.filter(name="陈桂兰家").update(name="别的名字")
    assert corrected("陈贵兰家") is None

    refresh_vocabulary(NOON)
    assert corrected("别的名子").text == "别的名字"


def test_misspellings_are_found_by_an_index(shelf):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "spelling_nearly" in Spelling.objects.filter(keys__overlap=keys("百香国")).explain()


def test_refreshing_twice_changes_nothing(shelf):
    before = set(Spelling.objects.values_list("pk", "text", "weight"))

    refresh_vocabulary(NOON)

    assert set(Spelling.objects.values_list("pk", "text", "weight")) == before
    assert Spelling.objects.get(text="百香果").weight == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("orange", "orange", 0), ("orrange", "orange", 1), ("ornage", "orange", 1), ("rang", "orange", 2), ("", "ab", 2)],
)
def test_distance_counts_a_swap_as_one(one, other, expected):
    assert apart(one, other) == apart(other, one) == expected


@pytest.mark.parametrize(
    ("typed", "text"), [("黄桃", "樱桃"), ("tea", "pea"), ("bxg", "bxq"), ("百香果", "baixiangguo")]
)
def test_short_words_that_differ_are_different_words(typed, text):
    assert unlikeness(typed, text) is None


def test_names_are_typed_in_many_ways():
    assert {way.text for way in ways("百香果", "Passion fruit")} == {
        "百香果", "baixiangguo", "bxg", "passionfruit",
    }  # fmt: skip
    assert {way.name for way in ways("蜜桔、椪柑", "Tangerine and ponkan")} == {"蜜桔", "椪柑", "Tangerine", "ponkan"}
    assert sound("baixianguo") == sound("baixiangguo") == sound("白香国")
