"""What holds of consents and of what was done for households. See common/invariants.py."""

from common.invariants import Check

CHECKS = (
    Check(
        "act_by_a_consent_that_stood",
        "What was done for a farmer was by a consent of these two, given before, not ended, and by who was posted that day.",
        """
        SELECT act.id FROM accounts_delegatedact act
        JOIN accounts_consent consent ON consent.id = act.consent_id
        JOIN accounts_farmer farmer ON farmer.id = act.farmer_id
        WHERE (consent.farmer_id, consent.specialist_id) <> (act.farmer_id, act.specialist_id)
           OR consent.given_at IS NULL OR consent.given_at > act.at OR consent.ended_at < act.at
           OR act.specialist_id = farmer.user_id
           OR act.kind NOT IN ('LISTING', 'LOT', 'PARCEL', 'PRICE', 'WEIGHED', 'PACKED')
           OR NOT EXISTS (
               SELECT 1 FROM accounts_posting posting WHERE posting.specialist_id = act.specialist_id
               AND posting.starts_on <= (act.at AT TIME ZONE 'Asia/Shanghai')::date
               AND coalesce(posting.ends_on, 'infinity') >= (act.at AT TIME ZONE 'Asia/Shanghai')::date
           )
        """,
    ),
    Check(
        "act_is_about_its_farmers_things",
        "What was done for a farmer was done to a listing, a harvest or a parcel of theirs.",
        """
        SELECT act.id FROM accounts_delegatedact act
        LEFT JOIN LATERAL (
            SELECT farmer_id FROM marketplace_listing
            WHERE act.kind IN ('LISTING', 'PRICE') AND act.about = 'listing:' || id
            UNION ALL
            SELECT listing.farmer_id FROM marketplace_lot lot JOIN marketplace_listing listing ON listing.id = lot.listing_id
            WHERE act.kind IN ('LOT', 'WEIGHED') AND act.about = 'lot:' || lot.id
            UNION ALL
            SELECT farmer_id FROM orders_parcel WHERE act.kind IN ('PARCEL', 'PACKED') AND act.about = 'parcel:' || id
        ) thing ON true
        WHERE thing.farmer_id IS DISTINCT FROM act.farmer_id
        """,
    ),
    Check(
        "act_is_told",
        "The farmer was told of everything that was done for them.",
        """
        SELECT act.id FROM accounts_delegatedact act
        JOIN accounts_farmer farmer ON farmer.id = act.farmer_id
        WHERE NOT EXISTS (
            SELECT 1 FROM notifications_notification told WHERE told.recipient_id = farmer.user_id
            AND told.kind = 'done_for_you' AND told.about = 'act:' || act.id
        )
        """,
    ),
    Check(
        "act_has_its_record",
        "A price that a specialist set has the farmer's code behind it, and what was weighed how many boxes there were before.",
        """
        SELECT act.id FROM accounts_delegatedact act
        LEFT JOIN specialists_pricechange price ON price.act_id = act.id
        LEFT JOIN specialists_weighingchange weighing ON weighing.act_id = act.id
        WHERE (act.kind = 'PRICE') <> (price.id IS NOT NULL) OR (act.kind = 'WEIGHED') <> (weighing.id IS NOT NULL)
        """,
    ),
    Check(
        "done_for_somebody_is_an_act",
        "Whatever another than the farmer posted or packed has its act, which names both.",
        """
        SELECT 'event ' || event.id FROM orders_parcelevent event
        JOIN orders_parcel parcel ON parcel.id = event.parcel_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE event.event = 'POST' AND event.actor_id <> farmer.user_id AND NOT EXISTS (
            SELECT 1 FROM accounts_delegatedact act WHERE act.kind = 'PARCEL' AND act.about = 'parcel:' || parcel.id
            AND act.specialist_id = event.actor_id AND act.farmer_id = farmer.id
        )
        UNION ALL
        SELECT 'packing ' || packing.id FROM orders_packing packing
        JOIN orders_parcel parcel ON parcel.id = packing.parcel_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE packing.by_id <> farmer.user_id AND NOT EXISTS (
            SELECT 1 FROM accounts_delegatedact act WHERE act.kind = 'PACKED' AND act.about = 'parcel:' || parcel.id
            AND act.specialist_id = packing.by_id AND act.at = packing.packed_at
            AND (act.undone_at IS NULL) = (packing.taken_back_at IS NULL)
        )
        """,
    ),
    Check(
        "consent_paper_looked_at_by_another",
        "A signed paper lets somebody act only once a moderator looked at it who is neither of the two.",
        """
        SELECT consent.id FROM accounts_consent consent
        JOIN accounts_farmer farmer ON farmer.id = consent.farmer_id
        WHERE consent.way = 'PAPER' AND consent.given_at IS NOT NULL
          AND (consent.accepted_by_id IS NULL OR consent.accepted_by_id IN (farmer.user_id, consent.specialist_id)
               OR NOT EXISTS (SELECT 1 FROM accounts_staffact done WHERE done.kind = 'consent_accept'
                              AND done.about = 'consent:' || consent.id AND done.actor_id = consent.accepted_by_id))
        """,
    ),
)
