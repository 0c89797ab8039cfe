"""The wiring: settings, URLs, Celery, embedded services. Imports every app; no app imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
