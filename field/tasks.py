"""Background work of what phones send: thin, safe twice."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from field import held


@shared_task
def forget_held_photos(**_: Any) -> None:
    """Each hour: photos whose entry never came."""
    while held.forget_held(now=timezone.now()):
        pass
