"""Promise: a lot of so many boxes is sold so many times, whatever the rush; everybody else is told so.

200 buyers, four for each of 50 boxes, over HTTP against real processes, all at the same moment, for one lot; half as many
with holds running out in the middle of it; and 200 with carts of three lots in random order. Beside each stands its
control, a smaller rush with the guard removed, which has to go wrong.

BUYERS changes the size: `BUYERS=400 make test ARGS=tests/acceptance/test_hot_lot.py`.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from marketplace.models import Hold, Listing, Lot
from orders.models import Order
from orders.tasks import release_unpaid_orders
from payments.models import Refund, SandboxTrade
from payments.tasks import send_sandbox_notifications
from tests.acceptance.running_shop import running_shop
from tests.acceptance.rushing import Buyer, all_at_once, make_crowd
from tests.make import make_farmer, make_listing, make_lot, make_produce
from tests.orders.making import make_route

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("rush"),  # one rush at a time: two would only wait for each other's processors
]

BUYERS = int(os.environ.get("BUYERS", "200"))
BOXES = BUYERS // 4
WITH_EXPIRY = BUYERS // 2  # they come again and again
FEW = 24  # buyers of a control, for 6 boxes: what may go wrong goes wrong at once
PATIENCE = 240.0  # seconds until the last box must be sold


@pytest.fixture(scope="module")
def shop(django_db_setup: None) -> Iterator[str]:
    """The address of the shop as it is."""
    with running_shop() as address:
        yield address


@pytest.fixture(scope="module")
def shop_without_guard(django_db_setup: None) -> Iterator[str]:
    """The address of one that reads the stock, then writes it, without a lock."""
    with running_shop(wsgi="tests.acceptance.unguarded_wsgi", WITHOUT="guard", workers=1) as address:
        yield address


def hot_listing(slug: str = "navel-orange", *, boxes: int = BOXES) -> Listing:
    """A listing with one lot of so many boxes, picked today."""
    make_route()
    farmer = Listing.objects.first().farmer if Listing.objects.exists() else make_farmer()
    listing = make_listing(farmer, packs=None, produce=make_produce(slug))
    make_lot(listing, boxes, picked_on=timezone.localdate())
    return listing


def assert_conserved() -> None:
    """Each lot's counters agree with its holds; sold + held are no more than were harvested."""
    for lot in Lot.objects.all():
        packs = dict(Hold.objects.filter(lot=lot).values_list("status").annotate(Sum("packs")))
        assert (lot.held, lot.sold) == (packs.get("HELD", 0), packs.get("SOLD", 0)), "counters and holds disagree"
        assert lot.sold + lot.held <= lot.harvested


@contextmanager
def without_the_check() -> Iterator[None]:
    """The database's own last word, taken away for a control and put back."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE marketplace_lot DROP CONSTRAINT lot_sold_and_held_within_harvested")
    try:
        yield
    finally:
        call_command("flush", interactive=False, verbosity=0)  # what the constraint would refuse now
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE marketplace_lot ADD CONSTRAINT lot_sold_and_held_within_harvested "
                "CHECK (harvested >= sold + held)"
            )


def deadlocks() -> int:
    """How many this database has had. A connection tells of its own at the latest when it ends, so the others are ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
        )
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def notify_at_once() -> int:
    """Send the provider's notifications, also those that it would try again later: how many the shop took."""
    SandboxTrade.objects.filter(notify_at__isnull=False).update(notify_at=timezone.now())
    return send_sandbox_notifications()


def let_the_provider_finish() -> None:
    """Send the provider's notifications until there are none left."""
    end = time.monotonic() + PATIENCE
    while SandboxTrade.objects.filter(notify_at__isnull=False).exists() and time.monotonic() < end:
        if not notify_at_once():
            time.sleep(0.2)


def test_four_buyers_for_each_box(shop):
    crowd = make_crowd(shop, [hot_listing()], BUYERS)

    assert all_at_once(crowd, Buyer.place_order) == {"placed": BOXES, "sold out": BUYERS - BOXES}
    assert_conserved()

    for buyer in crowd:
        if buyer.number:
            buyer.pay()
    let_the_provider_finish()

    lot = Lot.objects.get()
    assert (lot.sold, lot.held, lot.left) == (BOXES, 0, 0)
    assert_conserved()


