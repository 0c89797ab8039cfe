"""Counties and kinds of produce that were named in a search, whether anything of them is on sale or not."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.expressions import Value
from django.db.models.functions import Lower, Replace

from accounts.models import County
from marketplace.models import Produce
from marketplace.search import typed_words, whole_names

LIMIT = 6


@dataclass(frozen=True)
class Near:
    """What was named."""

    counties: list[County]
    produce: list[Produce]


def near(typed: str) -> Near:
    """The counties and the groups and kinds of produce whose names are in what was typed; two queries."""
    words = typed_words(typed)
    if not words:
        return Near([], [])
    spelled = Replace(Replace(Lower("short_en"), Value("'"), Value("")), Value(" "), Value(""))
    counties = County.objects.annotate(spelled=spelled).filter(
        Q(short_zh__in=words) | Q(name_zh__in=words) | Q(spelled__in=words)
    )
    produce = [kind for kind in Produce.objects.all() if words & whole_names(kind.name_zh, kind.name_en)]
    return Near(list(counties.select_related("province").order_by("list_no")[:LIMIT]), produce[:LIMIT])
