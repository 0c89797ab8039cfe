"""Moderators and farmers at the same moment. Beside each promise stands a control: the guard taken away, which breaks it."""

import time
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import Farmer, User
from common.errors import DomainError
from marketplace.models import Listing, ListingRevision, ModerationDecision
from marketplace.services import drafts, listings, moderation
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_listing, make_moderator, make_user
from tests.marketplace.selling import Verdict, decide, edit, submit, write

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
Status = ListingRevision.Status
SLOW = 0.3


def approve(revision: ListingRevision, moderator: User) -> ModerationDecision:
    return decide(revision, moderator)


def slow_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everyone time to look before anyone writes."""
    really = moderation._still_waiting

    def look(revision_id: int) -> ListingRevision:
        revision = really(revision_id)
        time.sleep(SLOW)
        return revision

    monkeypatch.setattr(moderation, "_still_waiting", look)


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control's way to take a listing: as it is, without waiting for anyone."""
    monkeypatch.setattr(moderation, "_lock", lambda found, moderator: found.get())


def both_decide(revision: ListingRevision, verdict: Verdict) -> list[Any]:
    """One moderator says `verdict`, another rejects."""
    first, second = make_moderator(), make_user("Second", is_moderator=True)
    return at_once(partial(decide, revision, first, verdict), partial(decide, revision, second, Verdict.REJECT))


def test_two_moderators_make_one_decision_and_the_other_is_told(monkeypatch):
    slow_check(monkeypatch)
    revision = submit(make_farmer())

    results = both_decide(revision, Verdict.APPROVE)

    assert sorted(names(results)) == ["AlreadyDecided", "ModerationDecision"]
    (decision,) = ModerationDecision.objects.all()
    revision.refresh_from_db()
    assert (revision.status == Status.APPROVED) == (decision.verdict == Verdict.APPROVE)
    assert Listing.objects.shown().exists() == (decision.verdict == Verdict.APPROVE)


def test_control_without_the_lock_only_the_constraint_is_left(monkeypatch):
    slow_check(monkeypatch)
    without_lock(monkeypatch)
    revision = submit(make_farmer())

    results = both_decide(revision, Verdict.ASK_CHANGE)

    assert sorted(names(results)) == ["IntegrityError", "ModerationDecision"]
    assert ModerationDecision.objects.count() == 1


def test_control_without_lock_and_constraint_one_revision_is_decided_twice(monkeypatch):
    slow_check(monkeypatch)
    without_lock(monkeypatch)
    revision = submit(make_farmer())
    constraint = next(c for c in ModerationDecision._meta.constraints if c.name == "revision_decided_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(ModerationDecision, constraint)
    try:
        results = both_decide(revision, Verdict.ASK_CHANGE)
        verdicts = set(ModerationDecision.objects.values_list("verdict", flat=True))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE marketplace_moderationdecision, marketplace_appeal")
        with connection.schema_editor() as editor:
            editor.add_constraint(ModerationDecision, constraint)

    assert names(results) == ["ModerationDecision", "ModerationDecision"]
    assert verdicts == {Verdict.ASK_CHANGE, Verdict.REJECT}


def change_words(listing: Listing, farmer: Farmer, wait: float = 0.0) -> ListingRevision:
    time.sleep(wait)
    drafts.open_draft(listing_id=listing.pk, farmer=farmer, now=NOON)
    return write(listing.pk, farmer, words="改过的话。", harvest=None)


@pytest.mark.parametrize("farmer_waits", [0.0, SLOW / 3])
def test_an_edit_and_an_approval_never_pass_each_other(monkeypatch, farmer_waits):
    slow_check(monkeypatch)
    farmer = make_farmer()
    listing = make_listing(farmer)
    seen = edit(listing, farmer, words="看过的话。")

    results = at_once(partial(approve, seen, make_moderator()), partial(change_words, listing, farmer, farmer_waits))

    listing.refresh_from_db()
    seen.refresh_from_db()
    if isinstance(results[0], ModerationDecision):
        assert (seen.status, listing.words) == (Status.APPROVED, "看过的话。")
    else:
        assert isinstance(results[0], DomainError)
        assert (seen.status, listing.words) == (Status.WITHDRAWN, "皮薄汁多，早上摘下午发。")
    assert isinstance(results[1], ListingRevision)
    assert listing.revisions.filter(status=Status.DRAFT).get().words == "改过的话。"


def test_control_without_the_lock_what_the_farmer_took_back_is_shown(monkeypatch):
    slow_check(monkeypatch)
    without_lock(monkeypatch)
    farmer = make_farmer()
    listing = make_listing(farmer)
    seen = edit(listing, farmer, words="收回的话。")
    withdrawn: list[str] = []

    def take_back() -> None:
        change_words(listing, farmer, SLOW / 3)
        withdrawn.append(ListingRevision.objects.get(pk=seen.pk).status)

    results = at_once(partial(approve, seen, make_moderator()), take_back)

    listing.refresh_from_db()
    assert names(results) == ["ModerationDecision", "NoneType"]
    assert withdrawn == [Status.WITHDRAWN]
    assert listing.words == "收回的话。"


def test_twenty_edits_and_prices_at_once_leave_one_open_revision():
    farmer = make_farmer()
    listing = make_listing(farmer, price_fen=5000)

    def price(fen: int) -> bool:
        return listings.change_price(listing_id=listing.pk, farmer=farmer, price_fen=fen, now=NOON)

    calls: list[Any] = [partial(drafts.open_draft, listing_id=listing.pk, farmer=farmer, now=NOON)] * 4
    calls += [partial(price, 5000 + number) for number in range(4)] + [partial(price, 9000 + n) for n in range(4)]
    results = at_once(*calls)

    assert set(names(results)) <= {"ListingRevision", "bool"}
    assert listing.revisions.filter(status__in=ListingRevision.OPEN).count() == 1
    numbers = list(listing.revisions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
