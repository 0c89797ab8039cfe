"""Must show: a pick list exactly once for each farmer and slot though workers are killed; it is what the orders say; and
whoever has not answered by the hour is on the specialist's list, every one.

A real Celery worker with its beat makes lists on this test's database. This test holds the place of one farmer's message, so
that the worker has written that farmer's list, and waits to write its message, when it and all its children get SIGKILL:
exactly between the two. The next tick does the rest. Beside it a control that commits the list by itself: there
somebody is never told, and the same questions must find it.
"""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Farmer
from notifications.models import Notification
from orders.models import OrderLine, PickList
from orders.services.picking import see_pick_list
from orders.tasks import make_pick_lists
from specialists.calls import unanswered_pick_lists
from tests.acceptance.running_shop import broker_of_its_own, environment
from tests.acceptance.test_killed_mid_payment import WAITS_FOR_US
from tests.make import make_farmer, make_listing
from tests.orders.making import make_parcel

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

PATIENCE = 120.0  # seconds; a start takes ten on a quiet machine
SLOT = "00:00-23:59:59"
FARMERS = 5


@pytest.fixture
def farmers() -> list[Farmer]:
    """Each with two parcels of two listings to post now."""
    found, now = [], timezone.now() - timedelta(hours=1)  # paid a minute later, and to be posted within days from then
    for number in range(FARMERS):
        farmer = make_farmer(f"Household {number}")
        one, two = make_listing(farmer), make_listing(farmer)
        make_parcel(wanted={one: 2, two: 1}, now=now)
        make_parcel(wanted={one: 3}, now=now)
        found.append(farmer)
    return found


@contextmanager
def worker(tmp_path: Path, without: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A worker with its beat; whatever is left of them at the end is killed."""
    env = environment(8000, broker_of_its_own(), {"PICK_SLOT": SLOT, "PICK_WITHOUT": without})
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "tests.acceptance.pick_list_worker", "worker"]
    how = ["--beat", "--schedule", str(tmp_path / "beat"), "--loglevel", "ERROR", "--concurrency", "1", "--purge"]
    process = subprocess.Popen([*celery, *how], cwd=configured.BASE_DIR, env=env, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to it and to all it forked, the children after their parent, who would put others in their place."""
    tree = []
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(process.pid)
        tree = [parent, *parent.children(recursive=True)]
    for one in tree:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(timeout=20)
    for one in tree:
        with suppress(psutil.NoSuchProcess):
            while one.status() != psutil.STATUS_ZOMBIE:  # nobody may be there to bury what it forked
                time.sleep(0.02)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < end, "it never got there"
        time.sleep(0.05)


def kill_between_list_and_message(farmers: list[Farmer], place: int, tmp_path: Path, without: str = "") -> None:
    """Kill a worker that has written the list of the farmer at `place` and waits to tell them: we hold the message's key."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITS_FOR_US)
            return bool(cursor.fetchone()[0])

    with transaction.atomic():
        person, now = farmers[place].user, timezone.now()
        about = f"pick_list:{number_before() + place + 1}"
        key = f"{person.pk}/pick_list/{about}/"
        Notification.objects.create(recipient=person, kind="pick_list", about=about, dedupe_key=key, created_at=now)
        with worker(tmp_path, without) as process:
            wait_for(waits, process)
            kill(process)
        transaction.set_rollback(True)


def number_before() -> int:
    """The number after which the next pick lists are numbered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('orders_picklist', 'id'))")
        return int(cursor.fetchone()[0])


def lists_and_messages(farmer: Farmer) -> tuple[int, int]:
    told = Notification.objects.filter(recipient=farmer.user, kind="pick_list").count()
    return PickList.objects.filter(farmer=farmer).count(), told


def recounted(farmer: Farmer) -> Counter[int]:
    """What the orders say, asked another way."""
    lines = OrderLine.objects.filter(parcel__farmer=farmer, parcel__state="TO_PACK")
    return sum((Counter({line.lot_id: line.packs}) for line in lines), Counter())


def test_once_for_each_farmer_as_the_orders_say_and_whoever_does_not_answer_is_called(farmers, tmp_path, settings):
    kill_between_list_and_message(farmers, 2, tmp_path)
    assert [lists_and_messages(farmer) for farmer in farmers] == [(1, 1), (1, 1), (0, 0), (0, 0), (0, 0)]

    settings.PICK_LIST_SLOTS = {"MORNING": tuple(SLOT.split("-"))}  # the next worker's tick, and one more
    assert [make_pick_lists(), make_pick_lists()] == [FARMERS - 2, 0]

    assert [lists_and_messages(farmer) for farmer in farmers] == [(1, 1)] * FARMERS
    for made in PickList.objects.all():
        assert Counter(dict(made.items)) == recounted(made.farmer)
    answered = PickList.objects.get(farmer=farmers[0])
    see_pick_list(pick_list_id=answered.pk, farmer=farmers[0], now=timezone.now())
    called = {call.farmer for call in unanswered_pick_lists(Farmer.objects.all(), answered.answer_by)}
    assert called == set(farmers[1:]), "all but who answered"


def test_the_control_a_list_committed_before_its_message_is_never_told(farmers, tmp_path):
    kill_between_list_and_message(farmers, 2, tmp_path, without="together")

    assert lists_and_messages(farmers[2]) == (1, 0)
