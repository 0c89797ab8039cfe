"""Django's record of this app."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"
