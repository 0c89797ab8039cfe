"""Clearing up after people who never came in."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.services import people


@shared_task
def forget_unverified_people(**_: Any) -> None:
    """Each hour: delete those who asked for a code more than a day ago and never typed it."""
    while people.forget_unverified(now=timezone.now()):
        pass
