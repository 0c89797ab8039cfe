"""Runs the embedded media engine: makes what farmers' phones send into segments that watchers play, and tells what happens."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from live.engines.supervisor import Supervisor


class Command(BaseCommand):
    help = "Makes what farmers' phones send into segments that watchers play. One of these runs beside the web."

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.stopping.set())
        supervisor.run()
