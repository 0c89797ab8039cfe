"""The trial balance stays zero and no restricted money goes below nothing or astray, whatever is tried in any order.

FUND_WALK_STEPS makes it longer: `FUND_WALK_STEPS=5000 pytest -s tests/acceptance/test_fund_walk.py`.
"""

import os
import time
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.extra.django import TestCase
from hypothesis.stateful import run_state_machine_as_test

from fund.services import tracing
from tests.acceptance.fund_walk import FundWalk, World

STEPS = int(os.environ.get("FUND_WALK_STEPS", "240"))
STEPS_OF_A_WALK = 30


def walk(steps: int, **wishes: Any) -> None:
    settings = hypothesis_settings(
        max_examples=max(1, steps // STEPS_OF_A_WALK),
        stateful_step_count=STEPS_OF_A_WALK,
        deadline=None,
        database=None,
        derandomize=steps == 240,  # CI walks the same way each time
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        **wishes,
    )
    run_state_machine_as_test(FundWalk, settings=settings)


class TestFundWalk(TestCase):
    def setUp(self) -> None:
        self.enterContext(self.settings(FUND_SHARE_BASIS_POINTS=2500))  # enough to allot
        FundWalk.world = World()
        FundWalk.steps.clear()

    def test_the_fund_adds_up_whatever_happens(self) -> None:
        started = time.monotonic()
        walk(STEPS)
        done = FundWalk.steps
        print(f"\n{done.total()} acts in {time.monotonic() - started:.0f} s: {dict(done)}")  # noqa: T201

        wanted = {"give", "allot", "prepare", "approve", "evidence", "pay", "give back", "return"}
        assert len(wanted - set(done)) <= (1 if STEPS < 2000 else 0), wanted - set(done)
        assert done.total() > STEPS / 3

    def test_control_money_that_is_taken_without_looking_is_found(self) -> None:
        """Whoever takes the oldest gifts again, as if nobody had, does not get far: the database refuses it."""

        def carelessly(account_id: int) -> dict[int, int]:
            came = tracing.Leg.objects.filter(account=account_id, fen__lt=0, entry__kind__in=tracing.ORIGINS)
            return {origin: -fen for origin, fen in came.order_by("pk").values_list("pk", "fen")}

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tracing, "left_in", carelessly)
            with pytest.raises((AssertionError, ExceptionGroup, IntegrityError)):
                walk(600)
