"""Words to find things by, and what a person typed turned into a query. Pure text: nothing here touches the database.

A listing is found by Chinese words and parts of words (百香果, 香果), by pinyin written together or apart (baixiangguo,
bai xiang guo), by its initials (bxg) and by English words (passion fruit). Both sides, what is stored and what is asked,
pass through here, so they always agree. Only letters, digits and Chinese characters survive, so neither text can carry
an operator, a quote or a NUL into PostgreSQL.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from marketplace import chinese

if TYPE_CHECKING:
    from marketplace.models import Listing

MAX_QUERY_CHARS = 80
MAX_TERMS = 8
MAX_POSITION = 16_000  # PostgreSQL keeps positions up to 16,383

_RUNS = re.compile(r"[㐀-䶿一-鿿]+|[a-z0-9]+")
_CHINESE = re.compile(r"[㐀-䶿一-鿿]")
_MEASURE = re.compile(r"\d+(?:kg|g|l|ml|jin)?")
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|vn|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v)"
)
# Words that say nothing about what is sold: left out of queries, so that "甜的脐橙" and "tea from Duyun county" find.
_CHINESE_STOP_WORDS = ["的", "了", "和", "与", "是", "在", "买", "我", "要", "想", "斤", "甜", "新鲜", "好吃", "正宗"]
_ENGLISH_STOP_WORDS = "the a an of and from in with for county province city fresh"
_STOP_WORDS = frozenset([*_CHINESE_STOP_WORDS, *_ENGLISH_STOP_WORDS.split()])


class Place(Protocol):
    """A name in two languages."""

    name_zh: str
    name_en: str


def normalised(text: str) -> str:
    """Lower case, full width to half, accents and tone marks dropped: "Qíchéng" and "ｑｉｃｈｅｎｇ" are "qicheng"."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("'", "").replace("’", "")


def runs_of(text: str) -> list[str]:
    """What was typed, as runs of Chinese characters and of letters and digits, in their order."""
    return _RUNS.findall(normalised(text))


def is_chinese(text: str) -> bool:
    """Whether it begins with a Chinese character."""
    return bool(_CHINESE.match(text))


def is_stop_word(text: str) -> bool:
    """Whether it says nothing about what is sold: 的, "fresh", "5kg"."""
    return text in _STOP_WORDS or bool(_MEASURE.fullmatch(text))


