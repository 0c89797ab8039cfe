"""Celery's application for pick lists under kills: every half second is a tick, and the slot is PICK_SLOT (“00:00-23:59”).

PICK_WITHOUT=together   the control: a list is committed before its message is
"""

import os

from config.celery import app

__all__ = ["app"]

app.loader.import_default_modules()

from django.conf import settings  # noqa: E402 - Django is set up by then
from django.db import connection  # noqa: E402

from orders.services import picking  # noqa: E402

settings.PICK_LIST_SLOTS = {"MORNING": tuple(os.environ["PICK_SLOT"].split("-"))}
app.conf.beat_schedule = {"make-pick-lists": {"task": "orders.tasks.make_pick_lists", "schedule": 0.5}}
tell = picking._tell


def tell_later(made, picks, now):
    with connection.cursor() as cursor:
        cursor.execute("COMMIT")
        cursor.execute("BEGIN")
    tell(made, picks, now)


if os.environ.get("PICK_WITHOUT") == "together":
    picking._tell = tell_later
