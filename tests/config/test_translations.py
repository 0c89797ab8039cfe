"""Every sentence a person can see has a Chinese translation, and it keeps the places that are filled in."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
APPS = [app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def sources() -> Iterator[tuple[Path, str]]:
    """Python source and templates turned into something that looks like it, as Django's makemessages does."""
    for folder in [*APPS, "config"]:
        for path in (ROOT / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
    for path in (ROOT / "templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield path, "\n".join(line.lstrip() for line in text.splitlines())  # Python minds the indentation


def messages() -> Iterator[tuple[str, str, Path]]:
    """(context, message, where) of every translatable string, the singular of plurals."""
    for path, text in sources():
        found = extract_python(io.BytesIO(text.encode()), KEYWORDS, [], {"encoding": "utf-8"})
        for _line, function, arguments, _comments in found:
            parts: Any = arguments  # Babel's types say list where it gives a tuple
            strings = [part for part in (parts if isinstance(parts, tuple) else (parts,)) if part]
            if not strings:
                continue
            context = strings[0] if function in {"pgettext", "pgettext_lazy", "npgettext"} else ""
            yield context, strings[1] if context else strings[0], path


@pytest.fixture(scope="module")
def catalogue() -> dict[tuple[str, str], polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete}


def test_every_message_is_said_in_chinese(catalogue):
    missing = {
        f"{path.relative_to(ROOT)}: {context and f'[{context}] '}{message}"
        for context, message, path in messages()
        if (entry := catalogue.get((context, message))) is None or not entry.translated()
    }

    assert not missing, f"{len(missing)} messages have no Chinese:\n" + "\n".join(sorted(missing))


def test_the_catalogue_has_no_doubtful_or_dead_entries(catalogue):
    used = {(context, message) for context, message, _path in messages()}

    assert not [entry.msgid for entry in catalogue.values() if entry.fuzzy]
    assert not [key for key in catalogue if key not in used and key[1]]


def test_translations_keep_the_places_that_are_filled_in(catalogue):
    places = re.compile(r"%\((\w+)\)[sd]|%[sd]")
    broken = [
        entry.msgid
        for entry in catalogue.values()
        for translation in [entry.msgstr, *entry.msgstr_plural.values()]
        if translation and not set(places.findall(translation)) <= set(places.findall(entry.msgid + entry.msgid_plural))
    ]

    assert broken == []


def test_the_search_for_messages_finds_some():
    found = {message for _context, message, _path in messages()}

    assert "Skip to the content" in found, "templates are read"
    assert "An amount has at most two digits after the point." in found, "Python is read"
