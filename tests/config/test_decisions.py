"""Every library has its reason on record, and every reason a library."""

import re
import tomllib

import pytest

from config.embedded import BASE_DIR

# Installed, but spoken of under another name in docs/decisions.md.
SPOKEN_OF_AS = {"django-stubs[compatible-mypy]": "django-stubs"}


def listed() -> set[str]:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["embedded"]]
    for extra in ["sms", "push", "dev"]:
        wanted += project["optional-dependencies"][extra]
    return {SPOKEN_OF_AS.get(line, re.split(r"[~=<>]", line)[0]) for line in wanted}


def explained() -> set[str]:
    text = (BASE_DIR / "docs" / "decisions.md").read_text()
    libraries = text.split("## Where we chose otherwise")[0]
    entries = re.findall(r"^- (.*?):", libraries, flags=re.MULTILINE)
    return {name for entry in entries for name in re.findall(r"\*\*(.+?)\*\*", entry)} - {"mypy"}


def test_every_library_is_explained_and_nothing_else() -> None:
    assert explained() == listed()


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.txt", []),
        ("requirements-channels.txt", ["sms", "push"]),
        ("requirements-embedded.txt", ["embedded"]),
        ("requirements-dev.txt", ["dev"]),
    ],
)
def test_lock_files_pin_what_is_asked_for(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    lines = (BASE_DIR / lock).read_text().splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if "==" in line}

    assert {re.split(r"[~=<>\[]", name)[0].lower() for name in wanted} <= pinned
    assert not [line for line in lines if line.startswith(("-", "http:", "https:")) or "://" in line or " @ " in line]
