"""Fen: typed, shown and split without losing one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidInput
from common.money import MAX_FEN, parse_yuan, show_yuan, split_by_weight, yuan


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("49.8", 4980),
        ("49.80", 4980),
        ("¥49.80", 4980),
        (" ￥49.80 ", 4980),
        ("49.8元", 4980),
        ("４９．８", 4980),
        ("1,049.80", 104980),
        ("0", 0),
        ("-3", -300),
        ("1e2", 10000),
    ],
)
def test_what_people_type_becomes_fen(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed", ["", "abc", "4.9.8", "NaN", "Infinity", "-Infinity", "1.005", "0.001", "1e9", "1000000.01"]
)
def test_what_is_no_amount_is_refused_and_never_rounded(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_yuan(typed)


@given(st.integers(-MAX_FEN, MAX_FEN))
def test_what_is_shown_reads_back_as_the_same(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen
    assert parse_yuan(show_yuan(fen).replace("¥", "")) == fen


def test_people_see_grouped_yuan() -> None:
    assert show_yuan(104980) == "¥1,049.80"
    assert show_yuan(-5) == "-¥0.05"
    assert yuan(5) == "0.05"


@given(st.integers(0, MAX_FEN), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_a_split_adds_up_exactly_and_is_fair_to_the_fen(total: int, weights: list[int]) -> None:
    parts = split_by_weight(total, weights)

    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        exact = total * weight / whole if whole else total / len(weights)
        assert exact - 1.000001 < part < exact + 1.000001
        assert part >= 0


@given(st.integers(0, MAX_FEN), st.lists(st.integers(1, 1000), min_size=2, max_size=10))
def test_equal_weights_differ_by_one_fen_at_most(total: int, weights: list[int]) -> None:
    parts = split_by_weight(total, [1] * len(weights))

    assert max(parts) - min(parts) <= 1


def test_ten_yuan_over_three_gives_back_ten_yuan() -> None:
    assert split_by_weight(1000, [1, 1, 1]) == [334, 333, 333]


@pytest.mark.parametrize("weights", [[], [-1], [1, -1]])
def test_weights_that_make_no_sense_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        split_by_weight(100, weights)
