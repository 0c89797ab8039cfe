"""Whether what lists look at agrees with what it is made from: for `manage.py verify` and for tests."""

from django.db import connection

_OUT_OF_STEP = """
SELECT listing.id
FROM marketplace_listing listing
JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
LEFT JOIN marketplace_shelfplace place ON place.listing_id = listing.id
LEFT JOIN LATERAL (
    SELECT max(lot.picked_on) AS picked_on, min(lot.expected_from) FILTER (WHERE lot.picked_on IS NULL) AS expected_from
    FROM marketplace_lot lot
    WHERE lot.listing_id = listing.id AND lot.closed_at IS NULL AND lot.harvested > lot.sold + lot.held
) lots ON true
WHERE place.listing_id IS NULL
   OR place.shown <> (listing.status = 'LIVE' AND farmer.status = 'VERIFIED')
   OR (place.shown AND (
        (place.produce_id, place.county_id, place.province_id, place.women_led, place.live_since, place.picked_on,
         place.expected_from, place.stock, place.fen_per_kg, place.standing)
        IS DISTINCT FROM
        (listing.produce_id, listing.county_id, listing.province_id, farmer.women_led, listing.live_since, lots.picked_on,
         lots.expected_from,
         CASE WHEN lots.picked_on IS NOT NULL THEN 2 WHEN lots.expected_from IS NOT NULL THEN 1 ELSE 0 END,
         listing.price_fen::bigint * 1000 / listing.pack_grams,
         (listing.rating_sum + 12) * 1000 / (listing.rating_count + 3))))
ORDER BY listing.id LIMIT %s
"""


def places_out_of_step(limit: int = 100) -> list[int]:
    """The listings whose place on the shelf is missing or is not what listing, lots and farmer say; none, if all is well.

    Reads every listing: not for a page.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_STEP, [limit])
        return [listing_id for (listing_id,) in cursor.fetchall()]
