"""Reports from the public: taken in from anybody, judged by a moderator, with what follows from it.

What somebody's reports turned out to be decides how much the next ones count (queries.reports), and who did it out of
malice MALICIOUS_ENOUGH times is heard no more. Nobody but moderators ever learns who reported.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.acts import record_act
from common.errors import InvalidInput, NotAllowed
from common.transactions import needs_transaction, use_case
from marketplace.errors import AlreadyDecided, ReasonMissing, ReportsRefused, TooManyReports
from marketplace.models import Listing, ModerationDecision, Report, Storefront
from marketplace.queries import window
from marketplace.services.moderation import (
    check_is_not_own,
    check_may_decide,
    shown_now,
    take_away,
    take_story_away,
    told_reason,
)
from notifications.services import notify

MALICIOUS_ENOUGH = 3
A_DAY = 20
A_GUESTS_DAY = 5
Status = Report.Status
Reason = Report.Reason


@use_case
def report_listing(
    *, listing_id: int, reporter: User | None, guest: str, reason: str, words: str, now: datetime
) -> Report:
    """Say what is wrong with a listing that buyers see; once a person: asking again gives the report there is.

    `guest` is the keyed hash that stands for who isn't signed in. Raises NotAllowed for what has no page and for one's own,
    InvalidInput, TooManyReports, ReportsRefused.
    """
    listing = window.listing_page().filter(pk=listing_id).first()
    if listing is None or listing.produce is None:
        raise NotAllowed
    report = Report(
        about=f"listing:{listing.pk}",
        farmer=listing.farmer,
        listing=listing,
        link=reverse("marketplace:listing_detail", args=[listing.pk]),
        shown=f"{listing.produce.name_zh} {(listing.price_fen or 0) / 100:.2f}: {listing.words}"[:400],
    )
    return _take_in(report, reporter, guest, reason, words, now)


@use_case
def report_storefront(
    *, storefront_id: int, reporter: User | None, guest: str, reason: str, words: str, now: datetime
) -> Report:
    """The same about a shop page."""
    shop = window.storefronts().filter(pk=storefront_id).first()
    if shop is None:
        raise NotAllowed
    report = Report(
        about=f"storefront:{shop.pk}",
        farmer=shop.farmer,
        link=reverse("marketplace:storefront_detail", args=[shop.slug]),
        shown=f"{shop.farmer.name}: {shop.story}"[:400],
    )
    return _take_in(report, reporter, guest, reason, words, now)


@needs_transaction
def _take_in(report: Report, reporter: User | None, guest: str, reason: str, words: str, now: datetime) -> Report:
    if reason not in Reason.values:
        raise InvalidInput(field="reason")
    if reason == Reason.OTHER and not words:
        raise InvalidInput(_("Please say in a few words what is wrong."), field="words")
    if reporter:
        User.objects.select_for_update(no_key=True).get(pk=reporter.pk)
        if report.farmer.user_id == reporter.pk:
            raise NotAllowed
    theirs = Report.objects.filter(Q(reporter=reporter) if reporter else Q(guest=guest))
    if there := theirs.filter(about=report.about).first():
        return there
    if theirs.filter(status=Status.MALICIOUS).count() >= MALICIOUS_ENOUGH:
        raise ReportsRefused
    if theirs.filter(made_at__gt=now - timedelta(days=1)).count() >= (A_DAY if reporter else A_GUESTS_DAY):
        raise TooManyReports
    report.reporter, report.guest = reporter, "" if reporter else guest
    report.reason, report.words, report.made_at = reason, words, now
    Report.objects.bulk_create([report], ignore_conflicts=True)  # a guest's double click: the constraint keeps one
    return theirs.get(about=report.about)


@use_case
def decide_report(
    *, report_id: int, moderator: User, status: Status, take_down: bool, reason: str, now: datetime
) -> Report:
    """Judge a report: VALID, INVALID or MALICIOUS, with a reason; a valid one may take down what it is about.

    Raises NotAllowed (not a moderator, one's own report), OwnListing, ReasonMissing, InvalidInput, AlreadyDecided.
    """
    check_may_decide(moderator, ModerationDecision.Verdict.REJECT, reason)
    if status not in {Status.VALID, Status.INVALID, Status.MALICIOUS} or (take_down and status != Status.VALID):
        raise InvalidInput(field="status")
    if not reason:
        raise ReasonMissing(field="reason")
    about = Report.objects.filter(pk=report_id).first()
    if about is None:
        raise NotAllowed
    listing = Listing.objects.select_for_update(no_key=True).get(pk=about.listing_id) if about.listing_id else None
    shop = None
    if listing is None:
        shop = Storefront.objects.select_for_update(no_key=True).get(farmer=about.farmer_id)
    report = Report.objects.select_for_update(no_key=True, of=("self",)).select_related("reporter").get(pk=report_id)
    check_is_not_own(report.farmer, moderator)
    if report.reporter_id == moderator.pk:
        raise NotAllowed
    if report.status != Status.WAITING:
        raise AlreadyDecided(who=str(report.decided_by))
    gone = take_down and _take_away(listing, shop, moderator, reason, now)
    report.status, report.decided_by, report.decided_at, report.decision_reason = status, moderator, now, reason
    report.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
    record_act(
        actor=moderator,
        kind=f"report_{status.lower()}",
        about=f"report:{report.pk}",
        now=now,
        old={"status": Status.WAITING},
        new={"status": status, "about": report.about, "taken_down": gone},
        reason=reason,
    )
    _tell(report, gone, now)
    return report


@needs_transaction
def _take_away(listing: Listing | None, shop: Storefront | None, moderator: User, reason: str, now: datetime) -> bool:
    """Whether anything was taken away: an earlier report may have seen to it."""
    if listing and shown_now(listing)["status"] in {Listing.Status.LIVE, Listing.Status.PAUSED}:
        take_away(listing, moderator, reason, now)
        return True
    if shop and (shop.story or shop.photo_id):
        take_story_away(shop, moderator, reason, now)
        return True
    return False


@needs_transaction
def _tell(report: Report, gone: bool, now: datetime) -> None:
    """Who reported (if we know them) how it ended; the farmer what was found, never by whom."""
    about, reason = f"report:{report.pk}", told_reason(report.decision_reason)
    if report.reporter:
        kind = f"report_{report.status.lower()}"
        notify(recipient=report.reporter, kind=kind, about=about, now=now, link=report.link, reason=reason)
    if report.status == Status.VALID and not gone:
        link = reverse("marketplace:listing_edit", args=[report.listing_id]) if report.listing_id else ""
        notify(
            recipient=report.farmer.user,
            kind="reported",
            about=about,
            now=now,
            link=link or reverse("marketplace:storefront_edit"),
            reason=reason,
        )
