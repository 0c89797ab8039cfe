"""Every kind says something in both languages, whatever it is given."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import override

from notifications import texts
from notifications.kinds import TEXTS
from notifications.texts import as_email, as_sms, words

FULL: dict[str, Any] = {
    "programme_zh": "学校午餐",
    "programme_en": "School meals",
    "course_zh": "打包不磕碰",
    "course_en": "Packing so that nothing bruises",
    "produce_zh": "脐橙",
    "produce_en": "Navel orange",
    "county_zh": "寻乌县",
    "county_en": "Xunwu County",
    "farmer": "陈桂兰家",
    "packs": 2,
    "reply": "1",
    "amount_fen": 9960,
    "offer_fen": 2000,
    "what_zh": "坏了或磕碰了",
    "what_en": "spoiled or damaged",
    "cause_zh": "路上，快递那边",
    "cause_en": "on the way, with the courier",
    "number": "CS26112400001",
    "reason": "照片看不清。",
    "courier": "SF",
    "tracking_number": "SF123",
    "stars": 5,
    "code": "123456",
    "contact": "138****8000",
    "specialist": "周志远",
    "next": "李明",
    "visits": 2,
    "calls": 3,
    "what": "脐橙 20 箱",
    "price": "¥45.00",
    "parcels": 3,
    "clock": "10:00",
    "short_zh": "脐橙5公斤×3",
    "short_en": "Navel orange5 kg×3",
    "account": "****4567",
    "show": "树上的脐橙",
    "text": "骗子！",
    "until": "2026-11-26T16:00:00+00:00",
}
CONTEXTS = {"full": FULL, "empty": {}, "odd": {"reason": "", "until": "2026-99-99", "packs": None, "number": "100%"}}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("given", CONTEXTS)
@pytest.mark.parametrize("kind", TEXTS)
def test_every_kind_speaks_both_languages(kind: str, given: str, language: str) -> None:
    name, _, audience = kind.partition("/")
    context = {**CONTEXTS[given], "audience": audience}

    with override(language):
        found = words(name, context)
    sms = as_sms(name, context, language)
    subject, letter = as_email(name, context, "/orders/1/", language)

    for text in (found.title, sms, subject, letter):
        assert text.strip()
        assert not re.search(r"%\(|\{|None", text)
    if given == "full":
        assert found.body
    if language == "zh-hans":
        assert re.search(r"[\u4e00-\u9fff]", found.title)
        assert re.search(r"[\u4e00-\u9fff]", sms.removeprefix("【出山】"))
    else:
        assert not re.search(r"[\u4e00-\u9fff]", found.title)
    assert f"{settings.SITE_URL}/orders/1/" in letter


def test_titles_take_no_value() -> None:
    for text in TEXTS.values():
        assert "%" not in str(text.title)


def test_names_money_and_times_are_the_readers() -> None:
    context = {"number": "P1", "amount_fen": 104980, "until": "2026-11-26T16:30:00+00:00"}

    with override("en"):
        assert words("order_placed", context).body == (
            "Order P1, ¥1,049.80: your packs are kept for you until 27 November, 00:30. Please pay by then."
        )
    with override("zh-hans"):
        assert "11月27日 00:30" in words("order_placed", context).body
    for language, name in [("en", "Navel orange"), ("zh-hans", "脐橙")]:
        with override(language):
            assert name in words("revision_approved", FULL).body


def test_a_name_in_one_language_only_is_better_than_none() -> None:
    with override("en"):
        assert "脐橙" in words("revision_approved", {"produce_zh": "脐橙", "produce_en": ""}).body


def test_a_kind_this_version_does_not_know_is_still_told() -> None:
    with override("en"):
        assert words("kind_of_next_year", {}).title == "There is news for you"
    assert as_sms("kind_of_next_year", {}, "en")


def test_each_audience_is_told_its_own_side() -> None:
    with override("en"):
        farmer = words("parcel_cancelled", {**FULL, "audience": "farmer"})
        buyer = words("parcel_cancelled", {**FULL, "audience": "buyer"})

    assert "do not post it" in farmer.body
    assert "¥99.60" in buyer.body


def test_every_kind_the_code_tells_has_words() -> None:
    root = Path(settings.BASE_DIR)
    told: set[str] = set()
    for app in ("accounts", "marketplace", "orders", "payments", "live", "specialists"):
        for path in (root / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "notify":
                    told |= {
                        part.value
                        for keyword in node.keywords
                        if keyword.arg == "kind"
                        for part in ast.walk(keyword.value)
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }

    assert told <= set(TEXTS), f"no words for {sorted(told - set(TEXTS))}"


def test_the_places_of_a_text_are_ones_that_callers_can_give() -> None:
    known = {name.removesuffix("_fen").removesuffix("_zh").removesuffix("_en") for name in FULL}
    for kind, text in TEXTS.items():
        for alternative in (*text.body, *text.sms):
            assert set(texts._PLACE.findall(str(alternative))) <= known, kind
