"""Reports that wait for a moderator, those first that weigh most."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from marketplace.models import Listing, Report

PAGE_SIZE = 30
LOOKED_AT = 500  # of those that wait, the oldest: what is put in order of weight
GUEST = 0.5
Status = Report.Status


@dataclass(frozen=True)
class Trust:
    """What somebody's reports turned out to be so far."""

    valid: int = 0
    invalid: int = 0
    malicious: int = 0

    @property
    def weight(self) -> float:
        """How much their next report counts: 1 for who is new, towards 0 for who was wrong, faster for malice."""
        return (1 + self.valid) / (1 + self.valid + self.invalid + 4 * self.malicious)


@dataclass(frozen=True)
class Waiting:
    """A report, what is known of who made it, and how many others wait about the same thing."""

    report: Report
    trust: Trust
    weight: float
    others: int

    @property
    def is_gone(self) -> bool:
        """Whether buyers don't see it any more."""
        return self.report.listing is not None and self.report.listing.status == Listing.Status.TAKEN_DOWN


def waiting_reports() -> list[Waiting]:
    """The first page: by the weight of all reports about the same thing, the oldest first among equals. 2 queries."""
    waiting = Report.objects.filter(status=Status.WAITING).select_related("farmer__county", "listing__produce")
    rows = list(waiting.order_by("made_at", "pk")[:LOOKED_AT])
    trusts = _trusts(rows)
    weights: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for row in rows:
        weights[row.about] += _weight(row, trusts)
        count[row.about] += 1
    rows.sort(key=lambda row: -weights[row.about])  # stable: the oldest stays first
    return [
        Waiting(row, trusts.get(_who(row), Trust()), weights[row.about], count[row.about] - 1)
        for row in rows[:PAGE_SIZE]
    ]


def _who(report: Report) -> tuple[int | None, str]:
    return report.reporter_id, report.guest


def _weight(report: Report, trusts: dict[tuple[int | None, str], Trust]) -> float:
    return trusts.get(_who(report), Trust()).weight * (GUEST if report.guest else 1)


def _trusts(reports: list[Report]) -> dict[tuple[int | None, str], Trust]:
    people = {report.reporter_id for report in reports if report.reporter_id}
    guests = {report.guest for report in reports if report.guest}
    decided = Report.objects.filter(Q(reporter__in=people) | Q(guest__in=guests)).exclude(status=Status.WAITING)
    counted = (
        decided.order_by()
        .values_list("reporter", "guest")
        .annotate(
            valid=Count("pk", filter=Q(status=Status.VALID)),
            invalid=Count("pk", filter=Q(status=Status.INVALID)),
            malicious=Count("pk", filter=Q(status=Status.MALICIOUS)),
        )
    )
    return {(who, guest): Trust(*counts) for who, guest, *counts in counted}
