"""Load the regions of China and the 832 counties."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.services.places import load_places


class Command(BaseCommand):
    help = "Load every region for addresses and the 832 counties from accounts/data/. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        regions, counties = load_places()
        self.stdout.write(f"{regions} regions, {counties} counties.")
