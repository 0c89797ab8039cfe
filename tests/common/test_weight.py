"""Grams: 斤 is 500 g and never mistaken for a kilogram."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidInput
from common.weight import MAX_PACK_GRAMS, fen_per, parse_grams, show_both_units, show_weight


@pytest.mark.parametrize(
    ("typed", "unit", "grams"),
    [
        ("10", "jin", 5000),
        ("5", "kg", 5000),
        ("１０", "jin", 5000),
        ("0.5", "jin", 250),
        ("2.5", "kg", 2500),
        ("250", "g", 250),
    ],
)
def test_a_weight_is_kept_in_grams(typed: str, unit: str, grams: int) -> None:
    assert parse_grams(typed, unit) == grams


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("0", "kg"),
        ("-5", "kg"),
        ("", "kg"),
        ("five", "kg"),
        ("NaN", "kg"),
        ("Infinity", "jin"),
        ("50.001", "kg"),
        ("101", "jin"),
        ("0.0001", "kg"),
        ("5", "stone"),
        ("5", ""),
    ],
)
def test_what_is_no_weight_of_a_box_is_refused(typed: str, unit: str) -> None:
    with pytest.raises(InvalidInput):
        parse_grams(typed, unit)


@given(st.integers(1, MAX_PACK_GRAMS))
def test_jin_and_kg_say_the_same(grams: int) -> None:
    assert parse_grams(str(grams / 500), "jin") == parse_grams(str(grams / 1000), "kg") == grams


def test_both_units_are_echoed() -> None:
    with override("en"):
        assert show_both_units(5000) == "10 jin = 5 kg"
        assert show_both_units(1250) == "2.5 jin = 1.25 kg"


@pytest.mark.parametrize(
    ("grams", "shown"), [(250, "250 g"), (999, "999 g"), (1000, "1 kg"), (2500, "2.5 kg"), (50000, "50 kg")]
)
def test_people_see_grams_or_kilograms(grams: int, shown: str) -> None:
    with override("en"):
        assert show_weight(grams) == shown


def test_chinese_readers_see_chinese_units() -> None:
    with override("zh-hans"):
        assert show_weight(250) == "250 克"
        assert show_weight(2500) == "2.5 公斤"


@given(st.integers(1, 10**8), st.integers(1, MAX_PACK_GRAMS))
def test_the_price_of_the_whole_pack_is_the_price(price_fen: int, pack_grams: int) -> None:
    assert fen_per(pack_grams, price_fen, pack_grams) == price_fen


def test_the_price_of_a_jin_is_rounded_half_up() -> None:
    assert fen_per(500, 4980, 5000) == 498
    assert fen_per(500, 5, 5000) == 1  # 0.5 fen
    assert fen_per(500, 4, 5000) == 0
