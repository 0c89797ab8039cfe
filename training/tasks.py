"""Background work of training: thin, safe twice."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from training.services import offering

logger = logging.getLogger(__name__)


@shared_task
def offer_courses(**_: Any) -> None:
    """Every minute: offer courses to those whom something has just happened to that one helps with."""
    now = timezone.now()
    for user_id, course_id, reason in offering.due_offers(now):
        try:
            offering.offer_course(user_id=user_id, course_id=course_id, reason=reason, now=now)
        except Exception:
            logger.exception("course %s for user %s", course_id, user_id)  # one who can't be told stops no other
