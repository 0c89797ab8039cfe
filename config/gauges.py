"""How the shop stands: queues and their ages, holds, orders. One statement, kept for a quarter of a minute for everybody."""

from collections.abc import Iterator
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config import health

KEY, SECONDS = "metrics-of-the-shop", 15
RECENT = 20_000  # deliveries looked at, from the newest

# Name, what it says, and the query of one figure. Ages are in seconds, 0 for an empty queue.
_AGE = "SELECT coalesce(extract(epoch FROM now() - min({time})), 0)::float FROM {table} WHERE {which}"
FIGURES = {
    "chushan_queries_open_age_seconds": (
        "How long the oldest question to a payment provider is overdue.",
        _AGE.format(time="query_at", table="payments_payment", which="status = 'STARTED' AND query_at < now()"),
    ),
    "chushan_refunds_open_age_seconds": (
        "How old the oldest refund is that is not back with its buyer.",
        _AGE.format(time="created_at", table="payments_refund", which="status IN ('DUE', 'SENT')"),
    ),
    "chushan_refunds_failed": (
        "Refunds that need a person.",
        "SELECT count(*)::float FROM payments_refund WHERE status = 'FAILED'",
    ),
    "chushan_messages_quarantined": (
        "Payment messages that don't match what was asked for.",
        "SELECT count(*)::float FROM payments_gatewaymessage WHERE outcome = 'QUARANTINED'",
    ),
    "chushan_deliveries_due": (
        "Messages that should be out by now.",
        "SELECT count(*)::float FROM notifications_delivery WHERE status IN ('DUE', 'SENDING') AND due_at < now()",
    ),
    "chushan_deliveries_due_age_seconds": (
        "How long the oldest of them has been due.",
        _AGE.format(
            time="due_at", table="notifications_delivery", which="status IN ('DUE', 'SENDING') AND due_at < now()"
        ),
    ),
    "chushan_moderation_waiting": (
        "Revisions that wait for a moderator.",
        "SELECT count(*)::float FROM marketplace_listingrevision WHERE status = 'WAITING'",
    ),
    "chushan_moderation_age_seconds": (
        "How long the oldest of them has waited.",
        _AGE.format(time="submitted_at", table="marketplace_listingrevision", which="status = 'WAITING'"),
    ),
    "chushan_photos_waiting_age_seconds": (
        "How long the oldest unprepared photo has waited.",
        _AGE.format(time="uploaded_at", table="marketplace_photo", which="status = 'WAITING'"),
    ),
    "chushan_orders_overdue_age_seconds": (
        "How long the oldest order is past its time to pay without being released.",
        _AGE.format(time="pay_by", table="orders_order", which="status = 'UNPAID' AND pay_by < now()"),
    ),
    "chushan_timers_overdue_age_seconds": (
        "How long the oldest parcel's timer is overdue.",
        _AGE.format(time="timer_at", table="orders_parcel", which="timer_at < now()"),
    ),
    "chushan_packs_held": (
        "Packs set aside for orders that are not paid yet.",
        "SELECT coalesce(sum(packs), 0)::float FROM marketplace_hold JOIN orders_order ON number = order_number"
        " WHERE orders_order.status = 'UNPAID' AND marketplace_hold.status = 'HELD'",
    ),
}
GROUPS = {
    "chushan_orders": ("Orders, by status.", ["status"], "SELECT status, count(*) FROM orders_order GROUP BY status"),
    "chushan_deliveries_recent": (
        f"The newest {RECENT} messages, by channel and outcome.",
        ["channel", "status"],
        f"""SELECT channel, status, count(*) FROM notifications_delivery
            WHERE id > (SELECT coalesce(max(id), 0) - {RECENT} FROM notifications_delivery) GROUP BY channel, status""",  # noqa: S608
    ),
}


class Shop(Collector):
    """Reads the figures when it is asked for them."""

    def collect(self) -> Iterator[Metric]:
        up = health.parts()
        parts = GaugeMetricFamily("chushan_up", "Whether a part that the shop leans on answers.", labels=["part"])
        for part, is_up in up.items():
            parts.add_metric([part], float(is_up))
        yield parts
        if not up["database"]:
            return
        found = _figures()
        for name, (says, _) in FIGURES.items():
            if name in found:
                yield GaugeMetricFamily(name, says, value=found[name])
        for name, (says, labels, _) in GROUPS.items():
            family = GaugeMetricFamily(name, says, labels=labels)
            for *values, count in found.get(name, []):
                family.add_metric(values, count)
            yield family


def _figures() -> dict[str, Any]:
    try:
        if kept := cache.get(KEY):
            return dict(kept)
    except Exception:  # a cache that is down makes the figures dearer, not silent
        return _read()
    found = _read()
    cache.set(KEY, found, SECONDS)
    return found


def _read() -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"({query})" for _, query in FIGURES.values()))
            found.update(zip(FIGURES, cursor.fetchone(), strict=True))
            for name, (_, _, query) in GROUPS.items():
                cursor.execute(query)
                found[name] = cursor.fetchall()
    except DatabaseError:
        return {}
    return found


shop = CollectorRegistry()
shop.register(Shop())
