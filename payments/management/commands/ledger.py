"""`manage.py ledger --catch-up`: book what happened before there was a ledger. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from payments.services import catching_up


class Command(BaseCommand):
    help = "Book payments, parcels and refunds of which the ledger knows nothing yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--catch-up", action="store_true", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        payment_ids = catching_up.unbooked()
        for payment_id in payment_ids:
            catching_up.book_past(payment_id=payment_id)
        if payment_ids or options["verbosity"] > 1:
            self.stdout.write(f"Booked {len(payment_ids)} payments.")
