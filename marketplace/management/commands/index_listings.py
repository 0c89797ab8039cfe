"""manage.py index_listings: write again what every listing is found by."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marketplace.services.search import rebuild_index


class Command(BaseCommand):
    help = "Rebuild the search index of all listings, in batches, and the names that can be typed; safe while the shop is open."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.style.SUCCESS(f"{rebuild_index(timezone.now())} listings indexed."))
