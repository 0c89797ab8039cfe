"""Write the API's schema into docs/openapi.json, so that a change of it shows in the diff."""

from typing import Any

from django.core.management.base import BaseCommand

from config.api.schema import as_file
from config.embedded import BASE_DIR

PATH = BASE_DIR / "docs" / "openapi.json"


class Command(BaseCommand):
    help = "Write docs/openapi.json anew."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(as_file())
        self.stdout.write(f"{PATH.relative_to(BASE_DIR)} written")
