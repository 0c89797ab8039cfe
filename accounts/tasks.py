"""Clearing up: people who never came in, answers kept long enough."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.services import answers, people


@shared_task
def forget_unverified_people(**_: Any) -> None:
    """Each hour: delete those who asked for a code more than a day ago and never typed it."""
    while people.forget_unverified(now=timezone.now()):
        pass


@shared_task
def sweep_kept_answers(**_: Any) -> None:
    """Each hour: forget the answers kept for Idempotency-Keys after two days."""
    while answers.sweep_answers(now=timezone.now()):
        pass
