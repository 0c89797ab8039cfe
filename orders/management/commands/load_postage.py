"""manage.py load_postage: zones and default rates, from orders/data/."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Region
from common.errors import DomainError
from common.money import parse_yuan
from orders.models import PostageRate, PostageZone
from orders.services import postage

DATA = Path(__file__).resolve().parents[2] / "data"
NOT_LOADED = "Z7"  # see orders/data/README.md
BEYOND_CUSTOMS = {"710000", "810000", "820000"}


class Command(BaseCommand):
    help = "Add the postage zones and default rates that are missing. Never changes a rate that is there."

    def handle(self, *args: Any, **options: Any) -> None:
        provinces = set(Region.objects.filter(level=Region.Level.PROVINCE).values_list("code", flat=True))
        if not provinces:
            raise CommandError("There are no provinces yet: load the regions first.")
        try:
            rates = [read_rate(row) for row in read("shipping_zone_defaults.csv")]
        except (DomainError, KeyError, ValueError) as error:
            raise CommandError(f"shipping_zone_defaults.csv: {error}") from error
        zones = [
            PostageZone(origin_id=row["from_code"], destination_id=row["to_code"], rate_id=row["zone"])
            for row in read("shipping_zones.csv")
            if {row["from_code"], row["to_code"]} <= provinces - BEYOND_CUSTOMS
        ]
        postage.add_missing(rates=[rate for rate in rates if rate.zone != NOT_LOADED], zones=zones)
        self.stdout.write(f"Postage: {PostageRate.objects.count()} rates, {PostageZone.objects.count()} routes.")


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_rate(row: dict[str, str]) -> PostageRate:
    return PostageRate(
        zone=row["zone"],
        description=row["description"],
        first_kg_fen=parse_yuan(row["first_kg_cny"]),
        further_kg_fen=parse_yuan(row["each_further_kg_cny"]),
        **{name: int(row[name]) for name in ("days_min", "days_max", "cold_days_min", "cold_days_max")},
    )
