"""How Chinese is cut into words and how it sounds.

The dictionaries take most of a second and 40 MB to load: the first who asks loads them, and what never asks (the beat, most
commands) does without. What serves pages loads them before it forks (`config/wsgi.py`).
"""


def syllables(text: str) -> list[str]:
    """ "luo", "xuan" for 螺旋: pinyin without tones, ü as v; what is not Chinese stays as it is."""
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text)


def words(text: str) -> list[str]:
    """The words of Chinese text, each of its characters in one of them."""
    import rjieba

    found: list[str] = rjieba.cut(text)
    return found


def words_within(text: str) -> list[str]:
    """As `words`, with the shorter words inside the long ones, too."""
    import rjieba

    found: list[str] = rjieba.cut_for_search(text)
    return found


def load() -> None:
    """Load both dictionaries now, so that nobody waits for them."""
    syllables("出山")
    words("出山")
