"""Fill an empty embedded shop with demo data, and say how to sign in."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from config.demo.cast import BY_ROLE, LOGINS
from config.demo.fill import fill

FARMERS = 128
YEARS_ORDERS = 6000  # over the two years before, for the figures
FARMERS_BESIDE_MANY = 8  # who have a history, when --listings adds many who have none
INTERRUPTED = "The demo data is not whole: making it was interrupted. To make it anew: make reset, then make up."


class Command(BaseCommand):
    help = "Fill an empty embedded shop with demo data. Does nothing where there are people already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only say who one can sign in as")
        parser.add_argument("--farmers", type=int, help=f"how many farmers have a history of orders ({FARMERS})")
        parser.add_argument("--years", type=int, help=f"plain orders over the two years before ({YEARS_ORDERS})")
        parser.add_argument("--listings", type=int, default=0, help="a large shop with so many listings, e.g. 100000")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self._say_logins()
            return
        if not settings.EMBEDDED:
            raise CommandError("Demo people and orders are for the embedded mode: this is a real shop.")
        listings = options["listings"]
        farmers = (
            options["farmers"] if options["farmers"] is not None else (FARMERS_BESIDE_MANY if listings else FARMERS)
        )
        if farmers < 1 or listings < 0:
            raise CommandError("--farmers must be at least 1, --listings at least 0.")
        if User.objects.exists():
            self._say_that_there_are_people()
            return
        began = time.monotonic()
        self.stdout.write("Filling the shop with demo data, once; this takes a minute or two.")
        for command in ("load_places", "load_produce", "load_postage", "load_courses"):
            call_command(command, stdout=self.stdout)
        is_usual = options["farmers"] is None and not listings
        years = options["years"] if options["years"] is not None else YEARS_ORDERS if is_usual else 0
        fill(farmers=farmers, listings=listings, now=timezone.now(), years_orders=years)
        self.stdout.write(f"Demo data is there, after {time.monotonic() - began:.0f} seconds.")

    def _say_that_there_are_people(self) -> None:
        is_demo = User.objects.filter(is_demo=True).exists()
        is_whole = User.objects.filter(phone=BY_ROLE["admin"].phone, is_demo=True).exists()
        self.stdout.write(INTERRUPTED if is_demo and not is_whole else "There are people here already: nothing to do.")

    def _say_logins(self) -> None:
        known = set(User.objects.filter(is_demo=True).values_list("phone", flat=True))
        there = [login for login in LOGINS if login.phone in known]
        if not there:
            self.stdout.write("No demo people here.")
            return
        self.stdout.write("\nSign in with one of these phone numbers; the code appears on the page /outbox/:\n")
        for login in there:
            phone = login.phone.removeprefix("+86")
            self.stdout.write(f"  {phone}  {login.role:<11} {login.sees}")
