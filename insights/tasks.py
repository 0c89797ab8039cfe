"""Background work of insights: thin, safe twice."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from insights.services.keeping_up import keep_up
from insights.services.rolling_up import absorb_all


@shared_task
def count_changes(**_: Any) -> None:
    """Every ten seconds: count again what has changed."""
    absorb_all()


@shared_task
def put_out_figures(**_: Any) -> None:
    """Every minute: put out what may be said of it."""
    keep_up(timezone.now())
