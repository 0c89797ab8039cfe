"""What a kept page depends on, in one query: when it says something else, the page is made anew."""

from django.db import connection

from marketplace.queries.shelves import MAX_BIGINT

_WINDOW = "SELECT version FROM marketplace_window LIMIT 1"
_LISTING = """
SELECT (SELECT version FROM marketplace_window LIMIT 1), listing.status, listing.price_fen, listing.rating_sum,
    listing.rating_count,
    (SELECT array_agg(ARRAY[lot.id, lot.harvested - lot.sold - lot.held] ORDER BY lot.id) FROM marketplace_lot lot
     WHERE lot.listing_id = listing.id AND lot.closed_at IS NULL AND lot.harvested - lot.sold - lot.held > 0)
FROM marketplace_listing listing WHERE listing.id = %s
"""  # plain SQL: building these two took longer than all the rest of showing a kept page


def window_version() -> str:
    """The version of the shop window: moves in the transaction that changes what buyers may see. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_WINDOW)
        row = cursor.fetchone()
    return str(row[0] if row else 0)


def listing_version(pk: int) -> tuple[str, dict[int, int]]:
    """The window's version with the price, state and lots of one listing, and the boxes left of each lot there is some of.

    1 query. Sales do not move the window, so a listing's own page looks at its lots. "" where there is no such listing.
    """
    if pk > MAX_BIGINT:
        return "", {}
    with connection.cursor() as cursor:
        cursor.execute(_LISTING, [pk])
        row = cursor.fetchone()
    if not row:
        return "", {}
    *rest, lots = row
    left = dict(lots or ())
    return repr((*rest, list(left))), left
