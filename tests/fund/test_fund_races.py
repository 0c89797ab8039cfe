"""Two grants of one balance approved at once, for real: one of them is."""

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Sum

from fund.services import tracing
from payments.models import Leg
from tests.concurrency.racing import at_once, names
from tests.fund import scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

THREADS = 3


def _scene() -> tuple[Any, list[Any], list[Any]]:
    """A programme with 10 yuan, and as many grants of 8 as there are people to approve them."""
    one = scene.make_steward("One")
    programme, payee = scene.make_programme(one), scene.make_payee(one)
    scene.arrived(1000)
    waiting = [scene.make_grant(programme, 800, one, payee) for _each in range(THREADS)]
    return programme, waiting, [scene.make_steward(f"Second {number}") for number in range(THREADS)]


def _there(programme: Any) -> int:
    return -(Leg.objects.filter(account=programme.account).aggregate(fen=Sum("fen"))["fen"] or 0)


def test_many_who_approve_at_once_grant_no_more_than_there_is():
    programme, waiting, people = _scene()

    results = at_once(*[partial(scene.approve, grant, who) for grant, who in zip(waiting, people, strict=True)])

    assert sorted(names(results)) == ["Grant"] + ["NotEnoughThere"] * (THREADS - 1)
    assert _there(programme) == 200


def test_without_the_services_lock_the_database_still_refuses(monkeypatch):
    programme, waiting, people = _scene()
    _meet_after_looking(monkeypatch)

    results = at_once(*[partial(scene.approve, grant, who) for grant, who in zip(waiting, people, strict=True)])

    assert sorted(names(results)) == ["Grant"] + ["IntegrityError"] * (THREADS - 1)
    assert _there(programme) == 200


def test_control_without_lock_and_trigger_more_is_granted_than_there_is(monkeypatch):
    programme, waiting, people = _scene()
    _meet_after_looking(monkeypatch)
    tables = ("payments_leg", "fund_trace")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            results = at_once(*[partial(scene.approve, grant, who) for grant, who in zip(waiting, people, strict=True)])
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    assert names(results).count("Grant") == THREADS
    assert _there(programme) < 0


def _meet_after_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lock is taken, and all have looked before any goes on."""
    plainly, met = tracing.left_in, threading.Barrier(THREADS, timeout=30)

    def together(account_id: int) -> dict[int, int]:
        found = plainly(account_id)
        met.wait()
        return found

    monkeypatch.setattr(QuerySet, "select_for_update", lambda queryset, **_how: queryset)
    monkeypatch.setattr(tracing, "left_in", together)
