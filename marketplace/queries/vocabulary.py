"""What somebody might mean: suggestions while typing, and names in place of typos. From names, never from listings."""

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from accounts.models import Farmer
from accounts.models.places import speaks_english
from marketplace.models import Spelling
from marketplace.search import is_chinese, is_stop_word, runs_of
from marketplace.spelling import comparable, keys, pieces, units, unlikeness

MOST_SUGGESTIONS = 8
LOOKED_AT = 60
MOST_CANDIDATES = 400
_ORDER = {kind: place for place, kind in enumerate(["PRODUCE", "QUERY", "COUNTY", "PROVINCE", "FARMER"])}


@dataclass(frozen=True)
class Suggestion:
    """Something to look for. `name` is what to search for, `label` what to show; `offers` how many listings it has now.

    `county` or `farm` is the slug of the page that is meant, "" for a search.
    """

    kind: str
    name: str
    label: str
    offers: int
    county: str = ""
    farm: str = ""


@dataclass(frozen=True)
class Correction:
    """What was probably meant: `text` to search for instead of `typed`."""

    typed: str
    text: str


def _may_be_named() -> QuerySet[Spelling]:
    """Spellings that may be shown: of farmers only the verified who sell something, under the name they have now."""
    farmers = Q(farmer__status=Farmer.Status.VERIFIED, farmer__name=F("name"), weight__gt=0)
    return Spelling.objects.filter(Q(farmer=None) | farmers)


def suggest(text: str, limit: int = MOST_SUGGESTIONS) -> list[Suggestion]:
    """What begins like `text` (Chinese, pinyin, initials or English), else what is nearly spelled so. At most 2 queries.

    Produce comes first, then searches many have made, places that sell, farms; each by how much there is of it.
    """
    typed = comparable(text)
    if not typed:
        return []
    last = runs_of(text)[-1]
    found = _beginning_with({typed, last} if len(last) > 1 or is_chinese(last) else {typed}, typed)
    if not found and len(typed) > 1:
        found = sorted(
            (one for one in _nearly([typed]) if unlikeness(typed, one.text) is not None), key=lambda s: -s.weight
        )
    before = text[: len(text) - len(last)].strip() if last != typed else ""
    suggestions: dict[tuple[str, str], Suggestion] = {}
    for spelling in found:
        is_whole = spelling.text.startswith(typed) or not before
        one = _suggestion(spelling, "" if is_whole else before)
        suggestions.setdefault((one.kind, one.label), one)
    return list(suggestions.values())[:limit]


def _beginning_with(texts: set[str], whole: str) -> list[Spelling]:
    beginnings = Q()
    for text in texts:
        beginnings |= Q(text__startswith=text)
    named = _may_be_named().filter(beginnings).exclude(~Q(kind__in=["PRODUCE", "QUERY"]), weight=0)
    if len(whole) < 2:
        named = named.exclude(kind="FARMER")
    spellings = named.select_related("produce", "county__province", "province", "farmer__storefront").defer("keys")
    found = list(spellings.order_by("-weight", "pk")[:LOOKED_AT])
    return sorted(found, key=lambda one: (not one.text.startswith(whole), _ORDER[one.kind], -one.weight, one.pk))


def _nearly(texts: list[str]) -> list[Spelling]:
    wanted = sorted({key for text in texts for key in keys(text)})
    spellings = _may_be_named().filter(keys__overlap=wanted)
    related = spellings.select_related("produce", "county__province", "province", "farmer__storefront")
    return list(related.defer("keys").order_by("-weight", "pk")[:MOST_CANDIDATES])


def _suggestion(spelling: Spelling, before: str) -> Suggestion:
    name, county, farm = spelling.name, "", ""
    label = name
    if spelling.produce:
        label = spelling.produce.local_name
        name = label
    elif spelling.county:
        place = spelling.county
        label = (
            f"{place.name_en}, {place.province.name_en}"
            if speaks_english()
            else f"{place.province.name_zh}{place.name_zh}"
        )
        name, county = place.local_name, "" if before else place.slug
    elif spelling.province:
        label = name = spelling.province.local_name
    elif spelling.farmer:
        storefront = getattr(spelling.farmer, "storefront", None)
        farm = storefront.slug if storefront and not before else ""
    if before:
        name = f"{before} {name}"
        label = f"{before} {label}"
    return Suggestion(spelling.kind, name, label, spelling.weight, county, farm)


def corrected(typed: str) -> Correction | None:
    """`typed` with its misspelled names put right; None when there is nothing to put right. One query.

    Names that are right stay as they are, words that resemble nothing too. Call it for a search that found nothing.
    """
    parts = units(typed)
    spans = pieces(parts)
    if not spans:
        return None
    spellings = _nearly([text for _start, _end, text in spans])
    chosen = _best_cover(parts, spans, spellings)
    if not any(unlike for _start, _end, unlike, _name in chosen):
        return None
    words: list[str] = []
    at = 0
    for start, end, _unlike, name in chosen:
        words += [*_left_as_typed(parts[at:start]), name]
        at = end
    words += _left_as_typed(parts[at:])
    text = " ".join(words)
    return Correction(typed, text) if comparable(text) != comparable(typed) else None


def _left_as_typed(parts: list[str]) -> list[str]:
    """What stands between names. One character of Chinese that belongs to none is part of the mistake and goes."""
    words: list[str] = []
    for part in parts:
        if words and is_chinese(part) and is_chinese(words[-1]):
            words[-1] += part
        else:
            words.append(part)
    return [word for word in words if not is_stop_word(word) and not (is_chinese(word) and len(word) == 1)]


def _best_cover(
    parts: list[str], spans: list[tuple[int, int, str]], spellings: list[Spelling]
) -> list[tuple[int, int, int, str]]:
    """Names over what was typed, as (from, until, unlikeness, name): the most covered, then the least changed."""
    best: dict[tuple[int, int], tuple[int, int, int, str]] = {}
    for start, end, text in spans:
        for spelling in spellings:
            unlike = unlikeness(text, spelling.text)
            if unlike is None:
                continue
            rank = (unlike, _ORDER[spelling.kind] if unlike else 0, -spelling.weight, spelling.name)
            if (start, end) not in best or rank < best[start, end]:
                best[start, end] = rank
    # (covered, minus changed, minus names) for the first n units, with the names that lead there
    cover: list[tuple[tuple[int, int, int], list[tuple[int, int, int, str]]]] = [((0, 0, 0), [])]
    for end in range(1, len(parts) + 1):
        options = [cover[end - 1]]
        for (start, until), (unlike, _kind, _weight, name) in best.items():
            if until == end:
                (covered, changed, names), chosen = cover[start]
                score = (covered + end - start, changed - unlike, names - 1)
                options.append((score, [*chosen, (start, end, unlike, name)]))
        cover.append(max(options, key=lambda option: option[0]))
    return cover[-1][1]
