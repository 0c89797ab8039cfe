"""Background work of the county's specialists: thin, safe twice."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from specialists.models import PostingTurn
from specialists.services import handing_over

logger = logging.getLogger(__name__)


@shared_task
def follow_postings(**_: Any) -> None:
    """Every few minutes: hand over what ended, and welcome who begins."""
    now = timezone.now()
    for posting_id, what in handing_over.due_turns(now):
        act = handing_over.hand_over if what == PostingTurn.What.ENDED else handing_over.welcome
        try:
            act(posting_id=posting_id, now=now)
        except Exception:
            logger.exception("posting %s %s", posting_id, what)  # one that can't be handed over stops no other
