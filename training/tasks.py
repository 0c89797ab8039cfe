"""Background work of training: thin, safe twice."""

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from training.services import offering, videos

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


@shared_task(time_limit=900, soft_time_limit=840)  # four minutes of film may take as long on a small machine
def make_videos(**_: Any) -> None:
    """Every half minute: make of what staff sent for lessons what every phone plays."""
    for video_id in videos.waiting_videos(timezone.now()):
        try:
            videos.make_video(video_id=video_id, now=timezone.now())
        except Exception:
            logger.exception("video %s", video_id)  # one that breaks stops no other, and is tried again
