"""Celery's part in payments: wake up, take what is due, one service call each. Safe twice and side by side."""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.utils import timezone

from payments.gateways.sandbox import notifier
from payments.services import querying, reconciling, refunding, sharing

logger = logging.getLogger(__name__)


@shared_task
def query_open_payments(**_: Any) -> int:
    """Ask the providers about payments that are still open; returns how many were asked about."""
    payment_ids = querying.claim_queries(timezone.now())
    for payment_id in payment_ids:
        _alone(querying.ask_provider, payment_id=payment_id)
    return len(payment_ids)


@shared_task
def send_refunds(**_: Any) -> int:
    """Send the refunds that are due; returns how many were tried."""
    refund_ids = refunding.claim_refunds(timezone.now())
    for refund_id in refund_ids:
        _alone(refunding.send_refund, refund_id=refund_id)
    return len(refund_ids)


@shared_task
def follow_shares(**_: Any) -> int:
    """Reward sharers and pay coupons of parcels that have settled; returns how many were looked at."""
    parcel_ids = sharing.due_parcels()
    for parcel_id in parcel_ids:
        _alone(sharing.follow_settled, parcel_id=parcel_id)
    return len(parcel_ids)


@shared_task
def reconcile_statements(**_: Any) -> int:
    """Compare the days that are due with the providers' statements; returns how many were. One that fails is due again."""
    due = reconciling.days_to_compare(timezone.now())
    for gateway, day in due:
        try:
            reconciling.reconcile(gateway=gateway, day=day, now=timezone.now())
        except Exception:
            logger.exception("statement of %s for %s", gateway, day)
    return len(due)


@shared_task
def send_sandbox_notifications(**_: Any) -> int:
    """The sandbox provider posts what is due; returns how many the shop took."""
    return notifier.send_due(timezone.now())


def _alone(service: Callable[..., object], **ids: int) -> None:
    """One that fails stops no other; its row is due again later."""
    try:
        service(now=timezone.now(), **ids)
    except Exception:
        logger.exception("%s failed for %s", service.__name__, ids)
