"""What visitors look at: home, a kind of produce, a listing, a search; as a guest and as someone signed in."""

import random
from collections.abc import Callable, Sequence
from urllib.parse import quote

from bench.load import Target, Visitor
from bench.shop import Shop

FLOOR = "floor: a bare page"
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


def prepare(shop: Shop) -> list[Target]:
    """Each visitor goes round different kinds, listings and words."""
    known = shop.ask("bench.people", "pages")
    kinds = [f"/produce/{slug}/" for slug in known["produce"]]
    listings = [f"/listings/{pk}/" for pk in known["listings"]]
    searches = [f"/search/?q={quote(words)}" for words in WORDS]
    signed_in = known["sessions"]
    return [
        Target(FLOOR, _one_of(["/"]), server="floor"),
        Target("home", _one_of(["/"]), floor=FLOOR),
        Target("home, signed in", _one_of(["/"]), floor=FLOOR, cookies=signed_in),
        Target("a kind of produce", _one_of(kinds), floor=FLOOR),
        Target("a kind of produce, signed in", _one_of(kinds), floor=FLOOR, cookies=signed_in),
        Target("a listing that nobody has just looked at", _one_of(listings), floor=FLOOR),
        Target("one of 20 listings that many look at", _one_of(listings[:20]), floor=FLOOR),
        Target("a listing, signed in", _one_of(listings), floor=FLOOR, cookies=signed_in),
        Target("a search", _one_of(searches), floor=FLOOR),
        Target("a search that nobody has just made", _new_search(searches), floor=FLOOR),
    ]
