"""Putting an order down to whose link led to it: one step deep, never to oneself, never round in a ring."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.models import Address, User
from common.transactions import needs_transaction
from marketplace.models import ShareLink
from orders.models import Attribution, Order

_LED = """
WITH RECURSIVE led(person) AS (
    SELECT %s::bigint
    UNION
    SELECT o.buyer_id
    FROM led
    JOIN marketplace_sharelink l ON l.sharer_id = led.person
    JOIN orders_attribution a ON a.link_id = l.id AND a.refused IN ('', 'RING') AND a.attributed_at >= %s
    JOIN orders_order o ON o.id = a.order_id
)
SELECT EXISTS (SELECT FROM led WHERE person = %s)
"""


@needs_transaction
def attribute(order: Order, code: str, now: datetime) -> Attribution | None:
    """Note by whose link the buyer of a new order had come; a step. None without a link, or by one nobody knows (any more).

    What earns nothing is noted too, with why: two who lead each other are only seen as such if both are written down.
    """
    link = (
        ShareLink.objects.select_related("sharer").filter(code=code, sharer__is_active=True).first() if code else None
    )
    if link is None:
        return None
    refused = ""
    if is_same_person(link.sharer, order):
        refused = Attribution.Refused.SELF
    elif closes_a_ring(sharer_id=link.sharer_id, buyer_id=order.buyer_id, now=now):
        refused = Attribution.Refused.RING
    return Attribution.objects.create(
        order=order,
        link=link,
        refused=refused,
        reward_basis_points=settings.SHARE_REWARD_BASIS_POINTS,
        attributed_at=now,
    )


def is_same_person(sharer: User, order: Order) -> bool:
    """Whether an order is the sharer's own: by account, or sent to a phone or an address of theirs."""
    if sharer.pk == order.buyer_id or order.phone == sharer.phone:
        return True
    if Address.objects.filter(user=sharer, phone=order.phone).exists():
        return True
    return Order.objects.filter(Q(address=order.address) | Q(phone=order.phone), buyer=sharer).exists()


def closes_a_ring(*, sharer_id: int, buyer_id: int, now: datetime) -> bool:
    """Whether the buyer lately led somebody, over any number of people, who is the sharer. 1 query.

    Lately: within settings.SHARE_RING_DAYS. Asked once more before a reward: two orders placed in one moment do not see
    each other.
    """
    since = now - timedelta(days=settings.SHARE_RING_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_LED, [buyer_id, since, sharer_id])
        return bool(cursor.fetchone()[0])
