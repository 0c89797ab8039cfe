"""Background work of the shop window: thin, safe twice."""

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from marketplace.services import imports, photos, showing, unused, vocabulary, wishes
from marketplace.services.imports import running

logger = logging.getLogger(__name__)

ONE_RUN = timedelta(seconds=45)  # well within the task's time limit; the next tick goes on


@shared_task
def process_waiting_photos(**_: Any) -> None:
    """Every 20 seconds, and when someone uploads. Claims are per photo, so two runs at once share the work."""
    until = timezone.now() + ONE_RUN
    for photo_id in photos.waiting_photo_ids(timezone.now()):
        if timezone.now() > until:
            break
        try:
            photos.process_photo(photo_id=photo_id, now=timezone.now())
        except Exception:
            logger.exception("photo %s", photo_id)  # one bad photo stops no other; its claim lapses and is tried again
    photos.forget_originals_left_behind()


@shared_task
def forget_unused_photos(**_: Any) -> None:
    """Each hour: delete photos that were sent a week ago and never became part of anything."""
    while unused.forget_unused(now=timezone.now()):
        pass


@shared_task
def refresh_vocabulary(**_: Any) -> None:
    """Every minute: names that are new or renamed, and how much stands behind each."""
    vocabulary.refresh_vocabulary(timezone.now())


@shared_task
def forget_old_searches(**_: Any) -> None:
    """Every day: what was looked for, once it is old."""
    vocabulary.forget_old_searches(timezone.now())


@shared_task
def run_sheets(**_: Any) -> None:
    """Every 15 seconds, and when someone sends a sheet or agrees to one. Claims are per sheet."""
    until = timezone.now() + ONE_RUN
    while timezone.now() < until and imports.run_next(now=timezone.now()):
        pass
    running.forget_files(now=timezone.now())


@shared_task
def publish_photos(**_: Any) -> None:
    """Every 20 seconds, and when a moderator approves: the copies of approved photos move to public storage.

    Those of photos that were taken away move out of it first, if whoever took them away had no time to.
    """
    until = timezone.now() + ONE_RUN
    for photo_id in showing.photos_to_hide():
        showing.hide_photo(photo_id=photo_id)
    for photo_id in photos.photos_to_publish():
        if timezone.now() > until:
            break
        try:
            photos.publish_photo(photo_id=photo_id, now=timezone.now())
        except Exception:
            logger.exception("photo %s", photo_id)  # it is shown from private storage meanwhile, and tried again


@shared_task
def tell_when(**_: Any) -> None:
    """Every minute: tell those whose wish can be bought now, each once. Each wish is a transaction of its own."""
    for wish_id in wishes.due_wishes():
        try:
            wishes.grant_wish(wish_id=wish_id, now=timezone.now())
        except Exception:
            logger.exception("wish %s", wish_id)  # one that fails keeps none of the others waiting
