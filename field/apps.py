"""Django's record of this app."""

from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "field"
