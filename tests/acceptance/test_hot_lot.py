"""Promise: a lot of so many boxes is sold so many times, whatever the rush; everybody else is told so.

Four buyers for each box, over HTTP against real processes, all at the same moment, for one lot; half as many with holds
running out in the middle of it, and with carts of three lots in random order. Beside each stands its control, the same
rush with the guard removed, which has to go wrong.

BUYERS makes it larger: `BUYERS=200 make test ARGS=tests/acceptance/test_hot_lot.py` sends 200 for 50 boxes (5 minutes).
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from marketplace.models import Hold, Listing, Lot
from orders.models import Order
from orders.services import carts
from orders.tasks import release_unpaid_orders
from payments.models import Refund, SandboxTrade
from payments.tasks import send_sandbox_notifications
from tests.acceptance.browsing import Browser
from tests.acceptance.running_shop import running_shop
from tests.make import make_address, make_farmer, make_listing, make_lot, make_produce, make_user
from tests.orders.making import make_route

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("rush"),  # one rush at a time: two would only wait for each other's processors
]

BUYERS = int(os.environ.get("BUYERS", "80"))
BOXES = BUYERS // 4
CROWD = BUYERS // 2 + 4  # enough for the other rushes: what may go wrong goes wrong where the boxes end
RUSH_SECONDS = 120.0
HOLD_SECONDS = 15
SOLD_OUT = ("Sold out", "box is left", "boxes are left", "no longer on sale")


def hot_listing(slug: str = "navel-orange") -> Listing:
    """A listing with one lot of BOXES, picked today."""
    make_route()
    farmer = Listing.objects.first().farmer if Listing.objects.exists() else make_farmer()
    listing = make_listing(farmer, packs=None, produce=make_produce(slug))
    make_lot(listing, BOXES, picked_on=timezone.localdate())
    return listing


def buyer_with_cart(listings: list[Listing]) -> User:
    """A buyer with an address and one box of each listing in the cart."""
    buyer = make_user("Buyer")
    make_address(buyer, is_default=True)
    cart = carts.open_cart(user=buyer)
    for listing in listings:
        carts.add_to_cart(cart_id=cart.pk, listing_id=listing.pk, packs=1)
    return buyer


def all_at_once(buyers: list[User], act: Callable[[User], str]) -> Counter[str]:
    """Every buyer in a thread of their own, all let go at the same moment; how many ended how."""
    gate = threading.Barrier(len(buyers))

    def run(buyer: User) -> str:
        try:
            gate.wait(timeout=60)
            return act(buyer)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(buyers)) as pool:
        return Counter(pool.map(run, buyers))


def place_order(browser: Browser) -> str:
    """Go to the checkout and send it: "placed", "sold out", or the status of whatever else came back."""
    page = browser.get("/checkout/")
    if page.status_code == 200 and "expected_total_fen" in page.text and "btn buy wide" in page.text:
        page = browser.send_form(page, "/checkout/")
    if page.status_code == 302 and page.headers["Location"].endswith("/pay/"):
        return "placed"
    if page.status_code == 302 and page.headers["Location"] == "/cart/":
        page = browser.get("/cart/")
        if not any(words in page.text for words in SOLD_OUT):
            return "try again"  # a box came free between the two pages
    if page.status_code in {200, 409} and any(words in page.text for words in SOLD_OUT):
        return "sold out"
    return str(page.status_code)


def pay(browser: Browser, order: Order) -> None:
    """Pay at the sandbox provider; its notification goes out when the task next runs."""
    started = browser.send_form(browser.get(f"/orders/{order.number}/pay/"), "/pay/")
    cashier = browser.get(started.headers["Location"])
    browser.send_form(cashier, "/sandbox-provider/", decision="pay")


def assert_conserved() -> None:
    """Each lot's counters agree with its holds; harvested = sold + held + left, and nothing below zero."""
    for lot in Lot.objects.all():
        packs = dict(Hold.objects.filter(lot=lot).values_list("status").annotate(Sum("packs")))
        assert (lot.held, lot.sold) == (packs.get("HELD", 0), packs.get("SOLD", 0)), "counters and holds disagree"
        assert lot.harvested == BOXES
        assert lot.sold + lot.held <= BOXES


def rush(address: str, listings: list[Listing], buyers: int = BUYERS) -> tuple[Counter[str], dict[int, Browser]]:
    """So many buyers send their checkout at the same moment: how they were answered, and their browsers."""
    people = [buyer_with_cart(random.sample(listings, len(listings))) for _ in range(buyers)]
    browsers = {buyer.pk: Browser(address, buyer) for buyer in people}
    return all_at_once(people, lambda buyer: place_order(browsers[buyer.pk])), browsers


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_four_buyers_for_each_box():
    listing = hot_listing()

    with running_shop() as address:
        outcomes, browsers = rush(address, [listing])

        assert outcomes == {"placed": BOXES, "sold out": BUYERS - BOXES}
        assert_conserved()

        for order in Order.objects.all():
            pay(browsers[order.buyer_id], order)
        let_the_provider_finish()

    lot = Lot.objects.get()
    assert (lot.sold, lot.held, lot.left) == (BOXES, 0, 0)
    assert_conserved()


