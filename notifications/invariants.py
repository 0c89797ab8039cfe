"""What holds of notifications and their deliveries. See common/invariants.py."""

from typing import Any

from common.invariants import Check
from notifications.kinds import SIGN_IN_CODE, TEXTS


def _kinds() -> dict[str, Any]:
    return {"kinds": sorted({kind.partition("/")[0] for kind in TEXTS}), "code": SIGN_IN_CODE}


CHECKS = (
    Check(
        "notification_has_words",
        "Every notification is of a kind that notifications/kinds.py has words for.",
        "SELECT id FROM notifications_notification WHERE kind <> ALL (%(kinds)s)",
        params=_kinds,
    ),
    Check(
        "delivered_once",
        "A notification goes out at most once over each channel.",
        """
        SELECT notification_id FROM notifications_delivery
        GROUP BY notification_id, channel HAVING count(*) > 1
        """,
    ),
    Check(
        "delivery_sent_was_tried",
        "A delivery has a time of sending exactly when it was sent, and was tried by then.",
        """
        SELECT id FROM notifications_delivery
        WHERE (status = 'SENT') <> (sent_at IS NOT NULL) 
           OR (status IN ('SENT', 'SENDING') AND attempts = 0 AND carried_by_id IS NULL)
        """,
    ),
    Check(
        "delivery_claim_lapses",
        "Whoever is sending something has to be done soon: no claim reaches further than ten minutes ahead.",
        """
        SELECT id FROM notifications_delivery
        WHERE status = 'SENDING' AND due_at > %(now)s + interval '10 minutes'
        """,
    ),
    Check(
        "carried_as_its_carrier",
        "What went out together was for one person over one channel, and stands as the message that took it along.",
        """
        SELECT delivery.id FROM notifications_delivery delivery
        JOIN notifications_delivery carrier ON carrier.id = delivery.carried_by_id
        JOIN notifications_notification told ON told.id = delivery.notification_id
        JOIN notifications_notification first ON first.id = carrier.notification_id
        WHERE told.recipient_id <> first.recipient_id OR told.kind <> first.kind
           OR delivery.channel <> carrier.channel OR delivery.address <> carrier.address
           OR delivery.status NOT IN (carrier.status, 'DROPPED')
        """,
    ),
    Check(
        "outbox_message_is_its_delivery",
        "What the outbox shows went over the channel and to the address of its delivery.",
        """
        SELECT message.id FROM notifications_outboxmessage message
        JOIN notifications_delivery delivery ON delivery.id = message.delivery_id
        WHERE message.channel <> delivery.channel OR message.address <> delivery.address
        """,
    ),
    Check(
        "codes_go_out_by_one_way",
        "A sign-in code has exactly one delivery.",
        """
        SELECT told.id FROM notifications_notification told
        LEFT JOIN notifications_delivery delivery ON delivery.notification_id = told.id
        WHERE told.kind = %(code)s GROUP BY told.id HAVING count(delivery.id) <> 1
        """,
        params=_kinds,
    ),
    Check(
        "codes_are_forgotten",
        "Of a sign-in code that was sent or given up, nothing is kept.",
        """
        SELECT told.id FROM notifications_notification told
        JOIN notifications_delivery delivery ON delivery.notification_id = told.id
        WHERE told.kind = %(code)s AND told.context <> '{}'::jsonb AND delivery.status IN ('SENT', 'FAILED')
        """,
        params=_kinds,
    ),
)
