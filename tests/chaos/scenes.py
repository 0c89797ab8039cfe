"""The faults, each with the load on and notifications on their way, and the control that has to be caught."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from notifications.models import Delivery
from notifications.services import notify
from tests.chaos.base import on_sale
from tests.chaos.load import Load, Record
from tests.chaos.oracle import Verdict, judge, wait_for_deliveries
from tests.chaos.place import DATABASE, Place
from tests.chaos.shop import Shop
from tests.make import make_address, make_user
from tests.orders.making import make_route

FLOODED, EACH = 0.04, 6  # so many people are told of so many parcels at once, everybody else of one


@dataclass(frozen=True)
class Size:
    """How big a run is."""

    clients: int
    notifications: int
    seconds: float  # of load around each fault
    claim_seconds: int
    rounds: int  # how often each fault is repeated within its scene


SMALL = Size(clients=3, notifications=60, seconds=3, claim_seconds=5, rounds=1)
WHOLE = Size(clients=6, notifications=500, seconds=12, claim_seconds=15, rounds=3)


@dataclass
class Outcome:
    """One line of the table."""

    name: str
    record: Record
    verdict: Verdict
    drained: float
    took: float
    faults: list[str] = field(default_factory=list)


class Fire:
    """One run: the place, the shop in it, and everybody who buys and is told."""

    def __init__(self, place: Place, size: Size, seed: int) -> None:
        self.place, self.size, self.seed = place, size, seed
        self.dice = random.Random(seed)
        self.shop = Shop(place.base, place.port, size.claim_seconds)
        self.records: list[Record] = []
        self.faults: list[str] = []
        make_route()
        self.listing = on_sale()
        self.buyers = [make_user("Buyer") for _ in range(size.clients)]
        for buyer in self.buyers:
            make_address(buyer, is_default=True)

    # --- One scene ---

    def scene(self, name: str, fault: Callable[[], None], told: int | None = None) -> Outcome:
        """Load on, notifications on their way, the fault, a little more load, everything delivered, the verdict."""
        started, about, self.faults = time.monotonic(), f"chaos:{name.replace(' ', '-')}:", []
        with Load(self.shop.address, self.buyers, self.listing.pk, self.seed) as record:
            self.records.append(record)
            time.sleep(self.size.seconds / 4)
            tell(about, told or self.size.notifications)
            fault()
            self.faults += [f"{name} ended by itself" for name in self.shop.revive()]
            time.sleep(self.size.seconds * 3 / 4)
        drained = wait_for_deliveries(about, self.size.claim_seconds * 3 + 90)
        verdict = judge(self.records, about)
        return Outcome(name, record, verdict, drained, time.monotonic() - started, self.faults)

    def calm(self) -> None:
        """No fault: what the load is like by itself."""

    def kill_workers(self) -> None:
        """A child, then its parent, then both parents at once, each while notifications are on their way."""
        for _ in range(self.size.rounds):
            self._pause()
            self._note("child", self.shop.kill_child("worker1", self.dice))
            self._pause()
            self._note("child", self.shop.kill_child("worker2", self.dice))
            self._pause()
            self._note("parent", True)
            self.shop.kill("worker1")
            self.shop.start("worker1")
        self._note("both parents and their children", True)
        for name in ("worker1", "worker2"):
            self.shop.kill_with_children(name)
        self.shop.start("worker1", "worker2")

    def kill_broker(self) -> None:
        for _ in range(self.size.rounds):
            self._pause()
            self._note("broker killed", True)
            self.place.kill_broker()
            self._pause()
            self.place.start_broker()

    def flush_broker(self) -> None:
        for _ in range(self.size.rounds * 2):
            self._pause()
            self._note("FLUSHALL", True)
            self.place.empty_broker()

    def freeze_broker(self) -> None:
        self._pause()
        self._note("broker frozen", True)
        self.place.freeze_broker()
        time.sleep(self.size.seconds * 0.75)
        self.place.thaw_broker()

    def kill_postgres(self) -> None:
        for _ in range(self.size.rounds):
            self._pause()
            self._note("postgres killed", bool(self.place.postgres_pids()))
            self.place.kill_postgres()
            self.place.start_postgres()
            time.sleep(self.size.seconds / 4)

    def freeze_postgres(self) -> None:
        self._pause()
        self._note("postgres frozen 5 s", bool(self.place.postgres_pids()))
        self.place.freeze_postgres(5)

    def kill_web(self) -> None:
        for _ in range(self.size.rounds):
            self._pause()
            self._note("gunicorn worker", self.shop.kill_child("web", self.dice))
            self._pause()
            self._note("gunicorn", True)
            self.shop.kill_with_children("web")
            self.shop.start("web")

    def everything(self) -> None:
        """One of each, one after another: what continuous integration has time for."""
        for fault in (self.kill_workers, self.flush_broker, self.kill_broker, self.kill_postgres, self.kill_web):
            fault()

    def _pause(self) -> None:
        time.sleep(self.dice.uniform(0.1, 0.9) * self.size.seconds / 10)

    def _note(self, name: str, really: bool) -> None:
        sent = Delivery.objects.filter(status="SENT").count() if name in {"child", "parent"} else ""
        connection.close()  # it may be dead by the next time
        self.faults.append(f"{name}{f' at {sent}' if sent != '' else ''}" if really else f"{name}: not there")

    # --- The control: what has to be caught ---

    def without_guards(self) -> Outcome:
        """Told twice and orders lost, or the oracle is blind.

        Deliverers look and don't claim, and the outbox has no unique key. Commits are answered before they are written
        down: PostgreSQL, killed, loses what was acknowledged.
        """
        self.shop.stop("worker1", "worker2")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'notifications_outboxmessage'::regclass AND contype = 'u'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE notifications_outboxmessage DROP CONSTRAINT "{name}"')
            cursor.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            cursor.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
            cursor.execute(f"ALTER DATABASE {DATABASE} SET synchronous_commit = off")
            cursor.execute("SELECT pg_reload_conf()")
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        connection.close()
        self.shop.env["CHAOS_WITHOUT"] = "claim"
        self.shop.start("worker1", "worker2")
        return self.scene("control without guards", self._kill_postgres_late, told=SMALL.notifications)

    def _kill_postgres_late(self) -> None:
        """Once some orders were confirmed after the last commit that waited for the disk."""
        answered = self.records[-1].answered
        enough, end = len(answered) + 3, time.monotonic() + 30
        while len(answered) < enough and time.monotonic() < end:
            time.sleep(0.05)
        self.kill_postgres()


def tell(about: str, count: int) -> None:
    """So many notifications in one transaction, to people nobody told before; some get several of a kind at once."""
    flooded = int(count * FLOODED)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")  # even where the control has switched it off
        number = 0
        while number < count:
            person = make_user("Farmer")
            for _ in range(EACH if number < flooded * EACH else 1):
                if number < count:
                    notify(
                        recipient=person,
                        kind="parcel_to_pack",
                        about=f"{about}{number}",
                        now=timezone.now(),
                        number=str(number),
                    )
                    number += 1


def run(place: Place, *, size: Size, seed: int, say: Callable[[Outcome], None]) -> list[Outcome]:
    """All scenes of a run, the control last: it leaves the place broken."""
    fire = Fire(place, size, seed)
    whole: list[tuple[str, Callable[[], None]]] = [
        ("calm", fire.calm),
        ("workers killed", fire.kill_workers),
        ("broker killed", fire.kill_broker),
        ("broker flushed", fire.flush_broker),
        ("broker frozen", fire.freeze_broker),
        ("postgres killed", fire.kill_postgres),
        ("postgres frozen", fire.freeze_postgres),
        ("gunicorn killed", fire.kill_web),
    ]
    scenes = whole if size is WHOLE else [("everything", fire.everything)]
    outcomes: list[Outcome] = []
    try:
        fire.shop.start_all()
        for name, fault in scenes:
            outcomes.append(fire.scene(name, fault))
            say(outcomes[-1])
        outcomes.append(fire.without_guards())
        say(outcomes[-1])
    finally:
        fire.shop.stop()
    return outcomes
