"""Django's record of this app."""

from django.apps import AppConfig


class SpecialistsConfig(AppConfig):
    name = "specialists"
