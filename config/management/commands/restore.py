"""Brings a backup back into an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backup import BackupError, restore_backup


class Command(BaseCommand):
    help = "Bring the backup in the folder BACKUP back, into an empty database and empty folders. Then run verify."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument(
            "--replace", default="", metavar="NAME", help="the name of the database, to lose everything in it first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore_backup(options["backup"], replace=options["replace"], say=self.stderr.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            "It is back, with the same counts, sums and digests. Next: manage.py migrate, manage.py verify"
        )
