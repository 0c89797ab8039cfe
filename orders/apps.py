"""Django's record of this app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "orders"
