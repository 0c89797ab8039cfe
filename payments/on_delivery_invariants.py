"""What holds of paying on delivery. See common/invariants.py."""

from common.invariants import Check

ON_DELIVERY = (
    Check(
        "promised_order_has_its_payment",
        "A promised order has a live payment on delivery; one that was not taken has none, and neither has brought money.",
        """
        SELECT placed.id FROM orders_order placed
        LEFT JOIN payments_payment payment ON payment.order_id = placed.id AND payment.gateway = 'on_delivery'
        WHERE placed.status IN ('PROMISED', 'REFUSED')
        GROUP BY placed.id
        HAVING count(payment.id) FILTER (WHERE payment.status = 'STARTED' AND payment.query_at IS NULL)
               <> (placed.status = 'PROMISED')::int
            OR count(payment.id) FILTER (WHERE payment.status IN ('SUCCEEDED', 'TO_REFUND')) > 0
        """,
    ),
    Check(
        "nothing_is_booked_before_the_money_came",
        "The ledger knows nothing of a parcel that is still to be paid, or was not taken.",
        """
        SELECT entry.id FROM payments_entry entry
        JOIN payments_leg leg ON leg.entry_id = entry.id
        JOIN orders_orderline line ON line.id = leg.line_id
        JOIN orders_parcel parcel ON parcel.id = line.parcel_id
        JOIN orders_order placed ON placed.id = parcel.order_id
        WHERE placed.status IN ('PROMISED', 'REFUSED')
        """,
    ),
    Check(
        "money_on_delivery_by_its_farmers_word",
        "What was paid on delivery was promised first, and its own farmer said that it came, once.",
        """
        SELECT payment.id FROM payments_payment payment
        LEFT JOIN orders_parcel parcel ON parcel.order_id = payment.order_id
        LEFT JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        LEFT JOIN payments_gatewaymessage message
            ON message.gateway = payment.gateway AND message.event_id = 'came:' || payment.id
        LEFT JOIN orders_parcelevent event ON event.parcel_id = parcel.id AND event.event IN ('PROMISE', 'COME')
        WHERE payment.gateway = 'on_delivery' AND payment.status IN ('SUCCEEDED', 'TO_REFUND')
        GROUP BY payment.id, message.id, farmer.user_id
        HAVING message.id IS NULL OR (message.payload->>'said_by')::bigint <> farmer.user_id
            OR count(DISTINCT event.event) <> 2 OR count(event.id) <> 2
        """,
    ),
    Check(
        "farmer_is_asked_for_the_money",
        "A farmer has a notification of each parcel to be paid on delivery that arrived, or should have.",
        """
        SELECT parcel.id FROM orders_parcel parcel JOIN orders_order placed ON placed.id = parcel.order_id
        JOIN accounts_farmer farmer ON farmer.id = parcel.farmer_id
        JOIN orders_parcelevent event ON event.parcel_id = parcel.id AND event.event IN ('RECEIVE', 'ASK')
        LEFT JOIN notifications_notification told ON told.recipient_id = farmer.user_id
            AND told.kind = 'on_delivery_ask' AND told.about = 'parcel:' || parcel.id
        WHERE placed.status = 'PROMISED' AND told.id IS NULL
        """,
    ),
)