def test_control_without_the_guard_boxes_are_promised_that_are_not_there(shop_without_guard):
    crowd = make_crowd(shop_without_guard, [hot_listing(boxes=FEW // 4)], FEW)

    with without_the_check():
        outcomes = all_at_once(crowd, Buyer.place_order)

        assert Hold.objects.aggregate(n=Sum("packs"))["n"] > FEW // 4, f"the rush broke nothing: {outcomes}"


class Sweep:
    """What Celery's clock does, some times a second beside the rush: it releases unpaid orders and lets the provider notify.

    The time of whatever order is put into `given_up` is over at once. `free` says that boxes can be had, `over` that none
    will be again.
    """

    def __init__(self) -> None:
        self.given_up: SimpleQueue[str] = SimpleQueue()
        self.free, self.over, self._ended = threading.Event(), threading.Event(), threading.Event()

    @contextmanager
    def running(self) -> Iterator["Sweep"]:
        threads = [threading.Thread(target=self._repeat, args=[step]) for step in (self._release, notify_at_once)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def _repeat(self, step) -> None:
        while not self._ended.wait(0.2):
            step()
        connection.close()

    def _release(self) -> None:
        while not self.given_up.empty():
            let_time_run_out(self.given_up.get())
        release_unpaid_orders()
        lot = Lot.objects.get()
        (self.free.set if lot.left > 0 else self.free.clear)()
        if lot.sold == lot.harvested:
            self.over.set()


@transaction.atomic
def let_time_run_out(number: str) -> None:
    """The quarter of an hour to pay this order in is over, unless it is paid."""
    now = timezone.now()
    if Order.objects.filter(number=number, status=Order.Status.UNPAID).update(pay_by=now):
        Hold.objects.held().filter(order_number=number).update(expires_at=now)


def buy_in_the_end(buyer: Buyer, sweep: Sweep, kind: int) -> str:
    """Try until a box is mine or all are sold, and pay; or don't (kind 0); or when the time to pay is over (kind 1)."""
    end = time.monotonic() + PATIENCE
    said = buyer.place_order()
    while said in {"sold out", "try again"} and not sweep.over.is_set() and time.monotonic() < end:
        if sweep.free.wait(0.5):
            time.sleep(random.random())
            said = buyer.place_order() if sweep.free.is_set() else said
    if said == "try again":
        said = buyer.place_order()
    if said != "placed":
        return said
    if kind == 0:
        sweep.given_up.put(buyer.number)
        return "let it go"
    cashier = buyer.go_to_pay()
    if kind == 1:
        sweep.given_up.put(buyer.number)
    buyer.pay(cashier)
    return "paid late" if kind == 1 else "paid"


def expiring_rush(crowd: list[Buyer]) -> dict[str, int]:
    """A rush in which every fourth never pays and every fourth pays late, while the sweep gives their boxes to others."""
    kinds = {id(buyer): place % 4 for place, buyer in enumerate(crowd)}
    with Sweep().running() as sweep:
        outcomes = all_at_once(crowd, lambda buyer: buy_in_the_end(buyer, sweep, kinds[id(buyer)]))
        let_the_provider_finish()
    return outcomes


def test_holds_that_run_out_during_the_rush_are_sold_to_others_and_once(shop):
    boxes = WITH_EXPIRY // 4
    outcomes = expiring_rush(make_crowd(shop, [hot_listing(boxes=boxes)], WITH_EXPIRY))

    assert set(outcomes) <= {"paid", "let it go", "paid late", "sold out"}, outcomes
    assert outcomes["let it go"] > 0, "no hold ran out: the run shows nothing"
    lot = Lot.objects.get()
    assert (lot.sold, lot.held, lot.left) == (boxes, 0, 0), outcomes
    assert Order.objects.filter(status=Order.Status.PAID).count() == boxes
    taken = SandboxTrade.objects.filter(status=SandboxTrade.Status.PAID).count()
    assert taken == outcomes["paid"] + outcomes["paid late"]
    assert taken == boxes + Refund.objects.count(), "money was taken for no box and is not on its way back"
    assert_conserved()


def test_control_without_the_guard_the_books_no_longer_agree(shop_without_guard):
    crowd = make_crowd(shop_without_guard, [hot_listing(boxes=FEW // 4)], FEW)

    with without_the_check(), Sweep().running():
        all_at_once(crowd, Buyer.place_order)

        with pytest.raises(AssertionError, match="disagree"):
            assert_conserved()


def three_listings() -> list[Listing]:
    return [hot_listing("navel-orange"), hot_listing("walnut"), hot_listing("raw-honey")]


def test_carts_of_three_lots_in_random_order_never_wait_for_each_other(shop):
    crowd = make_crowd(shop, three_listings(), BUYERS)
    before = deadlocks()

    assert all_at_once(crowd, Buyer.place_order) == {"placed": BOXES, "sold out": BUYERS - BOXES}

    assert [lot.left for lot in Lot.objects.all()] == [0, 0, 0]
    assert deadlocks() == before
    assert_conserved()


def test_control_lots_locked_in_the_carts_order_deadlock():
    with running_shop(wsgi="tests.acceptance.unguarded_wsgi", WITHOUT="order", workers=1) as address:
        crowd = make_crowd(address, three_listings(), FEW // 2)
        before = deadlocks()
        all_at_once(crowd, lambda buyer: buyer.place_order(presses=1))

    assert deadlocks() > before
