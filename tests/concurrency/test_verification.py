"""Two moderators press their buttons at the same moment: one decides, the other is told."""

import time
from functools import partial

import pytest

from accounts.models import Farmer, VerificationDecision
from accounts.services import verification
from notifications.models import Notification
from tests.concurrency.racing import at_once, names
from tests.make import NOON, make_farmer, make_moderator

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def press_together(farmer: Farmer) -> list[str]:
    decisions = [verification.verify_farmer, verification.refuse_farmer] * 4
    calls = [
        partial(decide, farmer_id=farmer.pk, decided_by=make_moderator(), reason=f"Reason {number}.", now=NOON)
        for number, decide in enumerate(decisions)
    ]
    return names(at_once(*calls))


def test_one_decides_and_all_others_are_told_that_it_was_decided():
    farmer = make_farmer(status=Farmer.Status.WAITING)

    results = press_together(farmer)

    assert sorted(results) == ["VerificationDecision"] + ["WrongState"] * 7
    decision = VerificationDecision.objects.get()
    farmer.refresh_from_db()
    assert farmer.status == verification.MOVES[decision.verdict].after
    assert Notification.objects.filter(recipient=farmer.user).count() == 1


def test_without_the_lock_several_would_have_decided(monkeypatch):
    """The control: read without locking, more than one verdict gets on record."""
    monkeypatch.setattr("accounts.models.farmers.FarmerQuerySet.select_for_update", lambda self, **options: self.all())
    monkeypatch.setattr(verification, "_tell_farmer", lambda *told: time.sleep(0.3))  # all have read before one commits

    results = press_together(make_farmer(status=Farmer.Status.WAITING))

    assert results.count("VerificationDecision") > 1
