"""The figures as Markdown: ratios first, because machines differ and the floor was measured on the same one."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.load import PROCESSES, VISITORS, Run, Target
from bench.shop import THREADS, WORKERS

Runs = Mapping[str, Sequence[Run]]


def spread(values: Iterable[float], digits: int = 0) -> str:
    """ "310 (280-330)": the median, the least and the most."""
    all_of_them = sorted(values)
    low, middle, high = (f"{value:.{digits}f}" for value in (all_of_them[0], median(all_of_them), all_of_them[-1]))
    return middle if low == high else f"{middle} ({low}-{high})"


def ratios(runs: Runs, target: Target) -> list[float]:
    """The rate beside its floor's, run by run: both were measured within the same minute."""
    pairs = zip(runs[target.name], runs[target.floor], strict=True)
    return [100 * own.rate / floor.rate for own, floor in pairs]


def p95(runs: Runs, name: str) -> float:
    """The median of the runs' 95th percentiles, in ms."""
    return median(run.percentile(0.95) for run in runs[name])


def machine() -> str:
    """What this ran on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown processor",
    )
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GB, Python {platform.python_version()}, {platform.system()}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def table(listings: int, targets: Sequence[Target], runs: Runs, memory: Mapping[str, float]) -> str:
    """One shop's figures."""
    rows = [
        f"## {listings:,} listings",
        "",
        "| what | of the floor, % | a second | p50, ms | p95, ms | CPU ms: web | database | load |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for target in targets:
        own = runs[target.name]
        rows.append(
            f"| {target.name} | {spread(ratios(runs, target)) if target.floor else ''}"
            f" | {spread((run.rate for run in own), 1)}"
            f" | {spread(run.percentile(0.5) for run in own)} | {spread(run.percentile(0.95) for run in own)}"
            f" | {spread((1000 * run.server_cpu / len(run.took) for run in own), 1)}"
            f" | {spread((1000 * run.service_cpu / len(run.took) for run in own), 1)}"
            f" | {spread((1000 * run.client_cpu / len(run.took) for run in own), 1)} |"
        )
    rows += ["", "Memory after it, MB: " + ", ".join(f"{name} {amount:.0f}" for name, amount in memory.items()) + "."]
    return "\n".join(rows)


def heading(seconds: float, count: int, loads: tuple[float, float]) -> str:
    """How it was measured."""
    return (
        f"# How fast the shop is\n\n{machine()}. gunicorn with {WORKERS} workers of {THREADS} threads; "
        f"{PROCESSES * VISITORS} visitors in {PROCESSES} processes on the same machine, each asking again as soon as "
        f"they are answered. {count} runs of {seconds:.0f} s of each thing in turn, after a warm-up: the median, and "
        "in brackets the least and the most. The floor is bare Django: one query and a small template, or one "
        "transaction. CPU is processor time for one visit: of gunicorn, of PostgreSQL and Valkey, of the visitors. "
        f"Others were at work here: load average {loads[0]:.1f} before, {loads[1]:.1f} after."
    )


def growth(small: int, large: int, before: Runs, after: Runs) -> str:
    """How much slower each thing got with the number of listings."""
    both = [name for name in before if name in after]
    lines = [f"- {name}: {p95(after, name) / p95(before, name):.2f} ×" for name in both]
    return "\n".join([f"## p95 with {large:,} listings beside {small:,}", "", *lines])
