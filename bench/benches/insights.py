"""Public figures over very many sold lines: pages that are kept, pages made anew, a rebuild, and keeping up with sales."""

import random
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from bench.load import Target, Visitor, visits
from bench.shop import Shop

LISTINGS = 500  # in the shop, where nothing else is measured: figures come from lines
FLOOR = "floor: one bare page of a visitor's"
RATE = 200  # orders a second
KEEPING_UP = 10  # times as long as another run: some rounds of counting have to fit
PAGES = ("the country in figures", "the map of counties", "a county in figures", "a kind in figures", "the league")


def addresses(known: dict[str, Any]) -> dict[str, list[str]]:
    """By page: all that can be asked for."""
    return {
        PAGES[0]: ["/figures/"],
        PAGES[1]: ["/figures/counties/"],
        PAGES[2]: [f"/figures/county/{slug}/" for slug in known["counties"]],
        PAGES[3]: [f"/figures/produce/{slug}/" for slug in known["kinds"]],
        PAGES[4]: [f"/figures/league/?year={year}" for year in known["years"]],
    }


def _one_of(paths: Sequence[str]) -> Callable[[Visitor, int], None]:
    def visit(visitor: Visitor, number: int) -> None:
        visitor.ask("GET", paths[number % len(paths)])

    return visit


def _anew(paths: Sequence[str]) -> Callable[[Visitor, int], None]:
    """With something in its address that nobody has asked for, so that no page of it is kept."""

    def visit(visitor: Visitor, number: int) -> None:
        path = paths[number % len(paths)]
        visitor.ask("GET", f"{path}{'&' if '?' in path else '?'}n={random.randrange(10**9)}")

    return visit


def prepare(shop: Shop) -> list[Target]:
    """Many lines are written and rolled up; visitors then go round the pages, mostly kept ones."""
    shop.known["insights"] = shop.ask("bench.sold", "fill", str(shop.lines))
    pages = addresses(shop.known["insights"])
    return [
        Target(FLOOR, _one_of(["/"]), server="floor"),
        *(Target(name, _one_of(paths), floor=FLOOR, first=paths) for name, paths in pages.items()),
    ]


def figures(shop: Shop, runs: int, seconds: float) -> str:
    """Each page made anew, by one visitor, in turn with the floor; then keeping up."""
    known = shop.known["insights"]
    targets = {FLOOR: _one_of(["/"])} | {name: _anew(paths) for name, paths in addresses(known).items()}
    took: dict[str, list[list[float]]] = {name: [] for name in targets}
    for _run in range(runs):
        for name, visit in targets.items():
            server = shop.floor if name == FLOOR else shop.shop
            took[name].append(visits(visit, server.address, seconds))
    kept = shop.ask("bench.sold", "keep_up", str(RATE), str(seconds * KEEPING_UP), str(known["lines"]))
    return text(known, took, kept)


def text(known: dict[str, Any], took: dict[str, list[list[float]]], kept: dict[str, Any]) -> str:
    """All of it as Markdown. `took`: by page, of each run, the seconds of each visit."""
    rows = [
        f"### Figures over {known['lines']:,} order lines",
        "",
        f"Written in {known['written']:.0f} s. Everything made anew (`manage.py insights rebuild`) in {known['rebuilt']:.1f} s:"
        f" {known['months']} months, {known['shown']} of them public.",
        "",
        "Each page made anew, one visitor at a time:",
        "",
        "| what | visits | p50, ms | p95, ms |",
        "|---|---|---|---|",
    ]
    for name, each in took.items():
        p50, p95 = (median(_part(run, part) for run in each) for part in (0.5, 0.95))
        rows.append(f"| {name} | {sum(map(len, each))} | {p50:.0f} | {p95:.0f} |")
    counted = "every line was counted" if kept["counted"] else "LINES ARE MISSING"
    rows += [
        "",
        f"Kept up with {kept['rate']:.0f} orders a second: {kept['orders']:,} orders, {kept['changes']:,} changes, counted"
        f" every ten seconds. A change waited {kept['lag']:.1f} s at most; the longest count took {kept['longest']:.1f} s."
        f" Counting was at work {100 * kept['busy']:.0f} % of the time ({kept['a_second']:,.0f} changes a second). Afterwards"
        f" {kept['waiting']} waited, {counted}; {kept['months']} months were put out anew in {kept['put_out']:.1f} s.",
    ]
    return "\n".join(rows)


def _part(run: list[float], part: float) -> float:
    """Milliseconds that so large a part of the visits took at most."""
    ordered = sorted(run)
    return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]
