"""Django's record of this app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"
