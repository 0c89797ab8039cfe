"""The table of figures: medians with their spread, ratios run by run, percentiles that are those of the visits."""

from bench.benches import checkout, insights, pages
from bench.load import Run, Target
from bench.report import growth, ratios, spread, table

FLOOR = Target("floor", lambda visitor, number: None, server="floor")
PAGE = Target("a page", lambda visitor, number: None, floor="floor")


def made(rate: int, *, slowest: float = 0.05) -> Run:
    """A run of ten seconds with so many visits a second, one in ten of them slow."""
    took = [slowest if number % 10 == 0 else 0.01 for number in range(rate * 10)]
    return Run(10.0, took, server_cpu=rate / 100)


def test_a_spread_names_the_median_the_least_and_the_most():
    assert spread([3.0, 1.0, 2.0]) == "2 (1-3)"
    assert spread([2.0]) == "2"


def test_each_run_is_held_against_the_floor_of_the_same_round():
    runs = {"floor": [made(100), made(50)], "a page": [made(60), made(40)]}

    assert ratios(runs, PAGE) == [60.0, 80.0]


def test_the_table_says_what_each_visit_took():
    runs = {"floor": [made(100)], "a page": [made(60)]}

    rows = table(10_000, [FLOOR, PAGE], runs, {"web worker, RSS": 120.4}).splitlines()

    assert rows[0] == "## 10,000 listings"
    assert "| a page | 60 | 60.0 | 10 | 50 | 1.0 |" in rows[5]
    assert rows[-1] == "Memory after it, MB: web worker, RSS 120."


def test_growth_compares_what_was_measured_with_both_numbers():
    text = growth(10, 100, {"a page": [made(10)], "gone": [made(10)]}, {"a page": [made(10, slowest=0.1)]})

    assert "- a page: 2.00 ×" in text
    assert "gone" not in text


def test_every_bench_is_found_by_its_name_and_can_be_prepared():
    assert callable(checkout.prepare)
    assert callable(pages.prepare)
    assert callable(insights.prepare)


def test_figures_are_told_with_what_was_counted_and_what_is_missing():
    known = {"lines": 20_000, "written": 4.2, "rebuilt": 3.0, "months": 26, "shown": 26}
    kept = {
        "rate": 199.6,
        "orders": 4000,
        "changes": 120_000,
        "a_second": 9000.0,
        "busy": 0.4,
        "longest": 2.0,
        "lag": 12.0,
    }
    kept |= {"waiting": 0, "months": 26, "put_out": 1.5, "counted": True}

    told = insights.text(known, {"the country": [[0.02] * 19 + [0.09], [0.02] * 20]}, kept)

    assert "| the country | 40 | 20 | 55 |" in told
    assert "waited 12.0 s at most" in told
    assert "every line was counted" in told
    assert "LINES ARE MISSING" in insights.text(known, {}, kept | {"counted": False})
