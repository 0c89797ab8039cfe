"""manage.py clock: show the parcel's clock, or write docs/clock.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from orders import clock


class Command(BaseCommand):
    help = "Show the parcel's clock as Markdown; with --write, write it to docs/clock.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/clock.md instead of showing it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            Path(settings.BASE_DIR, "docs", "clock.md").write_text(clock.render(), encoding="utf-8")
        else:
            self.stdout.write(clock.render())
