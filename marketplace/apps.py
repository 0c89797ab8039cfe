"""Django's record of this app."""

from django.apps import AppConfig


class MarketplaceConfig(AppConfig):
    name = "marketplace"
