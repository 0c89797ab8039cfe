"""Keeping what listings are found by up to date."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, Value

from common.transactions import needs_transaction, use_case
from marketplace.models import Listing
from marketplace.search import tokens_for, vector_text
from marketplace.services.vocabulary import refresh_vocabulary

BATCH = 500


class _StoredVector(Func):
    """Text that is a tsvector already: no parser of PostgreSQL's, which knows no Chinese, comes between."""

    template = "(%(expressions)s)::tsvector"
    output_field = SearchVectorField()


def _index(listings: Iterable[Listing]) -> int:
    count = 0
    for listing in listings:
        vector = _StoredVector(Value(vector_text(tokens_for(listing))))
        count += Listing.objects.filter(pk=listing.pk).update(search_vector=vector)
    return count


@needs_transaction
def index_listing(listing: Listing) -> None:
    """Write what the listing is found by, from its own (approved) columns. Call it whenever one of them has changed."""
    _index([listing])


@use_case
def _index_batch(ids: list[int]) -> int:
    """Locked, so that an approval in the meantime is not overwritten with what stood there before."""
    chosen = Listing.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk")
    return _index(chosen.select_related("produce__parent", "county", "province", "farmer"))


def index_all() -> int:
    """Index every listing again, some hundred in each transaction, and return how many there were."""
    ids = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_index_batch(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def rebuild_index(now: datetime) -> int:
    """Index every listing again, bring the names that can be typed up to date, and return how many listings there were."""
    count = index_all()
    refresh_vocabulary(now)
    return count
