"""What holds of rewards for sharing and of coupons, in fen. See common/invariants.py."""

from common.invariants import Check

SHARING = (
    Check(
        "share_reward_is_booked",
        "What a sharer was given for a parcel is in the ledger, borne by the operator, and nothing else is.",
        """
        SELECT coalesce(reward.parcel_id, booked.parcel_id) FROM payments_sharereward reward
        FULL JOIN (
            SELECT entry.parcel_id, sum(leg.fen) AS fen FROM payments_leg leg
            JOIN payments_entry entry ON entry.id = leg.entry_id
            JOIN payments_account account ON account.id = leg.account_id AND account.kind = 'SHARING'
            GROUP BY entry.parcel_id
        ) booked ON booked.parcel_id = reward.parcel_id
        WHERE coalesce(reward.fen, 0) <> coalesce(booked.fen, 0)
        """,
    ),
    Check(
        "coupons_are_owed",
        "What the ledger owes for coupons is what those are worth that were given and not paid yet.",
        """
        SELECT 'coupons' WHERE
            (SELECT coalesce(-sum(leg.fen), 0) FROM payments_leg leg
             JOIN payments_account account ON account.id = leg.account_id AND account.kind = 'COUPONS')
            <> (SELECT coalesce(sum(coupon.fen), 0) FROM orders_coupon coupon WHERE NOT EXISTS (
                    SELECT 1 FROM orders_couponuse used JOIN payments_couponpaid paid ON paid.use_id = used.id
                    WHERE used.coupon_id = coupon.id))
        """,
    ),
    Check(
        "share_reward_is_due",
        "A reward is for a settled parcel of an order led by somebody else, of another's produce; a coupon is the sharer's.",
        """
        SELECT reward.id FROM payments_sharereward reward
        JOIN orders_parcel parcel ON parcel.id = reward.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN orders_attribution attribution ON attribution.id = reward.attribution_id
        JOIN marketplace_sharelink link ON link.id = attribution.link_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        LEFT JOIN orders_coupon coupon ON coupon.id = reward.coupon_id
        WHERE attribution.order_id <> parcel.order_id OR attribution.refused <> '' OR parcel.state <> 'SETTLED'
           OR (reward.fen > 0 AND link.sharer_id IN (placed.buyer_id, farmer.user_id))
           OR reward.fen > parcel.goods_fen::bigint * attribution.reward_basis_points / 10000
           OR (coupon.id IS NOT NULL AND (coupon.owner_id <> link.sharer_id OR coupon.fen <> reward.fen))
        """,
    ),
    Check(
        "coupon_is_used_once",
        "A coupon is used by its owner, for one order at a time, and goes back once, to the fen.",
        """
        SELECT coupon.id FROM orders_coupon coupon
        JOIN orders_couponuse used ON used.coupon_id = coupon.id
        JOIN orders_order placed ON placed.id = used.order_id
        LEFT JOIN payments_couponpaid paid ON paid.use_id = used.id
        LEFT JOIN payments_refund refund ON refund.id = paid.refund_id
        GROUP BY coupon.id
        HAVING count(*) FILTER (WHERE used.returned_at IS NULL) > 1 OR count(paid.id) > 1
            OR bool_or(placed.buyer_id <> coupon.owner_id)
            OR bool_or(paid.id IS NOT NULL AND used.returned_at IS NOT NULL)
            OR bool_or(refund.amount_fen <> coupon.fen OR refund.parcel_id <> used.parcel_id)
        """,
    ),
)
