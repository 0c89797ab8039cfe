"""How names are spelled, misspelled and heard: what a typo is recognised by. Pure text: nothing touches the database.

A typo of one letter or character is found without comparing with every name: each name keeps itself with each one
character left out, and so does what was typed; two that lie one apart share one of these (the way of SymSpell). Chinese is
compared by sound too: 白香果 and 百香国 sound like 百香果, and the ends -n and -ng, z and zh are heard as one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.chinese import syllables
from marketplace.search import MAX_QUERY_CHARS, is_chinese, is_stop_word, normalised, runs_of, singular

MAX_SPELLING = 40
MAX_PIECES = 120
LONGEST_NAME = 8  # Chinese characters of a name that is looked for inside a longer run
MOST_WORDS = 4  # words that can make one name: "bai xiang guo", "passion fruit"
_SHORT = 4  # letters; below, one letter more or less is another word


@dataclass(frozen=True)
class Way:
    """One way to type a name: `text` as it is compared, `name` as it is shown and searched for."""

    text: str
    name: str


def ways(name_zh: str, name_en: str = "") -> list[Way]:
    """Every way to type a whole name: Chinese, pinyin, initials, English; "蜜桔、椪柑" is two names."""
    found: dict[str, str] = {}
    for run in runs_of(name_zh):
        if not is_chinese(run):
            found.setdefault(run, run)
            continue
        heard = syllables(run)
        whole = "".join(heard)
        for text in (
            run,
            whole,
            whole.replace("v", "u"),
            "".join(syllable[0] for syllable in heard) if len(run) > 1 else "",
        ):
            found.setdefault(text, run)
    for part in re.split(r",| and ", name_en):
        words = runs_of(part)
        found.setdefault(singular("".join(words)), part.strip())
        if len(words) > 1:
            found.setdefault("".join(words), part.strip())
    return [Way(text, name) for text, name in found.items() if text and len(text) <= MAX_SPELLING]


def sound(text: str) -> str:
    """How it is heard, roughly: "baixianguo", "baixiangguo" and 白香国 are one. Not for showing."""
    letters = "".join(syllables(text)) if is_chinese(text) else text
    letters = re.sub(r"ng*", "n", letters.replace("v", "u"))
    return re.sub(r"([zcs])h", r"\1", letters)


def keys(text: str) -> list[str]:
    """What a spelling is recognised by when it is typed wrongly; two spellings one apart share a key."""
    found = {text, f"~{sound(text)}"}
    if is_chinese(text):
        if len(text) > 1:
            found.update(_one_left_out(text))
    elif len(text) >= _SHORT:
        found.update(_one_left_out(text))
    return sorted(found)


def _one_left_out(text: str) -> Iterator[str]:
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]


def apart(one: str, other: str) -> int:
    """How many letters are missing, too many, wrong or swapped with their neighbour between two texts."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def unlikeness(typed: str, text: str) -> int | None:
    """0 for the same, 1 for the same sound, 2 for one apart; None when it is another word."""
    if typed == text:
        return 0
    if is_chinese(typed) != is_chinese(text):
        return None
    if sound(typed) == sound(text) and (is_chinese(typed) or len(typed) >= _SHORT):
        return 1
    shortest, longest = sorted((len(typed), len(text)))
    is_long_enough = longest > 2 and shortest > 1 if is_chinese(typed) else shortest >= _SHORT
    return 2 if is_long_enough and apart(typed, text) == 1 else None


def units(text: str) -> list[str]:
    """What was typed, cut to what can be put together again: characters of Chinese, words of anything else."""
    found: list[str] = []
    for run in runs_of(text[:MAX_QUERY_CHARS]):
        found += list(run) if is_chinese(run) else [run]
    return found


def pieces(parts: list[str]) -> list[tuple[int, int, str]]:
    """Every run of neighbouring units that might be one name, as (from, until, text); never across scripts."""
    found: list[tuple[int, int, str]] = []
    for start, first in enumerate(parts):
        chinese = is_chinese(first)
        for end in range(start + 1, min(start + (LONGEST_NAME if chinese else MOST_WORDS), len(parts)) + 1):
            if is_chinese(parts[end - 1]) != chinese or len(found) >= MAX_PIECES:
                break
            text = "".join(parts[start:end])
            if (chinese and len(text) < 2) or is_stop_word(text) or text.isdigit():
                continue
            found.append((start, end, text if chinese else singular(text)))
    return found


def comparable(text: str) -> str:
    """What was typed so far as one text, to compare with the beginnings of spellings."""
    return "".join(runs_of(normalised(text[:MAX_QUERY_CHARS])))
