"""manage.py insights: keep the roll-ups, or make them anew from the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from insights.services.keeping_up import keep_up, start_over


class Command(BaseCommand):
    help = "keep: count what has changed. rebuild: count everything anew; the shop may go on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["keep", "rebuild"])

    def handle(self, *args: Any, **options: Any) -> None:
        count = (start_over if options["action"] == "rebuild" else keep_up)(timezone.now())
        self.stdout.write(self.style.SUCCESS(f"{count} months are up to date."))
