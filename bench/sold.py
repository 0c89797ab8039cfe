"""Figures in the benches: python -m bench.sold fill LINES | keep_up RATE SECONDS LINES (prints JSON).

The lines are those of tests/insights/bulk.py, written by SQL: what very many orders would have left behind, not orders placed.
"""

import json
import sys
import threading
import time

import django

django.setup()

from django.db import connection
from django.utils import timezone

from accounts.models import County
from insights.models import Change, Group, Month, Sale, YearPeople
from insights.services.keeping_up import keep_up, start_over
from insights.services.rolling_up import absorb_all
from marketplace.models import Produce
from tests.insights import bulk

LINES_EACH = 4  # of an order
EVERY = 10.0  # seconds between two counts, as Celery's beat has it
A_BATCH = 0.5  # seconds of selling in one transaction


def patient() -> None:
    """Pages give up after 15 s; this is no page."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")


def filled(lines: int) -> dict[str, object]:
    """Write so many lines, then make every figure anew. Gives seconds of both, and whose pages can be asked for."""
    patient()
    now, began = timezone.now(), time.monotonic()
    bulk.fill(lines=lines, now=now)
    written = time.monotonic()
    months = start_over(now)
    done = time.monotonic()
    counties = Group.objects.filter(county__isnull=False).values("county")
    kinds = Group.objects.filter(produce__isnull=False).values("produce")
    return {
        "lines": Sale.objects.count(),
        "months": months,
        "written": written - began,
        "rebuilt": done - written,
        "counties": list(County.objects.filter(pk__in=counties).values_list("slug", flat=True)),
        "kinds": list(Produce.objects.filter(pk__in=kinds).values_list("slug", flat=True)),
        "years": list(YearPeople.objects.filter(county=None).values_list("year", flat=True)),
        "shown": Month.objects.filter(is_shown=True).count(),
    }


class Seller(threading.Thread):
    """Writes what so many orders a second leave behind, for some seconds; `written` says when each batch was committed."""

    def __init__(self, rate: int, seconds: float, first: int) -> None:
        super().__init__()
        self.rate, self.seconds, self.first = rate, seconds, first
        self.batches, self.orders = 0, 0
        self.problem = ""

    def run(self) -> None:
        try:
            patient()
            orders, began = round(self.rate * A_BATCH), time.monotonic()
            while (left := self.seconds - (time.monotonic() - began)) > 0:
                bulk.fill(lines=orders * LINES_EACH, now=timezone.now(), first=self.first + self.orders)
                self.batches, self.orders = self.batches + 1, self.orders + orders
                ahead = self.batches * A_BATCH - (time.monotonic() - began)
                time.sleep(max(0.0, min(ahead, left)))
            self.seconds = time.monotonic() - began
        except Exception as error:  # said by whoever waits for it
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            connection.close()


def kept_up(rate: int, seconds: float, lines: int) -> dict[str, object]:
    """Sell at that rate and count every ten seconds, as Celery does: how long a change waited at most, and what it took."""
    patient()
    seller = Seller(rate, seconds, lines // LINES_EACH + 1)
    rounds: list[tuple[int, float]] = []  # changes, seconds
    lag = 0.0
    with bulk.noting():
        seller.start()
        nothing_waited = time.monotonic()
        due = nothing_waited + EVERY
        is_over = False
        while not is_over:
            seller.join(timeout=max(0.0, due - time.monotonic()))
            is_over, began = not seller.is_alive(), time.monotonic()
            changes = absorb_all()
            done = time.monotonic()
            rounds.append((changes, done - began))
            lag, nothing_waited = max(lag, done - nothing_waited), done
            due = max(due + EVERY, done)
    if seller.problem:
        raise RuntimeError(seller.problem)
    began = time.monotonic()
    months = keep_up(timezone.now())
    all_changes, counting = sum(each for each, _took in rounds), sum(took for _each, took in rounds)
    return {
        "orders": seller.orders,
        "rate": seller.orders / seller.seconds,
        "changes": all_changes,
        "a_second": all_changes / counting if counting else 0,
        "busy": counting / seller.seconds,
        "longest": max(took for _each, took in rounds),
        "lag": lag,
        "waiting": Change.objects.count(),
        "months": months,
        "put_out": time.monotonic() - began,
        "counted": Sale.objects.count() - lines == seller.orders * LINES_EACH,
    }


if __name__ == "__main__":
    what, *numbers = sys.argv[1:]
    if what == "fill":
        print(json.dumps(filled(int(numbers[0]))))
    else:
        print(json.dumps(kept_up(int(numbers[0]), float(numbers[1]), int(numbers[2]))))
