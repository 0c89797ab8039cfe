"""Celery's part in telling people: wake up, send what is due, stop in time. Run it twice and each message goes once."""

import time

from celery import shared_task
from django.utils import timezone

from common.wake import wake
from notifications.services import sending
from notifications.services.telling import DELIVER
from notifications.webhooks import sending as webhooks
from notifications.webhooks.publishing import SEND

SECONDS = 45.0  # half of what a task may take; the rest is left to the last message and its slow provider


@shared_task(name=DELIVER)
def deliver_due() -> int:
    """Send what is due, one after another, until nothing is left or time is up. Returns how many attempts were made.

    Each delivery is claimed alone, so several of these may run side by side and a killed one loses nothing.
    """
    end = time.monotonic() + SECONDS
    attempts = 0
    while claim := sending.claim_next(now=timezone.now()):
        sending.deliver(claim)
        attempts += 1
        if time.monotonic() > end:
            wake(DELIVER)
            break
    return attempts


@shared_task(name=SEND)
def send_webhooks() -> int:
    """Tell other people's programs what is due, and forget what is long done. Safe twice: each delivery is claimed alone."""
    end = time.monotonic() + SECONDS
    attempts = 0
    while claim := webhooks.claim_next(now=timezone.now()):
        webhooks.send(claim)
        attempts += 1
        if time.monotonic() > end:
            wake(SEND)
            break
    webhooks.forget_old(now=timezone.now())
    return attempts
