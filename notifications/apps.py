"""Django's record of this app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
