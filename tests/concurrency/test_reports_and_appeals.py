"""Reporting, appealing and deciding at the same moment, with real threads; beside each a control that breaks."""

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection

from marketplace.models import Appeal, Listing, ModerationDecision, Report
from marketplace.services import appeals, moderation, reports
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import Verdict, decide, submit

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
Status = Report.Status


def report_twice(who: dict[str, Any], listing: Listing) -> list[str]:
    say = partial(
        reports.report_listing,
        listing_id=listing.pk,
        reason="FALSE",
        words="",
        now=NOON,
        **who,
    )
    return names(at_once(*[say] * 6))


@pytest.mark.parametrize("is_guest", [True, False])
def test_reporting_six_times_at_once_makes_one_report(is_guest):
    listing = make_listing()
    who = {"reporter": None, "guest": "a" * 64} if is_guest else {"reporter": make_user(), "guest": ""}

    assert report_twice(who, listing) == ["Report"] * 6
    assert Report.objects.count() == 1


def test_control_without_its_constraint_a_guest_is_counted_more_than_once(monkeypatch):
    listing = make_listing()
    writing, everyone = Report.objects.bulk_create, threading.Barrier(6)

    def together(*args, **kwargs):
        everyone.wait(
            timeout=60
        )  # all have looked and found nothing; without it a busy machine runs them one after another
        return writing(*args, **kwargs)

    monkeypatch.setattr(Report.objects, "bulk_create", together)
    constraint = next(c for c in Report._meta.constraints if c.name == "report_once_a_guest")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Report, constraint)
    try:
        results = report_twice({"reporter": None, "guest": "a" * 64}, listing)
        made = Report.objects.count()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE marketplace_report")
        with connection.schema_editor() as editor:
            editor.add_constraint(Report, constraint)

    # who reads after another has committed finds two, and takes its own back: that, too, is one too many
    assert made > 1 or "MultipleObjectsReturned" in results


def test_two_moderators_judge_one_report_once():
    report = reports.report_listing(
        listing_id=make_listing().pk, reporter=make_user(), guest="", reason="FALSE", words="", now=NOON
    )
    judge = partial(reports.decide_report, report_id=report.pk, reason="看过了。", now=NOON)

    results = at_once(
        *[partial(judge, moderator=make_moderator(), status=Status.VALID, take_down=True) for _ in range(3)],
        *[partial(judge, moderator=make_moderator(), status=Status.MALICIOUS, take_down=False) for _ in range(3)],
    )

    assert sorted(names(results)) == ["AlreadyDecided"] * 5 + ["Report"]
    report.refresh_from_db()
    gone = Listing.objects.get().status == Listing.Status.TAKEN_DOWN
    assert gone == (report.status == Status.VALID)
    assert ModerationDecision.objects.count() == int(gone)


def test_appealing_twice_at_once_makes_one_appeal():
    farmer = make_farmer()
    decision = decide(submit(farmer), make_moderator(), Verdict.REJECT)
    ask = partial(appeals.make_appeal, decision_id=decision.pk, farmer=farmer, words="看错了。", now=NOON)

    results = at_once(*[ask] * 4)

    assert sorted(names(results)) == ["Appeal"] + ["AppealedAlready"] * 3
    assert Appeal.objects.count() == 1


def test_two_moderators_decide_one_appeal_once_and_a_third_puts_back_meanwhile():
    farmer = make_farmer()
    listing = make_listing(farmer)
    no = moderation.take_down(listing_id=listing.pk, moderator=make_moderator(), reason="不是脐橙。", now=NOON)
    appeal = appeals.make_appeal(decision_id=no.pk, farmer=farmer, words="看错了。", now=NOON)
    rule = partial(appeals.decide_appeal, appeal_id=appeal.pk, reason="看过了。", now=NOON)
    back = partial(moderation.put_back, listing_id=listing.pk, moderator=make_moderator(), reason="", now=NOON)

    results = at_once(
        partial(rule, moderator=make_moderator(), overturn=True),
        partial(rule, moderator=make_moderator(), overturn=False),
        back,
    )

    assert sorted(names(results[:2])) == ["AlreadyDecided", "Appeal"]
    verdicts = list(ModerationDecision.objects.order_by("pk").values_list("verdict", flat=True))
    assert verdicts == ["TAKE_DOWN", "RESTORE"], "put back once, whoever did it"
    listing.refresh_from_db()
    assert listing.status == Listing.Status.LIVE


def test_control_without_the_lock_an_appeal_is_decided_twice_unless_the_database_refuses(monkeypatch):
    farmer = make_farmer()
    no = decide(submit(farmer), make_moderator(), Verdict.REJECT)
    appeal = appeals.make_appeal(decision_id=no.pk, farmer=farmer, words="看错了。", now=NOON)
    really, everyone = appeals.check_is_not_own, threading.Barrier(2)

    def together(*args: Any) -> None:
        really(*args)
        everyone.wait(timeout=60)

    monkeypatch.setattr(appeals, "check_is_not_own", together)
    monkeypatch.setattr("django.db.models.QuerySet.select_for_update", lambda rows, **_: rows)
    rule = partial(appeals.decide_appeal, appeal_id=appeal.pk, overturn=False, reason="看过了。", now=NOON)

    results = at_once(*[partial(rule, moderator=make_moderator()) for _ in range(2)])

    assert sorted(names(results)) == ["Appeal", "IntegrityError"], "the trigger is the last to say no"
