"""Checkouts with the ledger on beside the bare SQL of one, and a recount of a million postings. Not over HTTP."""

from bench.load import Target
from bench.report import spread
from bench.shop import Shop

POSTINGS = 1_000_000


def prepare(shop: Shop) -> list[Target]:
    """Nothing to ask over HTTP; see `figures`."""
    return []


def figures(shop: Shop, runs: int, seconds: float) -> str:
    """Both in turn, as often as wanted, then the recount: as Markdown."""
    own, floor = [], []
    for _run in range(runs):
        floor.append(shop.ask("bench.booking", "floor", str(seconds))["rate"])
        own.append(shop.ask("bench.booking", "checkouts", str(seconds))["rate"])
    counted = shop.ask("bench.booking", "recount", str(POSTINGS))
    share = spread([100 * mine / bare for mine, bare in zip(own, floor, strict=True)])
    return "\n".join(
        [
            "### The ledger (services and SQL alone, 4 threads of one process)",
            "",
            "| | a second |",
            "|---|---|",
            f"| floor: one transaction of bare SQL, with a balanced entry | {spread(floor)} |",
            f"| cart, order, payment, provider's word, entry: all that the shop commits | {spread(own, 1)} ({share} %) |",
            "",
            f"A recount of {counted['legs']:,} postings: every account added up in {counted['balances']:.2f} s,"
            f" every entry checked in {counted['entries']:.2f} s; they add up to {counted['sum']} fen,"
            f" {counted['broken']} entries do not balance.",
        ]
    )
