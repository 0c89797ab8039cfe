"""Django's record of this package, which is an app only for its commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
