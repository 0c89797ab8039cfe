"""What holds of the fund: nothing granted that was not there, two people, evidence. See common/invariants.py."""

from common.invariants import Check

CHECKS = (
    Check(
        "fund_never_below_nothing",
        "What is bound to an area, a programme or a grant is never less than nothing.",
        """
        SELECT account.name FROM payments_account account JOIN payments_leg leg ON leg.account_id = account.id
        WHERE account.kind IN ('FUND_AREA', 'FUND_PROGRAMME', 'GRANT_DUE')
        GROUP BY account.id HAVING sum(leg.fen) > 0
        """,
    ),
    Check(
        "fund_moves_are_traced",
        "Each entry that moves bound money on says whose it was, all of it and nobody's twice.",
        """
        SELECT entry.ref FROM payments_entry entry JOIN payments_leg leg ON leg.entry_id = entry.id
        JOIN payments_account account ON account.id = leg.account_id AND account.kind IN ('FUND_AREA', 'FUND_PROGRAMME')
        LEFT JOIN (SELECT entry_id, account_id, sum(fen) AS fen FROM fund_trace GROUP BY entry_id, account_id) traced
            ON traced.entry_id = entry.id AND traced.account_id = account.id
        GROUP BY entry.id, account.id, traced.fen
        HAVING CASE WHEN entry.kind IN ('GIFT', 'ROUND_UP', 'ALLOTTED') THEN traced.fen IS NOT NULL OR sum(leg.fen) > 0
                    ELSE coalesce(traced.fen, 0) <> -sum(leg.fen) END
        UNION
        SELECT moved.origin_id::text FROM (
            SELECT origin_id, account_id, sum(fen) AS fen FROM fund_trace GROUP BY origin_id, account_id) moved
        JOIN payments_leg leg ON leg.id = moved.origin_id
        WHERE moved.fen + CASE WHEN leg.account_id = moved.account_id THEN -leg.fen ELSE 0 END < 0
        """,
    ),
    Check(
        "fund_decided_by_two",
        "What was allotted, granted or given back was approved by another than who prepared it.",
        """
        SELECT 'grant ' || id FROM fund_grant
        WHERE approved_by_id = prepared_by_id OR (reserved_entry_id IS NOT NULL AND approved_by_id IS NULL)
        UNION SELECT 'allotment ' || id FROM fund_allotment
        WHERE approved_by_id = prepared_by_id OR (entry_id IS NOT NULL AND approved_by_id IS NULL)
        UNION SELECT 'return ' || id FROM fund_giftreturn
        WHERE approved_by_id = prepared_by_id OR (entry_id IS NOT NULL AND approved_by_id IS NULL)
        """,
    ),
    Check(
        "grant_paid_with_evidence",
        "A grant that was paid has something that shows it.",
        """
        SELECT id FROM fund_grant WHERE state IN ('PAID', 'REPORTED', 'RETURNED')
            AND NOT EXISTS (SELECT 1 FROM fund_evidence WHERE grant_id = fund_grant.id)
        """,
    ),
    Check(
        "grant_is_in_the_ledger",
        "What is set aside of a programme is what its approved grants are to be paid, and each paid grant left the provider.",
        """
        SELECT programme.slug FROM fund_programme programme
        LEFT JOIN (SELECT account.purpose, -sum(leg.fen) AS fen FROM payments_leg leg
                   JOIN payments_account account ON account.id = leg.account_id AND account.kind = 'GRANT_DUE'
                   GROUP BY account.purpose) due ON due.purpose = programme.slug
        LEFT JOIN (SELECT programme_id, sum(amount_fen) AS fen FROM fund_grant WHERE state = 'APPROVED'
                   GROUP BY programme_id) approved ON approved.programme_id = programme.id
        WHERE coalesce(due.fen, 0) <> coalesce(approved.fen, 0)
        UNION
        SELECT 'grant ' || paid.id FROM fund_grant paid WHERE state IN ('PAID', 'REPORTED') AND paid.amount_fen <> coalesce((
            SELECT -sum(leg.fen) FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id
            WHERE account.kind = 'PROVIDER' AND leg.entry_id IN (paid.paid_entry_id, paid.back_entry_id)), 0)
        """,
    ),
    Check(
        "allotment_stays_in_its_area",
        "No area's money went to another area's programme.",
        """
        SELECT allotment.id FROM fund_allotment allotment
        JOIN fund_programme programme ON programme.id = allotment.to_programme_id WHERE programme.area <> allotment.area
        """,
    ),
    Check(
        "gift_that_came_is_booked",
        "A gift is paid exactly when one payment of it succeeded, and all of it is in the account that it was given for.",
        """
        SELECT gift.id FROM payments_gift gift
        LEFT JOIN payments_payment payment ON payment.gift_id = gift.id AND payment.status = 'SUCCEEDED'
        LEFT JOIN payments_entry entry ON entry.payment_id = payment.id AND entry.kind = 'GIFT'
        LEFT JOIN payments_leg leg ON leg.entry_id = entry.id AND leg.account_id = gift.account_id
        WHERE (gift.status = 'PAID') <> (payment.id IS NOT NULL)
           OR (payment.id IS NOT NULL AND -coalesce(leg.fen, 0) <> gift.amount_fen)
        """,
    ),
    Check(
        "donors_are_told",
        "Everybody here whose gift arrived, or became part of a paid grant, has a notification of it.",
        """
        SELECT gift.id::text FROM payments_gift gift WHERE gift.status = 'PAID' AND gift.giver_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM notifications_notification told WHERE told.recipient_id = gift.giver_id
                            AND told.kind = 'gift_received' AND told.about = 'gift:' || gift.id)
        UNION
        SELECT 'grant ' || paid.id FROM fund_grant paid
        JOIN fund_trace trace ON trace.entry_id = paid.reserved_entry_id
        JOIN payments_leg leg ON leg.id = trace.origin_id
        JOIN payments_entry entry ON entry.id = leg.entry_id
        JOIN payments_payment payment ON payment.id = entry.payment_id
        LEFT JOIN payments_gift gift ON gift.id = payment.gift_id
        LEFT JOIN orders_order placed ON placed.id = payment.order_id
        JOIN accounts_user person ON person.id = coalesce(gift.giver_id, placed.buyer_id) AND person.is_active
        WHERE paid.state IN ('PAID', 'REPORTED', 'RETURNED') AND NOT EXISTS (
            SELECT 1 FROM notifications_notification told WHERE told.recipient_id = person.id
            AND told.kind = 'gift_granted' AND told.about = 'grant:' || paid.id)
        """,
    ),
    Check(
        "grant_photos_were_looked_at",
        "A grant's photo is shown to everybody only after a moderator who did not take it said so.",
        """
        SELECT evidence.id FROM fund_evidence evidence JOIN marketplace_photo photo ON photo.id = evidence.photo_id
        LEFT JOIN fund_photodecision decision ON decision.evidence_id = evidence.id AND decision.is_shown
        WHERE photo.approved_at IS NOT NULL AND decision.id IS NULL OR decision.decided_by_id = evidence.added_by_id
        """,
    ),
)
