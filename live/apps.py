"""Django's record of this app."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "live"

    def ready(self) -> None:
        from live import checks  # noqa: F401 - registers them
