"""Appeals that wait for a moderator, and what a farmer may appeal against."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from marketplace.models import Appeal, Listing, ModerationDecision

PAGE_SIZE = 30
WITHIN = timedelta(days=30)
Verdict = ModerationDecision.Verdict


def waiting_appeals() -> QuerySet[Appeal]:
    """The oldest first. One query."""
    waiting = Appeal.objects.filter(status=Appeal.Status.WAITING).select_related(
        "decision__decided_by",
        "decision__revision__produce",
        "decision__listing__produce",
        "decision__listing__farmer__county",
    )
    return waiting.order_by("made_at", "pk")


def appealable(now: datetime) -> QuerySet[ModerationDecision]:
    """Rejections and takings down of a listing that are not too old and were not appealed against."""
    said_no = ModerationDecision.objects.filter(verdict__in=[Verdict.REJECT, Verdict.TAKE_DOWN], listing__isnull=False)
    return said_no.filter(decided_at__gt=now - WITHIN, appeal=None)


def is_last_word(decision: ModerationDecision) -> bool:
    """Whether its listing is still as that decision left it: nothing newer was written, nothing was put back. 1 query."""
    listing = decision.listing
    return listing is not None and _last_no(listing) == decision


def may_be_appealed(listing: Listing, now: datetime) -> ModerationDecision | None:
    """The last no about a listing, if its farmer may still appeal against it. 3 queries at most."""
    last = _last_no(listing)
    return appealable(now).filter(pk=last.pk).first() if last else None


def _last_no(listing: Listing) -> ModerationDecision | None:
    """What took it down, while it is; else what rejected the newest version."""
    if listing.status == Listing.Status.TAKEN_DOWN:
        return listing.decisions.filter(verdict=Verdict.TAKE_DOWN).order_by("-pk").first()
    newest = listing.revisions.order_by("-number").first()
    return newest.decisions.filter(verdict=Verdict.REJECT).first() if newest else None
