"""Full-text search as database expressions, over the vector that services.search writes."""

from typing import Any

from django.db.models import BooleanField, F, Func, IntegerField, Value


class Matches(Func):
    """True where the listing's stored vector holds what is asked for. Uses the GIN index."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, query: str, **extra: Any) -> None:
        super().__init__(F("search_vector"), Value(query), **extra)


class Relevance(Func):
    """How well it fits, as an integer so that pages can be cut exactly at it. Produce counts most, the words least."""

    template = "(1000000 * ts_rank('{0.05, 0.2, 0.5, 1}', %(expressions)s::tsquery))::int"
    output_field = IntegerField()

    def __init__(self, query: str, **extra: Any) -> None:
        super().__init__(F("search_vector"), Value(query), **extra)
