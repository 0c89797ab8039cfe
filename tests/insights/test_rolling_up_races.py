"""A rebuild beside somebody who counts what has changed: one waits for the other, or nothing adds up."""

import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from common.transactions import use_case
from config.verify import run
from insights.invariants import CHECKS
from insights.services import rolling_up
from insights.services.rolling_up import absorb, absorb_all, rebuild
from tests.concurrency.racing import at_once
from tests.insights.test_rolling_up import give_back
from tests.payments.payout_scene import make_settled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def what_breaks() -> list[str]:
    return [check.name for check in CHECKS if not run(check, timezone.now()).is_clean]


def rebuild_beside_absorb() -> list[str]:
    """Rebuild, and count a refund just before it commits; what doesn't hold afterwards."""
    parcel = make_settled()
    absorb_all()
    give_back(parcel, 1000)
    rebuilt, counted = threading.Event(), threading.Event()

    def slowly() -> None:
        rebuild.__wrapped__()  # type: ignore[attr-defined]
        rebuilt.set()
        _until(lambda: counted.is_set() or _somebody_waits())

    def beside() -> None:
        assert rebuilt.wait(20)
        try:
            absorb()
        finally:
            counted.set()

    results = at_once(use_case(slowly), beside)
    assert results == [None, None]
    absorb_all()
    return what_breaks()


def _until(happened: Callable[[], bool]) -> None:
    for _ in range(400):
        if happened():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never came to that")


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_counting_beside_a_rebuild_counts_nothing_twice() -> None:
    assert rebuild_beside_absorb() == []


def test_control_without_taking_turns_it_counts_twice() -> None:
    def nobody_waits(**_wishes: Any) -> object:
        return object()

    with patch.object(rolling_up, "take_turn", nobody_waits):
        assert "roll_up_is_its_lines" in rebuild_beside_absorb()


def test_two_who_count_at_once_count_once() -> None:
    give_back(make_settled(), 1000)

    assert sum(at_once(absorb, absorb, absorb)) > 0
    absorb_all()

    assert what_breaks() == []
