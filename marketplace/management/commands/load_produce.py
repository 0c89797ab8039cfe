"""manage.py load_produce: the groups and kinds of produce, from marketplace/data."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.services.produce import load_produce


class Command(BaseCommand):
    help = "Load the produce taxonomy. Can be run again: what changed in the files is brought up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        count = load_produce()
        self.stdout.write(self.style.SUCCESS(f"{count} groups and kinds of produce are in place."))
