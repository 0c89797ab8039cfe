"""Delivery reports: what became of a text message after the provider had taken it.

Providers repeat themselves, come late, and come for messages that are not ours. The first report counts; one that says
"did not arrive" sends the person the same over their next channel, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from common.transactions import use_case
from notifications.models import Delivery
from notifications.services.claiming import OPEN
from notifications.services.falling_back import fall_back


@dataclass(frozen=True)
class Report:
    """One report. `delivery_id` is the name we gave the message, `provider_id` the provider's, `number` whose phone."""

    delivery_id: int
    provider_id: str
    number: str
    arrived: bool
    code: str


def record_reports(reports: Iterable[Report], *, now: datetime) -> int:
    """Note each report by itself, so that a strange one stops no other. Returns how many were new and ours."""
    return sum(_record(report=report, now=now) for report in reports)


@use_case
def _record(*, report: Report, now: datetime) -> bool:
    """Note one report if the message, the provider's id and the number all agree and none was noted before.

    A report for a message whose sending we never heard the end of settles it: it was sent.
    """
    delivery = (
        Delivery.objects.select_for_update(no_key=True)
        .filter(pk=report.delivery_id, channel=Delivery.Channel.SMS, receipt="", carried_by=None)
        .first()
    )
    if delivery is None or not delivery.attempts or not _same_number(delivery.address, report.number):
        return False
    if delivery.provider_id and delivery.provider_id != report.provider_id:
        return False  # an earlier attempt's; the one that we know of has its own
    family = [delivery.pk, *delivery.carries.exclude(status="DROPPED").values_list("pk", flat=True)]
    Delivery.objects.filter(pk=delivery.pk).update(
        receipt=Delivery.Receipt.ARRIVED if report.arrived else Delivery.Receipt.LOST,
        receipt_code=report.code[:40],
        receipt_at=now,
        provider_id=report.provider_id[:80],
    )
    if report.arrived:
        Delivery.objects.filter(pk__in=family, status__in=OPEN).update(status=Delivery.Status.SENT, sent_at=now)
    else:
        fall_back(family, now=now)
    return True


def _same_number(ours: str, theirs: str) -> bool:
    """Whether the two name one phone: theirs comes without the country's code inside China, without "+" elsewhere."""
    return bool(theirs) and ours in {f"+{theirs}", f"+86{theirs}"}
