"""What holds of orders, parcels and their clock, holds, and reviews. See common/invariants.py."""

import json
from typing import Any

from common.invariants import Check
from orders.clock import TABLE, Role


def _law() -> dict[str, Any]:
    """orders/clock.py as rows a query can join."""
    alone, sides = {Role.CLOCK, Role.GATEWAY}, {Role.BUYER, Role.FARMER}
    rows = [
        {
            "state": row.state,
            "event": row.event,
            "next": row.to,
            "timer": row.timer.event if row.timer else "",
            "alone": bool(row.who & alone),
            "buyer": Role.BUYER in row.who,
            "farmer": Role.FARMER in row.who,
            "others": bool(row.who - alone - sides),
        }
        for row in TABLE
    ]
    return {"law": json.dumps(rows)}


_LAW = """jsonb_to_recordset(%(law)s::jsonb)
    AS law (state text, event text, next text, timer text, alone bool, buyer bool, farmer bool, others bool)"""

SUMS = (
    Check(
        "order_is_its_parcels",
        "An order's goods and postage are the sums of its parcels', and its total is they and what was rounded up, to the fen.",
        """
        SELECT placed.id FROM orders_order placed
        LEFT JOIN (
            SELECT order_id, sum(goods_fen) AS goods, sum(postage_fen) AS postage FROM orders_parcel GROUP BY order_id
        ) parts ON parts.order_id = placed.id
        WHERE placed.goods_fen <> coalesce(parts.goods, 0) OR placed.postage_fen <> coalesce(parts.postage, 0)
           OR placed.total_fen <> coalesce(parts.goods + parts.postage, 0) + placed.round_up_fen
        """,
    ),
    Check(
        "parcel_is_its_lines",
        "A parcel's goods (fen) and weight (grams) are the sums of its lines', and each line is packs times price.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN (
            SELECT parcel_id, sum(total_fen) AS goods, sum(packs::bigint * pack_grams) AS grams,
                bool_and(total_fen = packs::bigint * unit_price_fen) AS adds_up
            FROM orders_orderline GROUP BY parcel_id
        ) parts ON parts.parcel_id = parcel.id
        WHERE parcel.goods_fen <> coalesce(parts.goods, 0) OR parcel.weight_grams <> coalesce(parts.grams, 0)
           OR NOT coalesce(parts.adds_up, false)
        """,
    ),
    Check(
        "parcel_carries_its_orders_number",
        "A parcel's number begins with its order's.",
        """
        SELECT parcel.id FROM orders_parcel parcel JOIN orders_order placed ON placed.id = parcel.order_id
        WHERE NOT starts_with(parcel.number, placed.number || '-')
        """,
    ),
    Check(
        "line_is_of_its_hold",
        "A line, its hold, lot, listing, revision, parcel and order all speak of the same thing.",
        """
        SELECT line.id FROM orders_orderline line
        JOIN marketplace_hold hold ON hold.id = line.hold_id
        JOIN marketplace_lot lot ON lot.id = line.lot_id
        JOIN marketplace_listing listing ON listing.id = line.listing_id
        JOIN marketplace_listingrevision revision ON revision.id = line.revision_id
        JOIN orders_parcel parcel ON parcel.id = line.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        WHERE hold.lot_id <> line.lot_id OR hold.packs <> line.packs OR hold.order_number <> placed.number
           OR lot.listing_id <> line.listing_id OR listing.farmer_id <> parcel.farmer_id
           OR revision.listing_id <> line.listing_id
        """,
    ),
    Check(
        "sold_was_approved",
        "Nothing was ever sold of which a moderator had not approved the revision that the buyer saw.",
        """
        SELECT line.id FROM orders_orderline line
        WHERE NOT EXISTS (SELECT 1 FROM marketplace_moderationdecision decision
                          WHERE decision.revision_id = line.revision_id AND decision.verdict = 'APPROVE')
        """,
    ),
)

HOLDS = (
    Check(
        "packs_set_aside_are_ordered",
        "Packs that are held or sold stand on a line of an order.",
        """
        SELECT hold.id FROM marketplace_hold hold
        LEFT JOIN orders_orderline line ON line.hold_id = hold.id
        WHERE hold.status IN ('HELD', 'SOLD') AND line.id IS NULL
        """,
    ),
    Check(
        "hold_stands_as_its_parcel",
        "Packs are held for an unpaid parcel, released with it, given back when it is cancelled, and else sold;"
        " of one that was not taken they are either.",
        """
        SELECT hold.id FROM marketplace_hold hold
        JOIN orders_orderline line ON line.hold_id = hold.id
        JOIN orders_parcel parcel ON parcel.id = line.parcel_id
        WHERE hold.status <> CASE parcel.state
            WHEN 'PLACED' THEN 'HELD' WHEN 'RELEASED' THEN 'RELEASED' WHEN 'CANCELLED' THEN 'RETURNED' ELSE 'SOLD' END
          AND NOT (parcel.state = 'REFUSED' AND hold.status = 'RETURNED')
        """,
    ),
    Check(
        "hold_lapses_with_its_order",
        "Packs are held exactly as long as their order may be paid.",
        """
        SELECT hold.id FROM marketplace_hold hold
        JOIN orders_order placed ON placed.number = hold.order_number
        WHERE hold.status = 'HELD' AND hold.expires_at <> placed.pay_by
        """,
    ),
)

CLOCK = (
    Check(
        "order_stands_as_its_parcels",
        "An order is unpaid, released, paid, cancelled or not taken exactly as its parcels are, and has at least one.",
        """
        SELECT placed.id FROM orders_order placed
        LEFT JOIN orders_parcel parcel ON parcel.order_id = placed.id
        GROUP BY placed.id
        HAVING NOT coalesce(CASE placed.status
            WHEN 'UNPAID' THEN bool_and(parcel.state = 'PLACED')
            WHEN 'RELEASED' THEN bool_and(parcel.state = 'RELEASED')
            WHEN 'CANCELLED' THEN bool_and(parcel.state = 'CANCELLED')
            WHEN 'REFUSED' THEN bool_and(parcel.state = 'REFUSED')
            ELSE bool_and(parcel.state NOT IN ('PLACED', 'RELEASED', 'REFUSED')) AND bool_or(parcel.state <> 'CANCELLED')
        END, false)
        """,
    ),
    Check(
        "order_paid_has_its_time",
        "An order has a time of payment exactly when it was paid; cancelled, unless it was to be paid on delivery.",
        """
        SELECT placed.id FROM orders_order placed
        WHERE (paid_at IS NOT NULL) <> (status = 'PAID' OR status = 'CANCELLED' AND NOT EXISTS (
            SELECT 1 FROM orders_parcelevent event JOIN orders_parcel parcel ON parcel.id = event.parcel_id
            WHERE parcel.order_id = placed.id AND event.event = 'PROMISE'))
        """,
    ),
    Check(
        "promised_by_its_buyer_for_one_parcel",
        "An order is to be paid on delivery, or was not taken, only after its buyer promised it, and has one parcel.",
        """
        SELECT placed.id FROM orders_order placed JOIN orders_parcel parcel ON parcel.order_id = placed.id
        LEFT JOIN orders_parcelevent event ON event.parcel_id = parcel.id AND event.event = 'PROMISE'
        WHERE placed.status IN ('PROMISED', 'REFUSED') OR event.id IS NOT NULL
        GROUP BY placed.id
        HAVING count(DISTINCT parcel.id) <> 1 OR count(event.id) <> 1
            OR bool_or(event.actor_id IS DISTINCT FROM placed.buyer_id)
            OR placed.status NOT IN ('PROMISED', 'REFUSED', 'PAID', 'CANCELLED')
        """,
    ),
    Check(
        "parcel_stands_where_it_was_moved",
        "A parcel's state is where its last event led; one without events has just been placed.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN (
            SELECT DISTINCT ON (parcel_id) parcel_id, moved_to FROM orders_parcelevent ORDER BY parcel_id, id DESC
        ) last ON last.parcel_id = parcel.id
        WHERE parcel.state <> coalesce(last.moved_to, 'PLACED')
        """,
    ),
    Check(
        "parcel_events_join_up",
        "Each event begins where the one before it ended, the first where every parcel begins.",
        """
        SELECT id FROM (
            SELECT id, moved_from, lag(moved_to, 1, 'PLACED') OVER (PARTITION BY parcel_id ORDER BY id) AS stood
            FROM orders_parcelevent
        ) event WHERE moved_from <> stood
        """,
    ),
    Check(
        "parcel_events_obey_the_clock",
        "Every move of a parcel is one that orders/clock.py allows.",
        f"""
        SELECT event.id FROM orders_parcelevent event
        LEFT JOIN {_LAW} ON law.state = event.moved_from AND law.event = event.event AND law.next = event.moved_to
        WHERE law.state IS NULL
        """,  # noqa: S608  # our own words
        params=_law,
    ),
    Check(
        "parcel_moved_by_one_who_may",
        "Every move was made by the side, the moderator, the payment or the time that may make it.",
        f"""
        SELECT event.id FROM orders_parcelevent event
        JOIN {_LAW} ON law.state = event.moved_from AND law.event = event.event
        JOIN orders_parcel parcel ON parcel.id = event.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE NOT CASE
            WHEN event.actor_id IS NULL THEN law.alone
            ELSE (law.buyer AND event.actor_id = placed.buyer_id) OR (law.farmer AND event.actor_id = farmer.user_id)
                 OR law.others
        END
        """,  # noqa: S608  # our own words
        params=_law,
    ),
    Check(
        "parcel_timer_is_wound",
        "A parcel's timer is the one that the clock sets after its last event, and none where it sets none.",
        f"""
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN (
            SELECT DISTINCT ON (parcel_id) parcel_id, moved_from, event
            FROM orders_parcelevent WHERE NOT (event = 'COME' AND moved_from = moved_to) ORDER BY parcel_id, id DESC
        ) last ON last.parcel_id = parcel.id
        LEFT JOIN {_LAW} ON law.state = last.moved_from AND law.event = last.event
        WHERE parcel.timer <> coalesce(law.timer, '') OR (parcel.timer = '') <> (parcel.timer_at IS NULL)
           OR (parcel.timer = 'SETTLE' AND parcel.timer_at IS DISTINCT FROM parcel.claim_until)
        """,  # noqa: S608  # our own words
        params=_law,
    ),
    Check(
        "parcel_has_its_times",
        "A parcel has the times, courier and number that its state stands on, and a late one was called late.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        WHERE (state NOT IN ('PLACED', 'RELEASED') AND post_by IS NULL)
           OR (state IN ('ON_THE_WAY', 'RECEIVED', 'CLAIMED', 'SETTLED', 'REFUSED')
               AND (posted_at IS NULL OR courier = '' OR tracking_number = ''))
           OR (state IN ('RECEIVED', 'CLAIMED', 'SETTLED') AND (received_at IS NULL OR claim_until IS NULL))
           OR (state = 'SETTLED') <> (settled_at IS NOT NULL)
           OR (is_late AND NOT EXISTS (SELECT 1 FROM orders_parcelevent event
                                       WHERE event.parcel_id = parcel.id AND event.event = 'ESCALATE'))
        """,
    ),
)

TOLD = (
    Check(
        "parcel_events_are_told",
        "Everyone whom a parcel's event concerns has its notification.",
        """
        SELECT DISTINCT event.id FROM orders_parcelevent event
        JOIN (VALUES ('PAY', 'parcel_to_pack', 'FARMER'), ('REMIND', 'parcel_post_reminder', 'FARMER'),
                     ('ESCALATE', 'parcel_late', 'FARMER'), ('ESCALATE', 'parcel_late', 'BUYER'),
                     ('POST', 'parcel_posted', 'BUYER'), ('CORRECT', 'parcel_posted', 'BUYER'),
                     ('CANCEL', 'parcel_cancelled', 'FARMER'), ('CANCEL', 'parcel_cancelled', 'BUYER'),
                     ('RECEIVE', 'parcel_received', 'FARMER'), ('AUTO_RECEIVE', 'parcel_auto_received', 'BUYER'),
                     ('SETTLE', 'parcel_settled', 'FARMER'), ('PASS_ON', 'claim_escalated', 'FARMER'),
                     ('PASS_ON', 'claim_escalated', 'BUYER'), ('PROMISE', 'parcel_to_pack', 'FARMER'),
                     ('REFUSE', 'parcel_refused', 'FARMER'), ('REFUSE', 'parcel_refused', 'BUYER')
        ) AS concerns (event, kind, side) ON concerns.event = event.event
        JOIN orders_parcel parcel ON parcel.id = event.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        LEFT JOIN notifications_notification told
            ON told.recipient_id = CASE concerns.side WHEN 'BUYER' THEN placed.buyer_id ELSE farmer.user_id END
           AND told.kind = concerns.kind AND told.about = 'parcel:' || parcel.id
        WHERE told.id IS NULL
          AND event.actor_id IS DISTINCT FROM
              CASE concerns.side WHEN 'BUYER' THEN placed.buyer_id ELSE farmer.user_id END
        """,
    ),
    Check(
        "order_moves_are_told",
        "A buyer has a notification of each order placed, paid, to be paid on delivery, or given up unpaid.",
        """
        SELECT DISTINCT placed.id FROM orders_order placed
        CROSS JOIN LATERAL (VALUES
            ('order_placed', true), ('order_paid', placed.paid_at IS NOT NULL),
            ('order_released', placed.status = 'RELEASED'), ('order_promised', placed.status IN ('PROMISED', 'REFUSED'))
        ) AS moment (kind, came)
        LEFT JOIN notifications_notification told
            ON told.recipient_id = placed.buyer_id AND told.kind = moment.kind AND told.about = 'order:' || placed.id
        WHERE moment.came AND told.id IS NULL
        """,
    ),
)

REVIEWS = (
    Check(
        "review_by_its_buyer",
        "A review is by the buyer of the parcel, about something that was in it and has arrived.",
        """
        SELECT review.id FROM orders_review review
        JOIN orders_parcel parcel ON parcel.id = review.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        WHERE review.buyer_id <> placed.buyer_id OR parcel.state NOT IN ('RECEIVED', 'CLAIMED', 'SETTLED')
           OR NOT EXISTS (SELECT 1 FROM orders_orderline line
                          WHERE line.parcel_id = parcel.id AND line.listing_id = review.listing_id)
        """,
    ),
    Check(
        "review_shown_as_decided",
        "Words and photos of a review are shown or hidden as a moderator decided, and wait until then.",
        """
        SELECT review.id FROM orders_review review
        LEFT JOIN (
            SELECT DISTINCT ON (review_id) review_id, shown FROM orders_reviewdecision ORDER BY review_id, id DESC
        ) last ON last.review_id = review.id
        WHERE CASE review.status
            WHEN 'WAITING' THEN last.shown IS NOT NULL
            WHEN 'HIDDEN' THEN last.shown IS DISTINCT FROM false
            ELSE last.shown IS DISTINCT FROM true AND (last.shown IS NOT NULL OR review.words <> ''
                 OR EXISTS (SELECT 1 FROM orders_reviewphoto place WHERE place.review_id = review.id))
        END
        """,
    ),
    Check(
        "review_decided_by_another",
        "No moderator decided about their own words, or about words on their own produce.",
        """
        SELECT decision.id FROM orders_reviewdecision decision
        JOIN orders_review review ON review.id = decision.review_id
        JOIN marketplace_listing listing ON listing.id = review.listing_id
        JOIN accounts_farmer farmer ON farmer.id = listing.farmer_id
        WHERE decision.decided_by_id IN (review.buyer_id, farmer.user_id)
        """,
    ),
    Check(
        "review_photos_shown_are_ready",
        "Every photo of a shown review is one of which clean copies were made, or was refused as unreadable.",
        """
        SELECT place.id FROM orders_reviewphoto place
        JOIN orders_review review ON review.id = place.review_id
        JOIN marketplace_photo photo ON photo.id = place.photo_id
        WHERE review.status = 'SHOWN' AND photo.status NOT IN ('READY', 'REFUSED')
        """,
    ),
    Check(
        "listing_stars_are_counted",
        "A listing's stars are the sum and the number of its reviews.",
        """
        SELECT listing.id FROM marketplace_listing listing
        LEFT JOIN (
            SELECT listing_id, sum(stars) AS stars, count(*) AS times FROM orders_review GROUP BY listing_id
        ) counted ON counted.listing_id = listing.id
        WHERE listing.rating_sum <> coalesce(counted.stars, 0) OR listing.rating_count <> coalesce(counted.times, 0)
        """,
    ),
    Check(
        "storefront_stars_are_counted",
        "A shop page's stars are those of all its farmer's listings.",
        """
        SELECT storefront.id FROM marketplace_storefront storefront
        LEFT JOIN (
            SELECT listing.farmer_id, sum(review.stars) AS stars, count(*) AS times FROM orders_review review
            JOIN marketplace_listing listing ON listing.id = review.listing_id GROUP BY listing.farmer_id
        ) counted ON counted.farmer_id = storefront.farmer_id
        WHERE storefront.rating_sum <> coalesce(counted.stars, 0)
           OR storefront.rating_count <> coalesce(counted.times, 0)
        """,
    ),
)

SHARING = (
    Check(
        "attribution_leads_to_another",
        "An order is put down to somebody else's link, unless it says that it earns nothing.",
        """
        SELECT attribution.id FROM orders_attribution attribution
        JOIN orders_order placed ON placed.id = attribution.order_id
        JOIN marketplace_sharelink link ON link.id = attribution.link_id
        WHERE attribution.refused = '' AND link.sharer_id = placed.buyer_id
        """,
    ),
)

CHECKS = (*SUMS, *HOLDS, *CLOCK, *TOLD, *REVIEWS, *SHARING)