def singular(word: str) -> str:
    """An English word without its plural ending: "cherries" is "cherry", "peaches" is "peach"."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("oes", "ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


@lru_cache(maxsize=4096)
def _pinyin(text: str) -> tuple[str, ...]:
    return tuple(chinese.syllables(text))


def _spellings(syllables: Iterable[str]) -> Iterator[str]:
    """How a word is typed: whole and by its initials; 绿 as lv and as lu."""
    syllables = list(syllables)
    whole = "".join(syllables)
    yield whole
    if "v" in whole:
        yield whole.replace("v", "u")
    if len(syllables) > 1:
        yield "".join(syllable[0] for syllable in syllables)


@lru_cache(maxsize=4096)
def name_tokens(text: str) -> tuple[str, ...]:
    """Every way to type a name: of produce, a place or a farmer. Long on purpose; names are short."""
    found: list[str] = []
    latin: list[str] = []
    for run in _RUNS.findall(normalised(text)):
        if not _CHINESE.match(run):
            latin.append(run)
            found += [run, singular(run)]
            continue
        words = [run, *chinese.words_within(run)]
        found += [*words, *_pairs(run), *run]
        for word in words:
            found += _spellings(_pinyin(word))
        for syllable in _pinyin(run):
            found += [syllable, syllable.replace("v", "u")]
    if len(latin) > 1:
        found.append("".join(latin))  # "passionfruit"
    return tuple(dict.fromkeys(found))


def sentence_tokens(text: str) -> tuple[str, ...]:
    """The words of a sentence, their parts and their pinyin; no single characters, they would match anything."""
    found: list[str] = []
    for run in _RUNS.findall(normalised(text)):
        if not _CHINESE.match(run):
            found += [run, singular(run)]
            continue
        words = [word for word in chinese.words_within(run) if len(word) > 1]
        found += [*words, *_pairs(run)]
        found += ["".join(_pinyin(word)) for word in words]
    return tuple(dict.fromkeys(found))


def both_names(place: Place) -> tuple[str, ...]:
    """The tokens of a name in Chinese and in English."""
    return name_tokens(place.name_zh) + name_tokens(place.name_en)


def tokens_for(listing: "Listing") -> dict[str, tuple[str, ...]]:
    """What a listing is found by, by weight: A its produce; B group, county, farmer; C prefecture, province; D words."""
    county = listing.county
    group = listing.produce.parent if listing.produce else None
    return {
        "A": both_names(listing.produce) if listing.produce else (),
        "B": (
            *(both_names(group) if group else ()),
            *name_tokens(county.name_zh),
            *name_tokens(county.short_zh),
            *name_tokens(county.short_en),
            *name_tokens(county.alternative_en),
            *name_tokens(listing.farmer.name),
        ),
        "C": (*name_tokens(county.prefecture_zh), *name_tokens(county.prefecture_en), *both_names(listing.province)),
        "D": (*sentence_tokens(listing.words), *sentence_tokens(listing.origin)),
    }


def vector_text(tokens: dict[str, tuple[str, ...]]) -> str:
    """The text of a tsvector: each token once, at the best weight it has."""
    best: dict[str, str] = {}
    for weight in "ABCD":
        for token in tokens.get(weight, ()):
            if token not in best and len(best) < MAX_POSITION:
                best[token] = weight
    return " ".join([f"'{token}':{place}{weight}" for place, (token, weight) in enumerate(best.items(), start=1)])


def _syllables(word: str) -> list[str]:
    """A run of letters read as pinyin, longest syllables first; [] if it cannot be."""
    found, at = [], 0
    while at < len(word):
        match = _SYLLABLE.match(word, at)
        if not match:
            return []
        found.append(match.group())
        at = match.end()
    return found


def _any_of(*alternatives: str) -> str:
    different = list(dict.fromkeys(part for part in alternatives if part))
    return different[0] if len(different) == 1 else f"({' | '.join(different)})"


def _all_of(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' & '.join(parts)})"


def _chinese_term(run: str, prefix: str) -> str:
    words = [word for word in chinese.words(run) if word not in _STOP_WORDS]
    if not words:
        return ""
    ways = [_any_of(f"'{word}'", _all_of([f"'{pair}'" for pair in _pairs(word)] or [f"'{word}'"])) for word in words]
    return _any_of(f"'{run}'{prefix}", _all_of(ways))


def _latin_term(run: str, prefix: str) -> str:
    if run in _STOP_WORDS or _MEASURE.fullmatch(run):
        return ""
    syllables = _syllables(run)
    is_pinyin = 1 < len(syllables) < 9 and all(len(syllable) > 1 for syllable in syllables)
    apart = _all_of([f"'{syllable}':AB" for syllable in syllables]) if is_pinyin else ""
    return _any_of(f"'{run}'{prefix}", f"'{singular(run)}'{prefix}", apart)


def search_query(text: str) -> str:
    """The text of a tsquery for what someone typed; "" when there is nothing in it to look for.

    All terms must be found; the last one may be only the beginning of a word. Harmless on anything.
    """
    runs = _RUNS.findall(normalised(text[:MAX_QUERY_CHARS]))[:MAX_TERMS]
    terms = []
    for i, run in enumerate(runs):
        prefix = ":*" if i == len(runs) - 1 else ""
        terms.append(_chinese_term(run, prefix) if _CHINESE.match(run) else _latin_term(run, prefix))
    return " & ".join(term for term in terms if term)


def typed_words(text: str) -> set[str]:
    """The words that could each be a whole name in what someone typed: of "xunwu passion fruits" also "passionfruit"."""
    runs = _RUNS.findall(normalised(text[:MAX_QUERY_CHARS]))[:MAX_TERMS]
    found: set[str] = set()
    for at, run in enumerate(runs):
        if _CHINESE.match(run):
            found.update(word for word in (run, *chinese.words_within(run)) if len(word) > 1)
        else:
            found.update(singular("".join(runs[at:end])) for end in range(at + 1, min(at + 5, len(runs)) + 1))
    return found - _STOP_WORDS


@lru_cache(maxsize=4096)
def whole_names(name_zh: str, name_en: str) -> frozenset[str]:
    """A name in one piece, as Chinese, pinyin and English: "蜜桔、椪柑" is two."""
    found: set[str] = set()
    for run in _RUNS.findall(normalised(name_zh)):
        found.update((run, *list(_spellings(_pinyin(run)))[:-1]) if _CHINESE.match(run) else (run,))
    for name in re.split(r",| and ", normalised(name_en)):
        found.add(singular("".join(_RUNS.findall(name))))
    return frozenset(found)
