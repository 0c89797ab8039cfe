"""Keeping the names that can be typed, and what was looked for."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.utils import timezone

from accounts.models import County, Farmer
from common.transactions import use_case
from marketplace.models import Produce, SearchDay, Spelling
from marketplace.queries.places import provinces
from marketplace.search import runs_of
from marketplace.spelling import Way, keys, units, ways

FARMERS_AT_ONCE = 2000
MOST_QUERY_CHARS = 40
MANY_TIMES = 5  # a search is offered to others once it was made so often, and not by a few in an hour
MANY_DAYS = 2
LOOK_BACK = timedelta(days=30)
KEPT = timedelta(days=400)
Kind = Spelling.Kind


def refresh_vocabulary(now: datetime) -> int:
    """Bring the spellings up to what is stored, and return how many there are. Every minute, and safe twice.

    Names of produce and places are compared whole (about a thousand); of farmers only the new and the renamed are read.
    """
    _refresh_places_and_produce()
    while _add_farmers():
        pass
    _refresh_queries(now)
    _weigh()
    return Spelling.objects.count()


def _spellings(kind: str, names: Iterable[Way], **of: Any) -> Iterator[Spelling]:
    for way in names:
        yield Spelling(kind=kind, text=way.text, name=way.name, keys=keys(way.text), **of)


def _wanted() -> Iterator[Spelling]:
    for produce in Produce.objects.all():
        yield from _spellings(Kind.PRODUCE, ways(produce.name_zh, produce.name_en), produce=produce)
    for county in County.objects.all():
        names = [*ways(county.name_zh, county.name_en), *ways(county.short_zh, county.short_en)]
        names += ways("", county.alternative_en)
        yield from _spellings(Kind.COUNTY, {way.text: way for way in names}.values(), county=county)
    for province in provinces():
        short = province.name_zh.removesuffix("省").removesuffix("市").removesuffix("自治区")
        names = [*ways(province.name_zh, province.name_en), *ways(short)]
        yield from _spellings(Kind.PROVINCE, {way.text: way for way in names}.values(), province=province)


@use_case
def _refresh_places_and_produce() -> None:
    def identity(one: Spelling) -> tuple[Any, ...]:
        return (one.kind, one.text, one.name, one.produce_id, one.county_id, one.province_id)

    kinds = [Kind.PRODUCE, Kind.COUNTY, Kind.PROVINCE]
    there = {identity(one): one.pk for one in Spelling.objects.filter(kind__in=kinds).defer("keys")}
    wanted = {identity(one): one for one in _wanted()}
    Spelling.objects.filter(pk__in=[pk for one, pk in there.items() if one not in wanted]).delete()
    new = [spelling for one, spelling in wanted.items() if one not in there]
    Spelling.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)


@use_case
def _add_farmers() -> bool:
    """The spellings of some verified farmers who have none yet; False when there were no more. Renamed ones anew."""
    renamed = Spelling.objects.filter(kind=Kind.FARMER).exclude(farmer__name=F("name"))
    renamed.delete()
    spelled = Spelling.objects.filter(kind=Kind.FARMER, farmer=OuterRef("pk"))
    without = Farmer.objects.verified().exclude(Exists(spelled)).order_by("pk").only("name")[:FARMERS_AT_ONCE]
    farmers = list(without)
    new: list[Spelling] = []
    for farmer in farmers:
        texts = [way.text for way in ways(farmer.name)] or [str(farmer.pk)]
        new += _spellings(Kind.FARMER, [Way(text, farmer.name) for text in texts], farmer=farmer)
    Spelling.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    return len(farmers) == FARMERS_AT_ONCE


@use_case
def _refresh_queries(now: datetime) -> None:
    """Searches that many have made and that found something, made of names of produce and places alone.

    A farmer's name is not among these words: a search for one who may not be shown any more must not be offered.
    """
    since = timezone.localdate(now - LOOK_BACK)
    many = (
        SearchDay.objects.filter(day__gte=since, hits__gt=0)
        .values("query")
        .annotate(all=Sum("times"))
        .filter(all__gte=MANY_TIMES)
        .order_by("-all")[:500]
    )
    asked = {row["query"]: row["all"] for row in many}
    days: dict[str, int] = {}
    for query in SearchDay.objects.filter(day__gte=since, query__in=asked).values_list("query", flat=True):
        days[query] = days.get(query, 0) + 1
    known = set(
        Spelling.objects.filter(kind__in=[Kind.PRODUCE, Kind.COUNTY, Kind.PROVINCE]).values_list("text", flat=True)
    )
    Spelling.objects.filter(kind=Kind.QUERY).delete()
    Spelling.objects.bulk_create(
        [
            Spelling(kind=Kind.QUERY, text=text, name=query, keys=[], weight=times)
            for query, times in asked.items()
            if days[query] >= MANY_DAYS
            and (text := "".join(runs_of(query)))
            and _is_of_names(query, known.__contains__)
        ],
        ignore_conflicts=True,
    )


def _is_of_names(query: str, known: Callable[[str], bool]) -> bool:
    """Whether it is two names or more, and nothing else; a single one is offered anyway."""
    parts = units(query)
    reached = {0: 0}  # how far names alone lead, and over how many
    for start in range(len(parts)):
        if start in reached:
            for end in range(start + 1, len(parts) + 1):
                if known("".join(parts[start:end])):
                    reached[end] = max(reached.get(end, 0), reached[start] + 1)
    return reached.get(len(parts), 0) > 1


_WEIGH = """
WITH counted AS (
    SELECT 'PRODUCE' AS kind, produce_id::text AS id, count(*) AS offers FROM marketplace_shelfplace
        WHERE shown AND stock > 0 GROUP BY produce_id
    UNION ALL SELECT 'PRODUCE', produce.parent_id::text, count(*) FROM marketplace_shelfplace place
        JOIN marketplace_produce produce ON produce.id = place.produce_id
        WHERE shown AND stock > 0 AND produce.parent_id IS NOT NULL GROUP BY produce.parent_id
    UNION ALL SELECT 'COUNTY', county_id::text, count(*) FROM marketplace_shelfplace
        WHERE shown AND stock > 0 GROUP BY county_id
    UNION ALL SELECT 'PROVINCE', province_id, count(*) FROM marketplace_shelfplace
        WHERE shown AND stock > 0 GROUP BY province_id
    UNION ALL SELECT 'FARMER', farmer_id::text, count(*) FROM marketplace_shelfplace place
        JOIN marketplace_listing listing ON listing.id = place.listing_id
        WHERE shown GROUP BY farmer_id
), weighed AS (
    SELECT spelling.id, coalesce(counted.offers, 0) AS offers
    FROM marketplace_spelling spelling
    LEFT JOIN counted ON counted.kind = spelling.kind AND counted.id = coalesce(
        spelling.produce_id::text, spelling.county_id::text, spelling.province_id, spelling.farmer_id::text)
    WHERE spelling.kind <> 'QUERY'
)
UPDATE marketplace_spelling spelling SET weight = weighed.offers
FROM weighed WHERE weighed.id = spelling.id AND spelling.weight <> weighed.offers
"""


@use_case
def _weigh() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WEIGH)


def kept_query(typed: str) -> str:
    """A search as demand keeps it: its words only, "" for what is nobody's business (numbers, addresses, sentences)."""
    if "@" in typed or "://" in typed:
        return ""
    query = " ".join(runs_of(typed))
    digits = sum(char.isdigit() for char in query)
    return query if len(query) <= MOST_QUERY_CHARS and digits <= 4 else ""


@use_case
def record_search(*, typed: str, hits: int, now: datetime) -> None:
    """Count that something was looked for today, and how much was found. Nothing about who asked.

    The page does not wait for the disk: a crash may lose the last second of these counts, nothing else.
    """
    if not (query := kept_query(typed)):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SET LOCAL synchronous_commit = off;
               INSERT INTO marketplace_searchday AS kept (day, query, times, hits) VALUES (%s, %s, 1, %s)
               ON CONFLICT (day, query) DO UPDATE SET times = kept.times + 1, hits = excluded.hits""",
            [timezone.localdate(now), query, hits],
        )


@use_case
def forget_old_searches(now: datetime) -> int:
    """Drop what was asked once a month ago, and everything after a little more than a year."""
    today = timezone.localdate(now)
    old = Q(day__lt=today - KEPT) | Q(day__lt=today - LOOK_BACK, times=1)
    return SearchDay.objects.filter(old).delete()[0]