def test_control_without_the_guard_boxes_are_promised_that_are_not_there():
    listing = hot_listing()

    with without_the_check(), running_shop(wsgi="tests.acceptance.unguarded_wsgi", WITHOUT="guard") as address:
        outcomes, _ = rush(address, [listing], buyers=CROWD)

        assert Hold.objects.aggregate(n=Sum("packs"))["n"] > BOXES, f"the rush broke nothing: {outcomes}"


@contextmanager
def holds_expiring() -> Iterator[None]:
    """What Celery's clock does, every half second beside the rush: release unpaid orders, let the provider notify."""
    over = threading.Event()

    def sweep() -> None:
        while not over.wait(0.5):
            send_sandbox_notifications()
            release_unpaid_orders()
        connection.close()

    thread = threading.Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def buy_in_the_end(browser: Browser, pays: bool) -> str:
    """Try until a box is mine or all are sold. Who does not pay lets the hold run out and stays away."""
    end = time.monotonic() + RUSH_SECONDS
    while time.monotonic() < end and not Lot.objects.filter(sold=BOXES).exists():
        outcome = place_order(browser)
        if outcome == "placed":
            order = Order.objects.filter(buyer=browser.user).latest("pk")
            if not pays:
                return "let it go"
            pay(browser, order)
            if becomes_paid(order):
                return "paid"
            carts.refill_cart(user=browser.user, order_id=order.pk)
        elif outcome not in {"sold out", "try again"}:
            return outcome
        time.sleep(random.uniform(0.5, 1.5))
    return "sold out"


def becomes_paid(order: Order) -> bool:
    """Whether the shop hears of the payment in time; if not, the hold ran out and the money goes back."""
    end = time.monotonic() + 2 * HOLD_SECONDS
    while time.monotonic() < end:
        order.refresh_from_db()
        if order.status != Order.Status.UNPAID:
            break
        time.sleep(0.3)
    return order.status == Order.Status.PAID


def expiring_rush(address: str, listing: Listing) -> Counter[str]:
    """A rush in which every third buyer takes a box and never pays, while the sweep gives their boxes to the others."""
    people = [buyer_with_cart([listing]) for _ in range(CROWD)]
    browsers = {buyer.pk: Browser(address, buyer) for buyer in people}
    never_pays = {buyer.pk for buyer in people[::3]}
    with holds_expiring():
        return all_at_once(people, lambda buyer: buy_in_the_end(browsers[buyer.pk], buyer.pk not in never_pays))


def let_the_provider_finish() -> None:
    """Run the provider's notifications until it has none left to send, a minute at most."""
    end = time.monotonic() + 60
    while SandboxTrade.objects.filter(notify_at__isnull=False).exists() and time.monotonic() < end:
        send_sandbox_notifications()
        time.sleep(0.2)


def assert_sold_exactly(outcomes: Counter[str]) -> None:
    """The books say BOXES; whoever paid has one, or their money is on its way back."""
    assert set(outcomes) <= {"paid", "let it go", "sold out"}, outcomes
    assert outcomes["paid"] <= BOXES, "or fewer: who had given up may still get a box for money that came late"
    taken = SandboxTrade.objects.filter(status=SandboxTrade.Status.PAID).count()
    assert taken == BOXES + Refund.objects.count(), "money was taken for no box and is not on its way back"
    lot = Lot.objects.get()
    assert (lot.sold, lot.held, lot.left) == (BOXES, 0, 0)
    assert Order.objects.filter(status=Order.Status.PAID).count() == BOXES
    assert_conserved()


def test_holds_that_run_out_during_the_rush_are_sold_to_others_and_once():
    listing = hot_listing()

    with running_shop(TIME_TO_PAY_SECONDS=str(HOLD_SECONDS)) as address:
        outcomes = expiring_rush(address, listing)
        let_the_provider_finish()

    assert outcomes["let it go"] > 0, "no hold ran out: the run shows nothing"
    assert_sold_exactly(outcomes)


def test_control_without_the_guard_the_books_no_longer_agree():
    listing = hot_listing()

    with (
        without_the_check(),
        running_shop(
            wsgi="tests.acceptance.unguarded_wsgi", WITHOUT="guard", TIME_TO_PAY_SECONDS=str(HOLD_SECONDS)
        ) as address,
        holds_expiring(),
    ):
        rush(address, [listing], buyers=CROWD)

        with pytest.raises(AssertionError, match="disagree"):
            assert_conserved()


def test_carts_of_three_lots_in_random_order_never_wait_for_each_other():
    listings = [hot_listing("navel-orange"), hot_listing("walnut"), hot_listing("raw-honey")]
    before = deadlocks()

    with running_shop() as address:
        outcomes, _ = rush(address, listings, buyers=CROWD)

    assert outcomes == {"placed": BOXES, "sold out": CROWD - BOXES}
    assert [lot.left for lot in Lot.objects.all()] == [0, 0, 0]
    assert deadlocks() == before
    assert_conserved()


def test_control_lots_locked_in_the_carts_order_deadlock():
    listings = [hot_listing("navel-orange"), hot_listing("walnut"), hot_listing("raw-honey")]
    before = deadlocks()

    with running_shop(wsgi="tests.acceptance.unguarded_wsgi", WITHOUT="order") as address:
        rush(address, listings, buyers=24)

    assert deadlocks() > before
