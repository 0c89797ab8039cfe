"""What moderators did and what waits for them, counted from the rows each time it is asked."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from marketplace.models import Appeal, ListingRevision, ModerationDecision, Report, Storefront

DAYS = 30
Verdict = ModerationDecision.Verdict


@dataclass(frozen=True)
class Queue:
    """How many wait, and for how many hours: half of them longer than `median`, none longer than `oldest`."""

    waiting: int
    median: float
    oldest: float


@dataclass
class Moderator:
    """What one moderator decided about listings and shop pages, and what became of it."""

    name: str
    approved: int = 0
    sent_back: int = 0
    taken_down: int = 0
    hours: list[float] = field(default_factory=list)
    appealed: int = 0
    overturned: int = 0

    @property
    def decided(self) -> int:
        return self.approved + self.sent_back + self.taken_down

    @property
    def median(self) -> float | None:
        return statistics.median(self.hours) if self.hours else None


@dataclass(frozen=True)
class Figures:
    """Queues now, and the last DAYS days."""

    queues: dict[str, Queue]
    days: list[tuple[date, int]]
    moderators: list[Moderator]
    reports: dict[str, int]
    appeals: dict[str, int]
    median_hours: float | None


def moderation_figures(now: datetime) -> Figures:
    """All of it, in 8 queries however much there is to count."""
    since = now - timedelta(days=DAYS)
    moderators = _moderators(since)
    hours = [each for moderator in moderators for each in moderator.hours]
    reports = Report.objects.filter(decided_at__gt=since)
    appeals = Appeal.objects.filter(decided_at__gt=since)
    return Figures(
        queues=_queues(now),
        days=_days(since),
        moderators=moderators,
        reports=_counted(reports.values_list("status").annotate(n=Count("pk")), Report.Status.values[1:]),
        appeals=_counted(appeals.values_list("status").annotate(n=Count("pk")), Appeal.Status.values[1:]),
        median_hours=statistics.median(hours) if hours else None,
    )


def _counted(rows: Iterable[tuple[Any, ...]], names: Sequence[str]) -> dict[str, int]:
    there = dict(rows)
    return {name: there.get(name, 0) for name in names}


def _queues(now: datetime) -> dict[str, Queue]:
    since = {
        "listings": ListingRevision.objects.filter(status="WAITING").values_list("submitted_at", flat=True),
        "storefronts": Storefront.objects.exclude(proposed_at=None).values_list("proposed_at", flat=True),
        "reports": Report.objects.filter(status="WAITING").values_list("made_at", flat=True),
        "appeals": Appeal.objects.filter(status="WAITING").values_list("made_at", flat=True),
    }
    return {name: _queue([_hours(now - at) for at in times if at]) for name, times in since.items()}


def _queue(hours: list[float]) -> Queue:
    return Queue(len(hours), statistics.median(hours), max(hours)) if hours else Queue(0, 0, 0)


def _hours(time: timedelta) -> float:
    return max(time.total_seconds(), 0) / 3600


def _days(since: datetime) -> list[tuple[date, int]]:
    decisions = ModerationDecision.objects.filter(decided_at__gt=since).order_by()
    counted = decisions.annotate(day=TruncDate("decided_at")).values_list("day").annotate(n=Count("pk"))
    return sorted(counted, reverse=True)


def _moderators(since: datetime) -> list[Moderator]:
    decisions = (
        ModerationDecision.objects.filter(decided_at__gt=since)
        .order_by()
        .values_list(
            "decided_by", "decided_by__name", "verdict", "decided_at", "revision__submitted_at", "appeal__status"
        )
    )
    found: dict[int, Moderator] = {}
    for pk, name, verdict, decided_at, submitted_at, appeal in decisions.iterator(chunk_size=2000):
        moderator = found.setdefault(pk, Moderator(name))
        moderator.approved += verdict in {Verdict.APPROVE, Verdict.RESTORE}
        moderator.sent_back += verdict in {Verdict.ASK_CHANGE, Verdict.REJECT}
        moderator.taken_down += verdict == Verdict.TAKE_DOWN
        moderator.appealed += appeal is not None
        moderator.overturned += appeal == Appeal.Status.OVERTURNED
        if submitted_at:
            moderator.hours.append(_hours(decided_at - submitted_at))
    return sorted(found.values(), key=lambda moderator: (-moderator.decided, moderator.name))
