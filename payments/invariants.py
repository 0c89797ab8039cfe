"""What holds of payments, refunds and claims, in fen. See common/invariants.py."""

from common.invariants import Check
from payments.offline_invariants import OFFLINE
from payments.on_delivery_invariants import ON_DELIVERY
from payments.payout_invariants import PAYOUTS
from payments.sharing_invariants import SHARING

PAYMENTS = (
    Check(
        "payment_is_its_orders_total",
        "Every payment asks for exactly what its order costs, or its gift is.",
        """
        SELECT payment.id FROM payments_payment payment JOIN orders_order placed ON placed.id = payment.order_id
        WHERE payment.amount_fen <> placed.total_fen
        UNION ALL
        SELECT payment.id FROM payments_payment payment JOIN payments_gift gift ON gift.id = payment.gift_id
        WHERE payment.amount_fen <> gift.amount_fen
        """,
    ),
    Check(
        "order_paid_by_one_payment",
        "An order that was paid, or cancelled after it was, was paid by exactly one payment, any other by none.",
        """
        SELECT placed.id FROM orders_order placed
        LEFT JOIN payments_payment payment ON payment.order_id = placed.id AND payment.status = 'SUCCEEDED'
        GROUP BY placed.id
        HAVING count(payment.id) <> CASE WHEN placed.paid_at IS NOT NULL THEN 1 ELSE 0 END
        """,
    ),
    Check(
        "one_live_payment_per_order",
        "At most one payment of an order is waiting for the buyer.",
        "SELECT order_id FROM payments_payment WHERE status = 'STARTED' GROUP BY order_id HAVING count(*) > 1",
    ),
    Check(
        "payment_that_came_has_its_trade",
        "A payment names the provider's trade and its time exactly when the money came, and is then asked about no more.",
        """
        SELECT id FROM payments_payment
        WHERE (status IN ('SUCCEEDED', 'TO_REFUND')) <> (paid_at IS NOT NULL AND trade_number <> '')
           OR (status <> 'STARTED' AND query_at IS NOT NULL)
        """,
    ),
)

