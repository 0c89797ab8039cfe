"""Django's record of this app."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"
