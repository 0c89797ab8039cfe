"""What the clock wakes: each task looks at rows that are due, acts on one at a time, and may run twice or late."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from celery import shared_task
from django.utils import timezone

from orders.models import Order, Parcel
from orders.services import carts, parcels, paying, picking

logger = logging.getLogger(__name__)


@shared_task(name="orders.tasks.release_unpaid_orders")
def release_unpaid_orders(**_: Any) -> int:
    """Give up the orders whose time to pay is over. Returns how many it gave up."""
    now = timezone.now()
    due = Order.objects.overdue(now).order_by("pay_by").values_list("pk", flat=True)
    return _one_by_one(list(due), lambda pk: paying.release_order(order_id=pk, now=now))


@shared_task(name="orders.tasks.run_parcel_timers")
def run_parcel_timers(**_: Any) -> int:
    """Run the parcels' timers that are due. Returns how many did something."""
    now = timezone.now()
    due = Parcel.objects.due(now).order_by("timer_at").values_list("pk", flat=True)
    return _one_by_one(list(due), lambda pk: parcels.run_timer(parcel_id=pk, now=now))


@shared_task(name="orders.tasks.make_pick_lists")
def make_pick_lists(**_: Any) -> int:
    """Each minute: the running slot's lists that are not made yet. Returns how many it made."""
    now = timezone.now()
    return _one_by_one(picking.farmers_to_tell(now), lambda pk: picking.make_pick_list(farmer_id=pk, now=now))


@shared_task(name="orders.tasks.forget_guest_carts")
def forget_guest_carts(**_: Any) -> None:
    """Each day: delete the carts of guests who never came back."""
    while carts.forget_guest_carts(now=timezone.now()):
        pass


def _one_by_one(ids: Iterable[int], act: Callable[[int], bool]) -> int:
    """Each in a transaction of its own: a bad row is logged and stops no other."""
    done = 0
    for pk in ids:
        try:
            done += act(pk)
        except Exception:
            logger.exception("row %s could not be moved on", pk)
    return done
