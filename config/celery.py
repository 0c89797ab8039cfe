"""The Celery application. Celery wakes us up; the truth is always a row in PostgreSQL."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("chushan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
