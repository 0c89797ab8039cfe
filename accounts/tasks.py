"""Changes of account whose time has come; clearing up: people who never came in, answers kept long enough."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from accounts.services import answers, payees, people


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


@shared_task
def apply_payee_changes(**_: Any) -> None:
    """Each minute: let money go to the accounts whose waiting time is over."""
    for change_id in payees.due_payee_changes(timezone.now()):
        payees.apply_payee_change(change_id=change_id, now=timezone.now())


@shared_task
def forget_payee_requests(**_: Any) -> None:
    """Each hour: forget accounts that were typed and never confirmed with the code."""
    payees.forget_payee_requests(now=timezone.now())