REFUNDS = (
    Check(
        "refunds_within_payment",
        "No payment gives back more than it brought.",
        """
        SELECT payment.id FROM payments_payment payment
        JOIN payments_refund refund ON refund.payment_id = payment.id
        GROUP BY payment.id HAVING sum(refund.amount_fen) > payment.amount_fen
        """,
    ),
    Check(
        "refund_of_money_that_came",
        "Money goes back only from a payment that brought some, for a parcel of its own order.",
        """
        SELECT refund.id FROM payments_refund refund
        JOIN payments_payment payment ON payment.id = refund.payment_id
        LEFT JOIN orders_parcel parcel ON parcel.id = refund.parcel_id
        WHERE payment.status <> CASE WHEN refund.reason IN ('PAID_LATE', 'PAID_TWICE') THEN 'TO_REFUND'
                                     ELSE 'SUCCEEDED' END
           OR (parcel.id IS NOT NULL AND parcel.order_id <> payment.order_id)
        """,
    ),
    Check(
        "unwanted_payment_goes_back_whole",
        "A payment that came too late or twice has one refund, of all of it.",
        """
        SELECT payment.id FROM payments_payment payment
        LEFT JOIN payments_refund refund ON refund.payment_id = payment.id
        WHERE payment.status = 'TO_REFUND'
        GROUP BY payment.id HAVING count(refund.id) <> 1 OR sum(refund.amount_fen) <> payment.amount_fen
        """,
    ),
    Check(
        "parcel_refunds_add_up",
        "What a parcel says was given back is the sum of its refunds.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN (
            SELECT parcel_id, sum(amount_fen) AS given FROM payments_refund
            WHERE parcel_id IS NOT NULL GROUP BY parcel_id
        ) back ON back.parcel_id = parcel.id
        WHERE parcel.refunded_fen <> coalesce(back.given, 0)
        """,
    ),
    Check(
        "cancelled_parcel_is_refunded",
        "A parcel is cancelled exactly when one refund gives all of it back for that reason, if it was paid.",
        """
        SELECT parcel.id FROM orders_parcel parcel JOIN orders_order placed ON placed.id = parcel.order_id
        LEFT JOIN payments_refund refund ON refund.parcel_id = parcel.id AND refund.reason = 'CANCELLED'
        GROUP BY parcel.id, placed.id
        HAVING CASE WHEN parcel.state = 'CANCELLED' AND placed.paid_at IS NOT NULL
            THEN count(refund.id) <> 1 OR sum(refund.amount_fen) <> parcel.goods_fen + parcel.postage_fen
            ELSE count(refund.id) > 0 END
        """,
    ),
    Check(
        "order_money_is_accounted_for",
        "What was paid for an order and not given back is what its parcels still cost, and what was rounded up.",
        """
        SELECT placed.id FROM orders_order placed
        LEFT JOIN (
            SELECT payment.order_id, sum(payment.amount_fen) - coalesce(sum(given.fen), 0) AS kept
            FROM payments_payment payment
            LEFT JOIN (
                SELECT payment_id, sum(amount_fen) AS fen FROM payments_refund GROUP BY payment_id
            ) given ON given.payment_id = payment.id
            WHERE payment.status IN ('SUCCEEDED', 'TO_REFUND') GROUP BY payment.order_id
        ) money ON money.order_id = placed.id
        LEFT JOIN (
            SELECT order_id, sum(goods_fen + postage_fen - refunded_fen) AS cost FROM orders_parcel
            WHERE state NOT IN ('PLACED', 'RELEASED') GROUP BY order_id
        ) parts ON parts.order_id = placed.id
        WHERE coalesce(money.kept, 0)
            <> CASE WHEN placed.paid_at IS NOT NULL THEN coalesce(parts.cost, 0) ELSE 0 END
               + CASE WHEN placed.status = 'PAID' THEN placed.round_up_fen ELSE 0 END
        """,
    ),
)

CLAIMS = (
    Check(
        "claim_open_while_parcel_claimed",
        "A parcel stands at CLAIMED exactly as long as one claim on it is open.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN payments_claim claim ON claim.parcel_id = parcel.id AND claim.state = 'OPEN'
        GROUP BY parcel.id HAVING (parcel.state = 'CLAIMED')::int <> count(claim.id)
        """,
    ),
    Check(
        "claim_events_are_claims",
        "There are as many claims on a parcel as events that say so.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        LEFT JOIN (SELECT parcel_id, count(*) AS times FROM payments_claim GROUP BY parcel_id) claims
            ON claims.parcel_id = parcel.id
        LEFT JOIN (
            SELECT parcel_id, count(*) AS times FROM orders_parcelevent
            WHERE event IN ('CLAIM', 'SMALL_CLAIM') GROUP BY parcel_id
        ) events ON events.parcel_id = parcel.id
        WHERE coalesce(claims.times, 0) <> coalesce(events.times, 0)
        """,
    ),
    Check(
        "claim_is_paid_as_decided",
        "What was decided goes back for that parcel, for that reason, and every such refund has its claim.",
        """
        SELECT refund.id FROM payments_refund refund
        LEFT JOIN payments_claimappeal appeal ON appeal.refund_id = refund.id
        LEFT JOIN payments_claim claim ON claim.refund_id = refund.id OR claim.id = appeal.claim_id
        WHERE CASE WHEN refund.reason = 'CLAIM'
            THEN claim.id IS NULL OR claim.parcel_id <> refund.parcel_id
                 OR coalesce(appeal.more_fen, claim.decided_fen) <> refund.amount_fen
            ELSE claim.id IS NOT NULL END
        """,
    ),
    Check(
        "claim_ended_by_one_who_may",
        "Buyer and farmer agree, a moderator who is neither decides, only the buyer takes it back or is paid at once.",
        """
        SELECT claim.id FROM payments_claim claim
        JOIN orders_parcel parcel ON parcel.id = claim.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE CASE claim.state
            WHEN 'OPEN' THEN claim.decided_by_id IS NOT NULL
            WHEN 'AGREED' THEN claim.decided_by_id NOT IN (placed.buyer_id, farmer.user_id)
            WHEN 'WITHDRAWN' THEN claim.decided_by_id <> placed.buyer_id
            WHEN 'PAID' THEN claim.decided_by_id <> placed.buyer_id
            ELSE claim.decided_by_id IN (placed.buyer_id, farmer.user_id)
        END
        """,
    ),
    Check(
        "claim_counts_make_its_sum",
        "What was counted, line by line, is what a claim asks for, or all but the postage of a parcel that is all bad.",
        """
        SELECT claim.id FROM payments_claim claim JOIN payments_claimitem item ON item.claim_id = claim.id
        JOIN orders_parcel parcel ON parcel.id = claim.parcel_id
        GROUP BY claim.id, parcel.id
        HAVING claim.asked_fen <> sum(item.fen)
           AND (claim.asked_fen < sum(item.fen) OR claim.asked_fen > sum(item.fen) + parcel.postage_fen
                OR bool_or(item.bad <> item.out_of))
        """,
    ),
    Check(
        "claim_is_borne_by_its_cause",
        "What goes back for the courier's or the platform's fault is theirs in the ledger, and nothing else is.",
        """
        SELECT refund.id FROM payments_refund refund
        LEFT JOIN payments_claimappeal own ON own.refund_id = refund.id
        LEFT JOIN payments_claim ended ON ended.refund_id = refund.id OR ended.id = own.claim_id
        LEFT JOIN payments_claimappeal appeal ON appeal.claim_id = ended.id
        CROSS JOIN LATERAL (SELECT coalesce(nullif(appeal.cause, ''), ended.cause) AS cause) AS claim
        LEFT JOIN payments_entry entry ON entry.refund_id = refund.id
        LEFT JOIN payments_leg leg ON leg.entry_id = entry.id
        LEFT JOIN payments_account account ON account.id = leg.account_id AND account.kind IN ('COURIER', 'LOSSES')
        GROUP BY refund.id, claim.cause
        HAVING coalesce(sum(leg.fen) FILTER (WHERE account.kind = 'COURIER'), 0)
               <> CASE WHEN claim.cause = 'COURIER' THEN refund.amount_fen ELSE 0 END
            OR coalesce(sum(leg.fen) FILTER (WHERE account.kind = 'LOSSES'), 0)
               <> CASE WHEN claim.cause = 'PLATFORM' THEN refund.amount_fen ELSE 0 END
        """,
    ),
)

APPEALS = (
    Check(
        "claim_appeal_by_another",
        "An appeal is a side's, and decided by a moderator who is neither a side nor the one who decided before.",
        """
        SELECT appeal.id FROM payments_claimappeal appeal
        JOIN payments_claim claim ON claim.id = appeal.claim_id
        JOIN orders_parcel parcel ON parcel.id = claim.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        WHERE appeal.by_id NOT IN (placed.buyer_id, farmer.user_id)
           OR appeal.decided_by_id IN (placed.buyer_id, farmer.user_id, claim.decided_by_id)
           OR coalesce(claim.decided_fen, 0) + coalesce(appeal.more_fen, 0) > claim.asked_fen
        """,
    ),
)

TOLD = (
    Check(
        "money_going_back_is_told",
        "A buyer has a notification of each refund that arrived and each payment that goes back unwanted.",
        """
        SELECT DISTINCT payment.id FROM payments_payment payment
        JOIN orders_order placed ON placed.id = payment.order_id
        LEFT JOIN payments_refund refund ON refund.payment_id = payment.id AND refund.status = 'DONE'
        WHERE (refund.id IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM notifications_notification told WHERE told.recipient_id = placed.buyer_id
                  AND told.kind = 'refund_done' AND told.about = 'refund:' || refund.id))
           OR (payment.status = 'TO_REFUND' AND NOT EXISTS (
                  SELECT 1 FROM notifications_notification told WHERE told.recipient_id = placed.buyer_id
                  AND told.kind IN ('payment_late_refund', 'payment_twice_refund')
                  AND told.about = 'payment:' || payment.id))
        """,
    ),
    Check(
        "claim_moves_are_told",
        "The other side has a notification of each claim, answer, agreement and withdrawal, both of what was decided.",
        """
        SELECT DISTINCT claim.id FROM payments_claim claim
        JOIN orders_parcel parcel ON parcel.id = claim.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        LEFT JOIN payments_claimappeal appeal ON appeal.claim_id = claim.id
        CROSS JOIN LATERAL (VALUES
            ('claim_opened', farmer.user_id, claim.state <> 'PAID'),
            ('claim_paid', farmer.user_id, claim.state = 'PAID'),
            ('claim_paid', placed.buyer_id, claim.state = 'PAID'),
            ('claim_answered', placed.buyer_id, claim.answered_at IS NOT NULL),
            ('claim_agreed', placed.buyer_id, claim.state = 'AGREED' AND claim.decided_by_id = farmer.user_id),
            ('claim_agreed', farmer.user_id, claim.state = 'AGREED' AND claim.decided_by_id = placed.buyer_id),
            ('claim_decided', placed.buyer_id, claim.state IN ('DECIDED', 'REFUSED')),
            ('claim_decided', farmer.user_id, claim.state IN ('DECIDED', 'REFUSED')),
            ('claim_appeal_decided', placed.buyer_id, appeal.status <> 'WAITING'),
            ('claim_appeal_decided', farmer.user_id, appeal.status <> 'WAITING'),
            ('claim_withdrawn', farmer.user_id, claim.state = 'WITHDRAWN')
        ) AS moment (kind, person, came)
        LEFT JOIN notifications_notification told
            ON told.recipient_id = moment.person AND told.kind = moment.kind AND told.about = 'claim:' || claim.id
        WHERE moment.came AND told.id IS NULL
        """,
    ),
)

LEDGER = (
    Check(
        "round_up_is_where_it_belongs",
        "What was rounded up is held until a parcel is posted, then the fund's; of an order cancelled as a whole it goes back.",
        """
        SELECT placed.id FROM orders_order placed
        JOIN payments_payment payment ON payment.order_id = placed.id AND payment.status = 'SUCCEEDED'
        LEFT JOIN payments_account wanted ON wanted.name = placed.round_up_for
        CROSS JOIN LATERAL (
            SELECT coalesce(-sum(leg.fen) FILTER (WHERE account.kind = 'ROUND_UP_HELD'), 0) AS held,
                coalesce(-sum(leg.fen) FILTER (WHERE account.id = wanted.id AND entry.kind = 'ROUND_UP'), 0) AS there
            FROM payments_entry entry JOIN payments_leg leg ON leg.entry_id = entry.id
            JOIN payments_account account ON account.id = leg.account_id WHERE entry.payment_id = payment.id
        ) books
        CROSS JOIN LATERAL (SELECT bool_or(posted_at IS NOT NULL) AS once FROM orders_parcel
                            WHERE order_id = placed.id) posted
        WHERE placed.round_up_fen > 0
          AND (books.held <> CASE WHEN posted.once OR placed.status = 'CANCELLED' THEN 0 ELSE placed.round_up_fen END
               OR books.there <> CASE WHEN posted.once THEN placed.round_up_fen ELSE 0 END)
        """,
    ),
    Check(
        "ledger_entries_balance",
        "Every entry of the ledger adds up to 0 and has all its legs.",
        """
        SELECT entry.id FROM payments_entry entry LEFT JOIN payments_leg leg ON leg.entry_id = entry.id
        GROUP BY entry.id HAVING coalesce(sum(leg.fen), 0) <> 0 OR count(leg.id) <> entry.legs
        """,
    ),
    Check(
        "money_that_came_is_booked",
        "A payment is in the ledger exactly when its money came, with all of it.",
        """
        SELECT payment.id FROM payments_payment payment
        LEFT JOIN payments_entry entry ON entry.payment_id = payment.id AND entry.kind IN ('PAID', 'UNWANTED', 'GIFT')
        LEFT JOIN payments_leg leg ON leg.entry_id = entry.id AND leg.fen > 0
        GROUP BY payment.id
        HAVING coalesce(sum(leg.fen), 0) <> CASE WHEN payment.status IN ('SUCCEEDED', 'TO_REFUND')
                                                 THEN payment.amount_fen ELSE 0 END
        """,
    ),
    Check(
        "refunds_are_booked",
        "What is owed back in the ledger is what refunds have still to give back.",
        """
        SELECT 'refund_due' WHERE
            (SELECT coalesce(-sum(leg.fen), 0) FROM payments_leg leg
             JOIN payments_account account ON account.id = leg.account_id WHERE account.kind = 'REFUND_DUE')
            <> (SELECT coalesce(sum(amount_fen), 0) FROM payments_refund WHERE status <> 'DONE')
        """,
    ),
    Check(
        "nobody_has_less_than_nothing_of_a_line",
        "Farmer, platform and fund each have 0 or more of every part of a line's price.",
        """
        SELECT leg.line_id FROM payments_leg leg JOIN payments_account account ON account.id = leg.account_id
        WHERE leg.line_id IS NOT NULL AND account.kind NOT IN ('REFUND_DUE', 'COURIER', 'LOSSES', 'COUPONS')
        GROUP BY leg.line_id, leg.part, split_part(account.kind, '_', 1) HAVING sum(leg.fen) > 0
        """,
    ),
    Check(
        "line_shares_add_up",
        "The postage of a parcel is its lines' postage, and a settled parcel holds nothing any more.",
        """
        SELECT parcel.id FROM orders_parcel parcel
        JOIN (SELECT parcel_id, sum(postage_fen) AS fen FROM orders_orderline GROUP BY parcel_id) lines
            ON lines.parcel_id = parcel.id
        WHERE lines.fen <> parcel.postage_fen
        UNION
        SELECT line.parcel_id FROM payments_leg leg
        JOIN payments_account account ON account.id = leg.account_id
        JOIN orders_orderline line ON line.id = leg.line_id
        JOIN orders_parcel parcel ON parcel.id = line.parcel_id
        WHERE parcel.state = 'SETTLED' AND account.kind LIKE '%%HELD'
        GROUP BY line.parcel_id, account.id HAVING sum(leg.fen) <> 0
        """,
    ),
)

CHECKS = (*PAYMENTS, *REFUNDS, *CLAIMS, *APPEALS, *TOLD, *LEDGER, *PAYOUTS, *OFFLINE, *ON_DELIVERY, *SHARING)
