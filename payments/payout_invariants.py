"""What holds of payouts, in fen. See common/invariants.py."""

from common.invariants import Check

PAYOUTS = (
    Check(
        "payout_is_its_lines",
        "A payout is as much as was put into it from the lines that it names.",
        """
        SELECT payout.id FROM payments_payout payout
        LEFT JOIN payments_entry entry ON entry.payout_id = payout.id AND entry.kind = 'PAYOUT'
        LEFT JOIN payments_leg leg ON leg.entry_id = entry.id AND leg.line_id IS NOT NULL
            AND leg.account_id IN (SELECT id FROM payments_account
                                   WHERE kind = 'FARMER_PAYOUT' AND farmer_id = payout.farmer_id)
        GROUP BY payout.id HAVING coalesce(-sum(leg.fen), 0) <> payout.amount_fen
        """,
    ),
    Check(
        "payouts_under_way_are_booked",
        "What the ledger has in a farmer's payouts is what is under way to them.",
        """
        SELECT account.farmer_id FROM payments_account account
        LEFT JOIN payments_leg leg ON leg.account_id = account.id
        WHERE account.kind = 'FARMER_PAYOUT'
        GROUP BY account.farmer_id
        HAVING coalesce(-sum(leg.fen), 0) <> (
            SELECT coalesce(sum(amount_fen), 0) FROM payments_payout payout
            WHERE payout.farmer_id = account.farmer_id AND payout.state IN ('WAITING', 'SENT'))
        """,
    ),
    Check(
        "payout_left_once",
        "What left the providers for a payout is its amount once it is paid, and nothing before and when it came back.",
        """
        SELECT payout.id FROM payments_payout payout
        LEFT JOIN payments_entry entry ON entry.payout_id = payout.id
        LEFT JOIN payments_leg leg ON leg.entry_id = entry.id
            AND leg.account_id IN (SELECT id FROM payments_account WHERE kind = 'PROVIDER')
        GROUP BY payout.id
        HAVING coalesce(-sum(leg.fen), 0) <> CASE WHEN payout.state = 'PAID' THEN payout.amount_fen ELSE 0 END
        """,
    ),
    Check(
        "payout_approved_by_another",
        "A batch is approved by somebody else than who prepared it, and by no farmer in it.",
        """
        SELECT batch.id FROM payments_payoutbatch batch
        WHERE batch.approved_by_id = batch.prepared_by_id
           OR batch.approved_by_id IN (
               SELECT farmer.user_id FROM payments_payout payout JOIN accounts_farmer farmer
               ON farmer.id = payout.farmer_id WHERE payout.batch_id = batch.id)
        """,
    ),
    Check(
        "payout_stands_as_its_batch",
        "Payouts wait until their batch is sent, and are given up with it.",
        """
        SELECT payout.id FROM payments_payout payout JOIN payments_payoutbatch batch ON batch.id = payout.batch_id
        WHERE CASE batch.state
            WHEN 'SENT' THEN payout.state IN ('WAITING', 'DROPPED')
            WHEN 'DROPPED' THEN payout.state <> 'DROPPED'
            ELSE payout.state <> 'WAITING' END
        """,
    ),
    Check(
        "payout_end_is_told",
        "A farmer has a notification of each payout that was paid, and of each that came back.",
        """
        SELECT payout.id FROM payments_payout payout JOIN accounts_farmer farmer ON farmer.id = payout.farmer_id
        CROSS JOIN LATERAL (VALUES
            ('payout_paid', payout.paid_at IS NOT NULL), ('payout_returned', payout.state = 'RETURNED')
        ) AS moment (kind, came)
        WHERE moment.came AND NOT EXISTS (
            SELECT 1 FROM notifications_notification told WHERE told.recipient_id = farmer.user_id
            AND told.kind = moment.kind AND told.about = 'payout:' || payout.id)
        """,
    ),
)
