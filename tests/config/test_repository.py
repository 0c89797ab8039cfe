"""House rules that a machine can hold: short files, honest names, nothing left for later."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from config.embedded import BASE_DIR

MAX_LINES = 400
LONGER = {"config/settings.py": 600}  # one file holds every setting, so that nobody has to look in two
VAGUE_NAMES = {"utils", "helpers", "misc", "managers", "mixins"}


def committed(*endings: str) -> list[Path]:
    """Our own files: what git knows, without what others wrote and without generated migrations."""
    listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, capture_output=True, text=True, check=False)  # noqa: S607
    if listed.returncode:
        pytest.skip("no git checkout, as in a downloaded archive: only git knows which files are committed")
    files = [BASE_DIR / name for name in listed.stdout.splitlines() if name.endswith(endings)]
    return [file for file in files if file.is_file() and not {"vendor", "migrations"} & set(file.parts)]


def test_files_are_short_enough_to_read() -> None:
    lengths = {
        str(file.relative_to(BASE_DIR)): len(file.read_text().splitlines())
        for file in committed(".py", ".html", ".js", ".sh", "Makefile")
    }

    assert len(lengths) > 100
    assert {name: lines for name, lines in lengths.items() if lines > LONGER.get(name, MAX_LINES)} == {}


def test_names_say_what_a_module_is_for() -> None:
    assert [file for file in committed(".py") if file.stem in VAGUE_NAMES] == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")

    found = [
        f"{file.relative_to(BASE_DIR)}:{number}"
        for file in committed(".py", ".html", ".js", ".css", ".md", "Makefile", ".yml")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if later.search(line)
    ]

    assert found == []


def test_pages_carry_no_inline_script_or_style() -> None:
    """The content policy refuses both; a page that has one looks right only until it is served."""
    inline = re.compile(
        r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)(?![^>]*type=\"application/(ld\+)?json\")"
    )

    pages = [file for file in committed(".html") if "admin" not in file.parts]

    assert len(pages) > 5
    assert [str(file.relative_to(BASE_DIR)) for file in pages if inline.search(file.read_text())] == []


def test_every_size_that_can_be_asked_for_is_asked_for_in_full() -> None:
    """`make promises` sets each, and runs each file that has one."""
    size = re.compile(r'^[A-Z_]+ = .*os\.environ\.get\("([A-Z_]+)"', re.MULTILINE)
    said = {word.partition("=")[0] for word in (BASE_DIR / "Makefile").read_text().split()}
    tests = BASE_DIR / "tests"
    sized = {file: size.findall(file.read_text()) for file in tests.rglob("test_*.py")}
    wanted = {str(file.relative_to(tests).with_suffix("")) for file, names in sized.items() if names}
    wanted |= {name for names in sized.values() for name in names}

    assert {"BUYERS", "acceptance/test_hot_lot"} <= wanted
    assert wanted - said == set()


@pytest.mark.xdist_group("together")
def test_tests_of_a_group_stay_together(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells a group by the end of a test's name; without it what a module prepares is prepared by each."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("run with -n 0: without workers nothing is spread, and there is nothing to keep together")
    assert request.node.nodeid.endswith("@together")
