"""What holds of payments into farmers' own codes. See common/invariants.py."""

from common.invariants import Check

OFFLINE = (
    Check(
        "receiving_code_is_its_farmers_word",
        "No receiving code waits for a moderator, or was decided about, before its farmer typed their one-time code.",
        """
        SELECT id FROM payments_receivingcode WHERE state IN ('WAITING', 'APPROVED', 'REFUSED') AND tries = 0
        """,
    ),
    Check(
        "receiving_code_decided_by_another",
        "Whoever decided about a receiving code is not its farmer, and buyers are not shown it before that.",
        """
        SELECT code.id FROM payments_receivingcode code JOIN accounts_farmer farmer ON farmer.id = code.farmer_id
        WHERE code.decided_by_id = farmer.user_id OR code.takes_effect_at < code.decided_at
        """,
    ),
    Check(
        "paid_directly_by_the_farmers_own_code",
        "Money that came directly came by the code of the one farmer whose order it was, and by no other gateway.",
        """
        SELECT payment.id FROM payments_payment payment
        LEFT JOIN payments_offlinepayment trade ON trade.payment_id = payment.id
        LEFT JOIN payments_receivingcode code ON code.id = trade.code_id
        WHERE (payment.gateway <> 'offline' AND trade.payment_id IS NOT NULL)
           OR (payment.gateway = 'offline' AND payment.status IN ('SUCCEEDED', 'TO_REFUND') AND trade.payment_id IS NULL)
           OR EXISTS (SELECT 1 FROM orders_parcel parcel
                      WHERE parcel.order_id = payment.order_id AND parcel.farmer_id <> code.farmer_id)
        """,
    ),
    Check(
        "direct_money_is_all_the_farmers",
        "What was paid directly is booked whole as with the farmer, and nothing else is booked so.",
        """
        SELECT payment.id FROM payments_payment payment
        JOIN payments_entry entry ON entry.payment_id = payment.id AND entry.kind = 'PAID'
        JOIN payments_leg leg ON leg.entry_id = entry.id
        JOIN payments_account account ON account.id = leg.account_id
        GROUP BY payment.id, entry.id
        HAVING coalesce(-sum(leg.fen) FILTER (WHERE account.kind = 'FARMER_DIRECT'), 0)
               <> CASE WHEN payment.gateway IN ('offline', 'on_delivery') THEN payment.amount_fen ELSE 0 END
        """,
    ),
    Check(
        "direct_payment_is_asked_about",
        "A farmer has a notification of each payment that a buyer says they made directly.",
        """
        SELECT trade.payment_id FROM payments_offlinepayment trade
        JOIN payments_receivingcode code ON code.id = trade.code_id
        JOIN accounts_farmer farmer ON farmer.id = code.farmer_id
        LEFT JOIN notifications_notification told ON told.recipient_id = farmer.user_id
            AND told.kind = 'offline_said' AND told.about = 'payment:' || trade.payment_id
        WHERE trade.said_at IS NOT NULL AND told.id IS NULL
        """,
    ),
)
