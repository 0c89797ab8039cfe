"""What must be true after each fault, asked of PostgreSQL itself."""

import time
from collections import Counter
from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command, get_commands
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from marketplace.models import Hold, Lot
from notifications.models import Delivery, Notification, OutboxMessage
from orders.models import Order
from tests.chaos.load import Record


@dataclass
class Verdict:
    """What was lost or doubled; `verify` is "clean", "missing", or what it complains of."""

    orders_lost: int = 0
    orders_doubled: int = 0
    orders_unasked: int = 0
    counters_wrong: int = 0
    releases_doubled: int = 0
    told: int = 0
    untold: int = 0
    told_twice: int = 0
    verify: str = "clean"

    @property
    def is_clean(self) -> bool:
        bad = [
            self.orders_lost,
            self.orders_doubled,
            self.orders_unasked,
            self.counters_wrong,
            self.releases_doubled,
            self.untold,
            self.told_twice,
        ]
        return not any(bad) and self.verify in {"clean", "missing"}


def wait_for_deliveries(about: str, patience: float) -> float:
    """Seconds until nothing about this waits any more, `patience` at most."""
    started = time.monotonic()
    while time.monotonic() - started < patience:
        try:
            if not Delivery.objects.filter(
                notification__about__startswith=about, status__in=["DUE", "SENDING"]
            ).exists():
                break
        except OperationalError:
            connection.close()
        time.sleep(0.5)
    return time.monotonic() - started


def judge(records: list[Record], about: str) -> Verdict:
    """Compare what clients were told with what there is, and count what people can see."""
    connection.close()
    verdict = Verdict()
    with transaction.atomic(), connection.cursor() as cursor:
        # One moment for all of it: unpaid orders are released all the while.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        _compare(verdict, records, about)
    verdict.verify = _verify()
    return verdict


def _compare(verdict: Verdict, records: list[Record], about: str) -> None:
    orders = list(Order.objects.values_list("number", "checkout_key", "status"))
    by_key = Counter(str(key) for _number, key, _status in orders)
    numbers = {number: str(key) for number, key, _status in orders}
    asked: set[str] = set()
    for record in records:
        asked |= record.asked
        for key, answered in record.answered.items():
            verdict.orders_lost += sum(numbers.get(number) != key for number in answered)
            verdict.orders_doubled += len(answered) - 1
    verdict.orders_doubled += sum(count - 1 for count in by_key.values())
    verdict.orders_unasked = sum(key not in asked for key in by_key)
    verdict.counters_wrong = _wrong_counters({number for number, _key, _status in orders})
    released = Counter(Notification.objects.filter(kind="order_released").values_list("about", flat=True))
    verdict.releases_doubled = sum(count - 1 for count in released.values())
    _count_told(verdict, about)


def _wrong_counters(numbers: set[str]) -> int:
    """Lots whose counters and holds disagree, and orders without exactly one hold, or holds without an order."""
    wrong = 0
    for lot in Lot.objects.all():
        packs = dict(Hold.objects.filter(lot=lot).order_by().values_list("status").annotate(Sum("packs")))
        wrong += (lot.held, lot.sold) != (packs.get("HELD", 0), packs.get("SOLD", 0))
    holds = Counter(Hold.objects.values_list("order_number", flat=True))
    return wrong + sum(holds[number] != 1 for number in numbers) + len(holds.keys() - numbers)


def _count_told(verdict: Verdict, about: str) -> None:
    """A person can see a notification in its own message or in the one that carried it: once, and no more."""
    written = Counter(OutboxMessage.objects.values_list("delivery_id", flat=True))
    for delivery in Delivery.objects.filter(notification__about__startswith=about):
        seen = written[delivery.carried_by_id or delivery.pk] if delivery.status == "SENT" else 0
        if delivery.carried_by_id:
            seen += written[delivery.pk]
        verdict.told += seen == 1
        verdict.untold += seen == 0
        verdict.told_twice += max(0, seen - 1)


def _verify() -> str:
    """What `manage.py verify` says."""
    if "verify" not in get_commands():
        return "missing"
    out = StringIO()
    try:
        call_command("verify", stdout=out, stderr=out)
    except (SystemExit, Exception) as error:
        code = getattr(error, "code", error)
        if code not in (0, None):
            return f"{code}: {' '.join(line for line in out.getvalue().splitlines() if 'BROKEN' in line)}"
    return "clean"
