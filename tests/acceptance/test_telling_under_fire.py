"""Promise: whatever is killed, frozen or emptied, everybody is told once, and no order that was confirmed is lost.

A small run of `make chaos` on services of its own: worker processes and their children, the broker without anything on
disk, PostgreSQL and gunicorn are killed in the middle of checkouts and notifications, with two beats at once. Beside it
a control with the guards removed, which the run must catch. `make chaos` does the same at length, fault by fault.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

pytestmark = [pytest.mark.concurrency, pytest.mark.xdist_group("rush")]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    report = Path(tmp_path_factory.mktemp("chaos"), "report.json")
    seed = os.environ.get("SEED", "1")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--small", "--seed", seed, "--json", str(report)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert report.exists(), ended.stdout + ended.stderr
    return {scene["scene"]: scene for scene in json.loads(report.read_text())["scenes"]}


def test_the_faults_really_happened(scenes):
    faults = scenes["everything"]["faults"]

    assert [fault for fault in faults if "not there" in fault] == []
    assert {"broker killed", "FLUSHALL", "postgres killed", "gunicorn"} <= set(faults)
    assert scenes["everything"]["orders"] > 0
    assert sum(scenes["everything"]["troubles"].values()) > 0, "nobody noticed anything: it was no fire"


def test_everybody_was_told_once(scenes):
    scene = scenes["everything"]

    assert (scene["told"], scene["untold"], scene["told_twice"]) == (60, 0, 0)
    assert scene["releases_doubled"] == 0, "two beats did a job twice"


def test_no_confirmed_order_is_lost_or_doubled(scenes):
    scene = scenes["everything"]

    assert (scene["orders_lost"], scene["orders_doubled"], scene["orders_unasked"]) == (0, 0, 0)
    assert scene["counters_wrong"] == 0
    assert scene["troubles"].get("gave up", 0) == 0, "a client asked in vain until its patience ended"


def test_verify_is_clean_afterwards(scenes):
    assert scenes["everything"]["verify"] == "clean"


def test_control_without_claims_people_are_told_twice(scenes):
    assert scenes["control without guards"]["told_twice"] > 0


def test_control_without_durability_confirmed_orders_are_lost(scenes):
    assert scenes["control without guards"]["orders_lost"] > 0
