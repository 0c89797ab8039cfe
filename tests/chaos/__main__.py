"""python -m tests.chaos [--small] [--seed N] [--json FILE]: run every fault, print a table, say whether all held.

Exit status 0: nothing was lost or doubled, buyers hardly noticed the broker, and the control was caught; else 1.
"""

import argparse
import json
import os
import secrets
import signal
import sys
import time
from pathlib import Path

from tests.chaos.place import Place

HEAD = (
    f"{'scene':27} {'orders':>6} {'lost':>4} {'twice':>5} {'errors':>6} {'p50 ms':>6} {'p99 ms':>6} {'p99 x':>5} "
    f"{'wait s':>6} {'told':>5} {'lost':>4} {'twice':>5} {'drain s':>7} {'took':>4}  verify"
)

#: What the control must be caught at.
CONTROL, CAUGHT = "control without guards", ("told_twice", "orders_lost")

#: Scenes in which buyers may not wait: the slowest checkout in a hundred, against the calm before.
HARDLY_NOTICED, TIMES = {"broker killed", "broker flushed", "broker frozen"}, 2.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--small", action="store_true", help="what continuous integration has time for")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    started = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGINT):  # whoever ends the run still finds nothing left behind
        signal.signal(number, lambda *_: sys.exit(1))
    place = Place()
    try:
        os.environ.update(place.environment())
        if options.small:  # no machine loses power here, only processes die: the kernel keeps what they wrote
            os.environ["EMBEDDED_FSYNC"] = "off"
        place.start()
        outcomes = _run(place, small=options.small, seed=seed)
    finally:
        place.destroy()
    failed = [one["scene"] for one in outcomes if not one["as_it_should_be"]]
    print(f"seed {seed}, {time.monotonic() - started:.0f} s: " + (f"BROKEN: {failed}" if failed else "all held"))
    if options.json:
        options.json.write_text(json.dumps({"seed": seed, "scenes": outcomes}))
    return 1 if failed else 0


def _run(place: Place, *, small: bool, seed: int) -> list[dict[str, object]]:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.chaos import scenes

    call_command("migrate", verbosity=0)
    print(f"seed {seed}\n{HEAD}", flush=True)
    calm = 0.0
    told: list[dict[str, object]] = []

    def say(one: scenes.Outcome) -> None:
        nonlocal calm
        record, verdict = one.record, one.verdict
        p99 = record.percentile(0.99)
        calm = calm or p99
        ratio = p99 / calm if calm else 0.0
        print(
            f"{one.name:27} {len(record.answered):6} {verdict.orders_lost:4} {verdict.orders_doubled:5} "
            f"{sum(record.troubles.values()):6} {record.percentile(0.5) * 1000:6.0f} {p99 * 1000:6.0f} {ratio:5.1f} "
            f"{max(record.waits, default=0):6.1f} {verdict.told:5} {verdict.untold:4} {verdict.told_twice:5} "
            f"{one.drained:7.1f} {one.took:4.0f}  {verdict.verify}" + ("" if verdict.is_clean else f"  {verdict}"),
            flush=True,
        )
        if one.name == CONTROL:
            as_it_should_be = all(getattr(verdict, figure) for figure in CAUGHT)
        else:
            as_it_should_be = verdict.is_clean and (one.name not in HARDLY_NOTICED or ratio <= TIMES)
        told.append(
            {
                "scene": one.name,
                "as_it_should_be": as_it_should_be,
                "orders": len(record.answered),
                "p99": p99,
                "longest_wait": max(record.waits, default=0),
                "troubles": dict(record.troubles),
                "faults": one.faults,
                "drained": one.drained,
                **vars(verdict),
            }
        )

    scenes.run(place, size=scenes.SMALL if small else scenes.WHOLE, seed=seed, say=say)
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
