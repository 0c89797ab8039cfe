"""What a kept page depends on, in one query: when it says something else, the page is made anew."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, Subquery

from marketplace.models import Listing, Window


def window_version() -> str:
    """The version of the shop window: moves in the transaction that changes what buyers may see. 1 query."""
    return str(Window.objects.values_list("version", flat=True).first() or 0)


def listing_version(pk: int) -> str:
    """The window's version, and the price, state and stock of one listing to the last box; "" where there is none.

    1 query. Sales do not move the window, so a listing's own page looks at its lots.
    """
    is_open = Q(lots__closed_at=None)
    row = (
        Listing.objects.filter(pk=pk)
        .annotate(
            window=Subquery(Window.objects.values("version")[:1]),
            open_lots=ArrayAgg("lots", filter=is_open, order_by="lots"),
            left_of_them=ArrayAgg(
                F("lots__harvested") - F("lots__sold") - F("lots__held"), filter=is_open, order_by="lots"
            ),
        )
        .values_list("window", "status", "price_fen", "rating_sum", "rating_count", "open_lots", "left_of_them")
        .first()
    )
    return repr(row) if row else ""
