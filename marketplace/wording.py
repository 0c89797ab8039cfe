"""Words and claims in a text that had better not be there, found however they are spelled; with their places, to mark them."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.models import ForbiddenTerm

_DIGITS = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_MOBILE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")
_LINK = re.compile(
    r"(?:https?://|www\.)[!-+\--~]*"  # to the next space or comma
    r"|[a-z0-9][a-z0-9.-]*\.(?:com|cn|net|shop|top|vip)(?![a-z0-9])"
    r"|[a-z0-9.+_-]+@[a-z0-9.-]+\.[a-z]+"
)
_LATIN = re.compile(r"[a-z0-9 ]+")


@dataclass(frozen=True)
class Found:
    """A place in a text, from `start` to before `end`, and why it is marked."""

    start: int
    end: int
    kind: str
    why: str


@dataclass(frozen=True)
class Marked:
    """A piece of a text; `why` is empty for what is fine."""

    text: str
    why: str = ""


def find(text: str, terms: Iterable[ForbiddenTerm]) -> list[Found]:
    """Every forbidden term and smuggled contact in a text, in order; of two that overlap the first."""
    letters, places = _bare(text)
    lowered = "".join(unicodedata.normalize("NFKC", char).lower()[:1] or " " for char in text)
    hits = [hit for term in terms for hit in _of_term(term, letters, places, lowered)]
    contact = ForbiddenTerm.Kind.CONTACT.value
    number, link = _("This looks like a telephone number."), _("This leads to another place.")
    hits += [
        Found(places[m.start()], places[m.end() - 1] + 1, contact, number)
        for m in _MOBILE.finditer(letters.translate(_DIGITS))
    ]
    hits += [Found(m.start(), m.end(), contact, link) for m in _LINK.finditer(lowered)]
    chosen: list[Found] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not chosen or hit.start >= chosen[-1].end:
            chosen.append(hit)
    return chosen


def mark(text: str, found: Sequence[Found]) -> list[Marked]:
    """The text in pieces, those that were found with their reason."""
    pieces, at = [], 0
    for hit in found:
        pieces += [Marked(text[at : hit.start]), Marked(text[hit.start : hit.end], hit.why)]
        at = hit.end
    return [piece for piece in [*pieces, Marked(text[at:])] if piece.text]


def _bare(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, full-width ones made plain, and where each stands: what is put between is gone."""
    letters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for plain in unicodedata.normalize("NFKC", char).lower():
            if plain.isalnum():
                letters.append(plain)
                places.append(place)
    return "".join(letters), places


def _of_term(term: ForbiddenTerm, letters: str, places: list[int], lowered: str) -> Iterable[Found]:
    why = term.why_en if (get_language() or "").startswith("en") else term.why_zh
    word = term.term.lower()
    if _LATIN.fullmatch(word):
        pattern = rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])".replace(r"\ ", r"[\s.]+")
        for match in re.finditer(pattern, lowered):
            yield Found(match.start(), match.end(), term.kind, why)
        return
    word, fine = _bare(word)[0], [_bare(each)[0] for each in term.fine_in.split()]
    at = letters.find(word) if word else -1
    while at >= 0:
        if not any(_covers(letters, at, word, each) for each in fine):
            yield Found(places[at], places[at + len(word) - 1] + 1, term.kind, why)
        at = letters.find(word, at + 1)


def _covers(letters: str, at: int, word: str, longer: str) -> bool:
    """Whether the word at this place is only a part of a longer one."""
    inside = longer.find(word)
    return inside >= 0 and at >= inside and letters.startswith(longer, at - inside)
