"""Search finds the same things in Chinese, pinyin and English, and is harmless on anything."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.models import Listing
from marketplace.queries.matching import Matches
from marketplace.queries.shelves import Wanted, cards, page_of
from marketplace.search import name_tokens, normalised, search_query, singular
from marketplace.services.search import index_all, index_listing
from tests.make import make_county, make_farmer, make_listing, make_produce, make_region

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    """The produce found for what was typed, best first."""
    page = page_of(cards(), Wanted(query=search_query(text)))
    return [listing.produce.slug for listing in page.listings]


@pytest.fixture
def shelf(db):
    """Navel oranges of Xunwu, and passion fruit and green tea of Congjiang."""
    guizhou = make_region("520000", "贵州省", "Guizhou", "PROVINCE")
    congjiang = make_county(
        "guizhou-congjiang",
        province=guizhou,
        code="522633",
        name_zh="从江县",
        name_en="Congjiang County",
        short_zh="从江",
        short_en="Congjiang",
        prefecture_zh="黔东南苗族侗族自治州",
        prefecture_en="Qiandongnan",
    )
    tea = make_produce("tea-drinks", name_zh="茶叶饮品", name_en="Tea and drinks")
    farmer = make_farmer("吴水妹合作社", county=congjiang)
    make_listing(make_farmer("陈桂兰家"), words="皮薄汁多，早上摘下午发。")
    make_listing(
        farmer, produce=make_produce("passion-fruit", name_zh="百香果", name_en="Passion fruit"), words="酸甜多汁"
    )
    make_listing(farmer, produce=make_produce("green-tea", name_zh="绿茶", name_en="Green tea", parent=tea), words="")
    index_all()


@pytest.mark.parametrize(
    "text",
    [
        "百香果", "百香", "香果", "baixiangguo", "bai xiang guo", "BaiXiangGuo", "bxg", "baixiang", "bai xiangguo",
        "bǎixiāngguǒ", "ｂａｉｘｉａｎｇｇｕｏ", "passion fruit", "Passion Fruits", "passionfruit", "passion", "passi",
        "甜的百香果", "从江百香果", "congjiang baixiangguo", "congjiangbaixiangguo", "passion fruit from Congjiang county",
        "百香果 5kg", "吴水妹百香果", "酸甜多汁",
    ],
)  # fmt: skip
def test_passion_fruit_is_found_however_it_is_typed(shelf, text):
    assert found(text) == ["passion-fruit"]


@pytest.mark.parametrize(
    "text",
    ["寻乌 脐橙", "寻乌脐橙", "xunwu orange", "xunwu oranges", "xunwuqicheng", "qc", "赣州脐橙", "江西 橙", "chenguilan"],
)  # fmt: skip
def test_oranges_are_found_by_county_produce_and_farmer_together(shelf, text):
    assert found(text) == ["navel-orange"]


@pytest.mark.parametrize("text", ["绿茶", "lvcha", "lucha", "lü cha", "green teas", "茶"])
def test_green_tea_is_found_with_either_spelling_of_its_vowel(shelf, text):
    assert found(text) == ["green-tea"]


@pytest.mark.parametrize("text", ["寻乌百香果", "congjiang orange", "榴莲", "durian"])
def test_all_words_must_fit(shelf, text):
    assert found(text) == []


def test_a_name_outranks_a_mention(shelf):
    make_listing(words="和百香果一起喝很好", produce=make_produce("honey-kind", name_zh="蜂蜜", name_en="Honey"))
    index_all()

    assert found("百香果") == ["passion-fruit", "honey-kind"]


@pytest.mark.parametrize(
    "text",
    ["\0", "a\0b", "' | 'x", "&&|!:*()<->", "\\", "x:*A", "%", "🍊", "。。。", "a" * 10_000, "百" * 10_000, "\ud800", "\u202e"],
)  # fmt: skip
def test_anything_typed_is_harmless(shelf, text):
    found(text)


def test_stored_words_cannot_break_the_index(db):
    listing = make_listing(make_farmer("O'Neil \\ 'x':1A"), words="it's \\ 100% 'quoted':* 好")

    index_all()

    listing.refresh_from_db()
    assert "'quoted'" in listing.search_vector


def test_indexing_one_listing_replaces_what_it_was_found_by(shelf):
    listing = Listing.objects.get(produce__slug="passion-fruit")
    listing.produce = make_produce("mango", name_zh="芒果", name_en="Mango")
    listing.save()

    index_listing(listing)

    assert found("百香果") == []
    assert found("mangoes") == ["mango"]


def test_the_command_indexes_drafts_too_and_says_how_many(shelf, capsys):
    make_listing(status=Listing.Status.PAUSED)

    call_command("index_listings")

    assert "4 listings indexed" in capsys.readouterr().out
    assert not Listing.objects.filter(search_vector=None).exists()


def test_search_uses_the_index(shelf):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Listing.objects.filter(Matches(search_query("baixiangguo"))).explain()

    assert "Bitmap Index Scan on listing_search" in plan


def test_a_search_is_one_query_and_three_for_names(shelf):
    with CaptureQueriesContext(connection) as queries:
        found("百香果")
    assert len(queries) == 4


@pytest.mark.django_db(transaction=True)
def test_indexing_is_a_step_of_a_use_case():
    with pytest.raises(RuntimeError, match="step"):
        index_listing(Listing())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cherries", "cherry"), ("peaches", "peach"), ("tomatoes", "tomato"), ("oranges", "orange"),
        ("asparagus", "asparagus"), ("grass", "grass"), ("tea", "tea"), ("radishes", "radish"),
    ],
)  # fmt: skip
def test_plurals_are_taken_off(word, expected):
    assert singular(word) == expected


def test_normalising_drops_width_case_tones_and_apostrophes():
    assert normalised("ＱíＣＨéng Le'an") == "qicheng lean"


def test_every_token_is_safe_to_put_in_quotes():
    assert all(token.isalnum() for token in name_tokens("O'Neil \\ 百香果 \0 ':*"))


def test_nothing_to_look_for_gives_an_empty_query():
    assert search_query("，。！ 5kg 的") == ""
