"""Saves the shop: database, files and a manifest of what must come back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backup import BackupError, make_backup
from config.backup.files import elsewhere
from config.backup.making import forget_old


class Command(BaseCommand):
    help = "Write a backup of database and files into a new folder of DIRECTORY, while the shop goes on."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="where the folders of backups lie")
        parser.add_argument("--keep", type=int, metavar="N", help="then delete all but the newest N")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("--keep needs at least 1.")
        try:
            made = make_backup(options["directory"], now=timezone.now(), say=self.stderr.write)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if buckets := elsewhere():
            self.stderr.write(f"Not in it, as they are in object storage: {', '.join(buckets)}. Copy them too.")
        if options["keep"]:
            for name in forget_old(options["directory"], keep=options["keep"]):
                self.stderr.write(f"deleted {name}")
        self.stdout.write(str(made))
