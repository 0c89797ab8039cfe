"""manage.py load_courses: the courses that ship with the shop, from training/data."""

from typing import Any

from django.core.management.base import BaseCommand

from training.services.courses import load_courses


class Command(BaseCommand):
    help = "Load the courses that are not there yet. Can be run again: what staff have rewritten stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.style.SUCCESS(f"{load_courses()} new courses are in place."))
