"""Measures and prints: see `python -m bench --help`."""

import argparse
import importlib
import os
import signal
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

from bench import load, report
from bench.load import Run, Target
from bench.shop import Server, Shop, cpu_seconds, running_shop

BENCHES = Path(__file__).parent / "benches"
FULL, QUICK = ("10000,100000", 3, 6.0), ("2000,10000", 2, 2.0)
LINES = 20_000


def main() -> int:
    """Measure what was asked for and print it as Markdown."""
    every = sorted(file.stem for file in BENCHES.glob("*.py") if file.stem != "__init__")
    parser = argparse.ArgumentParser(prog="make bench", description="How fast the shop is beside bare Django.")
    parser.add_argument("benches", nargs="*", help=f"which of {', '.join(every)} (all)")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: to see whether it works")
    parser.add_argument("--sizes", help="numbers of listings, e.g. 10000,100000")
    parser.add_argument("--lines", type=int, default=LINES, help=f"sold order lines behind the figures ({LINES})")
    parser.add_argument("--runs", type=int, help="runs of each thing, in turn")
    parser.add_argument("--seconds", type=float, help="seconds of each run")
    parser.add_argument("--write", action="store_true", help="keep the figures as bench/results-<date>.md, too")
    given = parser.parse_args()
    if unknown := set(given.benches) - set(every):
        parser.error(f"there is no bench called {', '.join(sorted(unknown))}")
    wanted = given.benches or every
    sizes, runs, seconds = QUICK if given.quick else FULL
    if len(wanted) == 1 and (own := getattr(_bench(wanted[0]), "LISTINGS", None)):
        sizes = str(own)
    count, seconds = given.runs or runs, given.seconds or seconds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that what was started is ended
    before = os.getloadavg()[0]
    parts: list[str] = []
    measured: dict[int, dict[str, list[Run]]] = {}
    for size in [int(number) for number in (given.sizes or sizes).split(",")]:
        _say(f"Making a shop with {size:,} listings")
        with running_shop(size, given.lines) as shop:
            targets = [each for name in wanted for each in _prepare(name, shop)]
            if targets:
                measured[size] = _measure(shop, targets, count, seconds)
                parts.append(report.table(size, targets, measured[size], shop.memory()))
            parts += [text for name in wanted if (text := _figures(name, shop, count, seconds))]
    if len(measured) > 1:
        small, large = min(measured), max(measured)
        parts.append(report.growth(small, large, measured[small], measured[large]))
    text = "\n\n".join([report.heading(seconds, count, (before, os.getloadavg()[0])), *parts]) + "\n"
    sys.stdout.write(text)
    if given.write:
        (BENCHES.parent / f"results-{date.today().isoformat()}.md").write_text(text)  # noqa: DTZ011  # a file's name
    return 0


def _bench(name: str) -> ModuleType:
    return importlib.import_module(f"bench.benches.{name}")


def _prepare(name: str, shop: Shop) -> list[Target]:
    targets: list[Target] = _bench(name).prepare(shop)
    return targets


def _figures(name: str, shop: Shop, count: int, seconds: float) -> str:
    """What a bench measures by itself, as Markdown; most don't."""
    own = getattr(_bench(name), "figures", None)
    if own is None:
        return ""
    _say(f"{shop.listings:,} listings: {name}")
    return str(own(shop, count, seconds))


def _measure(shop: Shop, targets: list[Target], count: int, seconds: float) -> dict[str, list[Run]]:
    """A warm-up of each, then all in turn, as often as wanted: what disturbs the machine disturbs all alike."""
    found: dict[str, list[Run]] = {target.name: [] for target in targets}
    for target in targets:
        load.run(target, _server(shop, target).address, min(seconds, 2.0))
    for number in range(count):
        for target in targets:
            _say(f"{shop.listings:,} listings, run {number + 1} of {count}: {target.name}")
            server = _server(shop, target)
            load.ask_first(target, server.address)
            web, services = cpu_seconds(server.pids), cpu_seconds(shop.services())
            run = load.run(target, server.address, seconds)
            run.server_cpu = cpu_seconds(server.pids) - web
            run.service_cpu = cpu_seconds(shop.services()) - services
            found[target.name].append(run)
    return found


def _server(shop: Shop, target: Target) -> Server:
    return shop.floor if target.server == "floor" else shop.shop


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
