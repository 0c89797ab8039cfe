"""manage.py index_listings: write again what every listing is found by."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.services.search import index_all


class Command(BaseCommand):
    help = "Rebuild the search index of all listings, in batches; safe while the shop is open."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.style.SUCCESS(f"{index_all()} listings indexed."))
