"""Thousands of steps at random over orders, payments, refunds, claims and payouts: the ledger adds up after every one.

LEDGER_WALK_STEPS makes it longer: `LEDGER_WALK_STEPS=10000 pytest -s tests/acceptance/test_ledger_walk.py`.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.extra.django import TestCase
from hypothesis.stateful import run_state_machine_as_test

from payments.services import booking
from tests.acceptance.ledger_walk import LedgerWalk
from tests.acceptance.ledger_world import World
from tests.planning import analyze

STEPS = int(os.environ.get("LEDGER_WALK_STEPS", "300"))
STEPS_OF_A_WALK = 25


def walk(steps: int, **wishes: Any) -> None:
    settings = hypothesis_settings(
        max_examples=max(1, steps // STEPS_OF_A_WALK),
        stateful_step_count=STEPS_OF_A_WALK,
        deadline=None,
        database=None,
        derandomize=steps == 300,  # CI walks the same way each time
        suppress_health_check=list(HealthCheck),
        **wishes,
    )
    run_state_machine_as_test(LedgerWalk, settings=settings)


class TestLedgerWalk(TestCase):
    def setUp(self) -> None:
        shares = {"FUND_SHARE_BASIS_POINTS": 100, "PLATFORM_SHARE_BASIS_POINTS": 137, "EARLY_RELEASE_PERCENT": 70}
        self.enterContext(self.settings(**shares, ON_DELIVERY_OPEN=9999, ON_DELIVERY_REFUSALS=9999))
        LedgerWalk.world = World()
        LedgerWalk.world.begin(timezone.now())
        analyze()
        LedgerWalk.steps.clear()

    def test_the_books_add_up_whatever_happens(self) -> None:
        started = time.monotonic()
        phases = [
            Phase.generate,
            *([Phase.shrink] if STEPS <= 300 else []),
        ]  # making a long run's shorter takes an hour
        walk(STEPS, phases=phases)
        done = LedgerWalk.steps
        print(f"\n{done.total()} acts in {time.monotonic() - started:.0f} s: {dict(done)}")  # noqa: T201

        wanted = {"pay", "pay directly", "post", "claim", "late refund", "prepare", "approve", "confirm"}
        wanted |= {"promise", "come", "not taken"}
        left_out = 4 if STEPS < 10_000 else 0  # a few dozen walks, each of which hypothesis lets do without some rules
        assert len(wanted - set(done)) <= left_out, wanted - set(done)
        assert done.total() > STEPS / 3

    def test_control_a_fen_lost_in_a_split_is_found(self) -> None:
        """Rounding each part by itself, the oldest mistake, does not get far."""

        def badly(total: int, weights: Sequence[int]) -> list[int]:
            return [total * weight // sum(weights) for weight in weights]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(booking, "split_by_weight", badly)
            with pytest.raises((AssertionError, ExceptionGroup)):
                walk(300, phases=[Phase.generate])
