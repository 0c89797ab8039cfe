"""Django's record of this app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"
