"""Background work of the fund: thin, safe twice."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from fund.services import receipts

logger = logging.getLogger(__name__)


@shared_task
def send_receipts(**_: Any) -> int:
    """Send the receipts that are due; returns how many were tried."""
    claimed = receipts.claim_receipts(timezone.now())
    for donation_id in claimed:
        try:
            receipts.send_receipt(donation_id=donation_id)
        except Exception:
            logger.exception("receipt %s", donation_id)  # one that can't be made stops no other
    return len(claimed)
