"""The ledger in the benches: python -m bench.booking checkouts SECONDS | floor SECONDS | recount POSTINGS (prints JSON).

A checkout here is all that the shop commits for one: cart, order, payment, the provider's word, the ledger's entry. No pages.
"""

import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from threading import Thread

import django

django.setup()

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench.floor_tables import OFFERS
from bench.people import DESTINATION, buyable, buyers
from common.invariants import Check
from marketplace.models import Listing
from orders.pricing import price_cart
from orders.services import carts, placing
from payments.gateways.base import PaidEvent
from payments.gateways.sandbox import MERCHANT_ID
from payments.invariants import LEDGER
from payments.services import settle
from payments.services.starting import open_payment

THREADS = 4
_TABLES = """
DROP TABLE IF EXISTS floor_leg, floor_entry;
CREATE TABLE floor_entry (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, ref text NOT NULL UNIQUE);
CREATE TABLE floor_leg (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, entry_id bigint NOT NULL REFERENCES floor_entry,
    account integer NOT NULL, fen bigint NOT NULL CHECK (fen <> 0));
CREATE INDEX ON floor_leg (entry_id);
CREATE OR REPLACE FUNCTION floor_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT sum(fen) FROM floor_leg WHERE entry_id = NEW.entry_id) <> 0 THEN RAISE EXCEPTION 'off'; END IF; RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON floor_leg DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION floor_balanced();
"""
_MANY = """
INSERT INTO payments_account (name, kind) SELECT 'bench:' || n, 'FUND' FROM generate_series(1, 500) n;
INSERT INTO payments_entry (ref, kind, booked_at, legs, reason)
    SELECT 'bench:' || n, 'PAID', now(), 2, '' FROM generate_series(1, %(entries)s) n;
INSERT INTO payments_leg (entry_id, account_id, fen, part)
    SELECT entry.id, account.id, sign * 4980, ''
    FROM payments_entry entry
    CROSS JOIN (VALUES (1), (-1)) AS side (sign)
    JOIN payments_account account ON account.name = 'bench:' || (1 + (entry.id * 7 + sign) %% 500)
    WHERE entry.ref LIKE 'bench:%%';
ANALYZE payments_leg, payments_entry, payments_account;
"""


def in_threads(one: Callable[[int], None], seconds: float) -> dict[str, float]:
    """How often `one(number of the thread)` is done in so many seconds, by a few threads with a connection each."""
    counts = [0] * THREADS
    end = time.monotonic() + seconds

    def go_on(place: int) -> None:
        while time.monotonic() < end:
            one(place)
            counts[place] += 1
        connection.close()

    threads = [Thread(target=go_on, args=[place]) for place in range(THREADS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"done": sum(counts), "rate": sum(counts) / (time.monotonic() - started)}


def checkouts(seconds: float) -> dict[str, float]:
    """Whole checkouts through the shop's own services, each use-case committed."""
    if not User.objects.filter(phone__startswith="+861401").exists():
        buyers()
    people = list(User.objects.filter(phone__startswith="+861401").prefetch_related("addresses")[:THREADS])
    listings = Listing.objects.in_bulk(buyable())

    def buy(place: int) -> None:
        buyer, now = people[place], timezone.now()
        cart = carts.open_cart(user=buyer)
        carts.add_to_cart(cart_id=cart.pk, listing_id=random.choice(list(listings)), packs=1)
        total = price_cart(list(cart.lines.all()), province=DESTINATION[0], now=now).total_fen
        order = placing.place_order(
            buyer=buyer,
            cart_id=cart.pk,
            address_id=buyer.addresses.all()[0].pk,
            checkout_key=uuid.uuid4(),
            expected_total_fen=total,
            note="",
            now=now,
        )
        payment = open_payment(order_id=order.pk, buyer=buyer, gateway="sandbox", now=now)
        event = PaidEvent(
            gateway="sandbox",
            event_id=f"bench:{payment.pk}",
            reference=payment.reference,
            trade_number=f"bench:{payment.pk}",
            merchant_id=MERCHANT_ID,
            amount_fen=payment.amount_fen,
            currency="CNY",
            paid_at=now,
        )
        settle(event, now)

    return in_threads(buy, seconds)


def floor(seconds: float) -> dict[str, float]:
    """The least in SQL: a guarded UPDATE of stock, order, line and hold, one entry with its four legs, one COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)

    def buy(_place: int) -> None:
        offer = random.randint(1, OFFERS)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE floor_offer SET held = held + 1 WHERE id = %s AND held < harvested", [offer])
            cursor.execute("INSERT INTO floor_order (total_fen) VALUES (5780) RETURNING id")
            order = cursor.fetchone()[0]
            cursor.execute("INSERT INTO floor_line (packs, order_id, offer_id) VALUES (1, %s, %s)", [order, offer])
            cursor.execute("INSERT INTO floor_hold (packs, order_id, offer_id) VALUES (1, %s, %s)", [order, offer])
            cursor.execute("INSERT INTO floor_entry (ref) VALUES (%s) RETURNING id", [f"paid:{order}"])
            entry = cursor.fetchone()[0]
            legs = [(entry, account, fen) for account, fen in ((1, 5780), (2, -4930), (2, -800), (3, -50))]
            cursor.executemany("INSERT INTO floor_leg (entry_id, account, fen) VALUES (%s, %s, %s)", legs)

    return in_threads(buy, seconds)


def recount(postings: int) -> dict[str, float]:
    """Seconds to add up every account, and to check every entry, of a ledger with so many legs more than it had."""
    with connection.cursor() as cursor:  # pages give up after 15 s; putting in a million postings may take longer
        cursor.execute("SET statement_timeout = 0")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # a million deferred checks are not what is measured
        cursor.execute(_MANY, {"entries": postings // 2})
    found: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM payments_leg")  # as it is an hour later in a running shop
        started = time.monotonic()
        cursor.execute("SELECT account_id, sum(fen), count(*) FROM payments_leg GROUP BY account_id")
        rows = cursor.fetchall()
        found["balances"] = time.monotonic() - started
    balances: Check = next(check for check in LEDGER if check.name == "ledger_entries_balance")
    started = time.monotonic()
    breach = balances.breach(timezone.now())
    found["entries"] = time.monotonic() - started
    return found | {
        "legs": sum(row[2] for row in rows),
        "sum": int(sum(row[1] for row in rows)),
        "broken": breach.count,
    }


if __name__ == "__main__":
    what, given = sys.argv[1], float(sys.argv[2])
    done = recount(int(given)) if what == "recount" else {"checkouts": checkouts, "floor": floor}[what](given)
    print(json.dumps(done))
