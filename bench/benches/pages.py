"""What visitors look at: home, a kind of produce, a listing, a search; as a guest and as someone signed in."""

import random
from collections.abc import Callable, Sequence
from urllib.parse import quote

from bench.load import Target, Visitor
from bench.shop import Shop

FLOOR = "floor: a bare page"
MANY = 100  # listings that visitors go round
WORDS = [
    "百香果",
    "navel orange",
    "qicheng",
    "xunwu",
    "贵州 茶",
    "walnut",
    "苹果",
    "honey",
    "土豆 合作社",
    "gansu apple",
    "糯米",
    "green tea",
    "云南",
    "chestnut",
    "王桂兰家",
    "大山",
]


def _one_of(paths: Sequence[str]) -> Callable[[Visitor, int], None]:
    def visit(visitor: Visitor, number: int) -> None:
        visitor.ask("GET", paths[number % len(paths)])

    return visit


def _new_search(searches: Sequence[str]) -> Callable[[Visitor, int], None]:
    """A search with a filter that nobody has chosen in this minute: no page of it is kept."""

    def visit(visitor: Visitor, number: int) -> None:
        price = random.randrange(100_000, 10_000_000) / 100  # yuan per kg, above all there are
        visitor.ask("GET", f"{searches[number % len(searches)]}&price_to={price:.2f}")

    return visit


def _new_address(paths: Sequence[str]) -> Callable[[Visitor, int], None]:
    """Pages under an address that nobody has asked for: they are made anew."""

    def visit(visitor: Visitor, number: int) -> None:
        visitor.ask("GET", f"{paths[number % len(paths)]}?n={random.randrange(10**9)}")

    return visit


def prepare(shop: Shop) -> list[Target]:
    """Each visitor goes round different kinds, listings and words."""
    known = shop.ask("bench.people", "pages")
    kinds = [f"/produce/{slug}/" for slug in known["produce"]]
    listings = [f"/listings/{pk}/" for pk in known["listings"][:MANY]]
    searches = [f"/search/?q={quote(words)}" for words in WORDS]
    signed_in = known["sessions"]
    return [
        Target(FLOOR, _one_of(["/"]), server="floor"),
        Target("home", _one_of(["/"]), floor=FLOOR, first=["/"]),
        Target("home, signed in", _one_of(["/"]), floor=FLOOR, cookies=signed_in, first=["/"]),
        Target("a kind of produce", _one_of(kinds), floor=FLOOR, first=kinds),
        Target("a kind of produce, signed in", _one_of(kinds), floor=FLOOR, cookies=signed_in, first=kinds),
        Target("a kind of produce, made anew", _new_address(kinds), floor=FLOOR),
        Target("a listing", _one_of(listings), floor=FLOOR, first=listings),
        Target("a listing, signed in", _one_of(listings), floor=FLOOR, cookies=signed_in, first=listings),
        Target("a listing, made anew", _new_address(listings), floor=FLOOR),
        Target("a search", _one_of(searches), floor=FLOOR, first=searches),
        Target("a search, made anew", _new_search(searches), floor=FLOOR),
    ]
