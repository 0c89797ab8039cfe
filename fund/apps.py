"""Django's record of this app."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    name = "fund"
