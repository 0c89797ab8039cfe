"""Loading the places that come with the project: every region for addresses, and the 832 counties."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from django.db import models

from accounts.models import County, Region
from common.transactions import use_case

DATA = Path(__file__).resolve().parent.parent / "data"
BATCH = 1000
Model = TypeVar("Model", bound=models.Model)
_LEVELS = {
    "province": Region.Level.PROVINCE,
    "prefecture": Region.Level.PREFECTURE,
    "county": Region.Level.COUNTY,
    "town": Region.Level.COUNTY,  # of the four prefectures without counties: the third level of an address all the same
}


@use_case
def load_places() -> tuple[int, int]:
    """Bring regions and counties to what the files say; returns how many of each. Safe to run again.

    Regions are known by code, counties by slug (two of them share a code). Nothing is deleted: addresses point at it.
    """
    regions = [_region(row) for row in _rows("regions.csv")]
    _upsert(Region, regions, key="code", but={"code"})
    counties = [_county(row) for row in _rows("poverty_counties.csv")]
    _upsert(County, counties, key="slug", but={"id", "slug"})
    return len(regions), len(counties)


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _upsert(model: type[Model], things: list[Model], *, key: str, but: set[str]) -> None:
    model._default_manager.bulk_create(
        things,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[key],
        update_fields=[field.name for field in model._meta.local_concrete_fields if field.name not in but],
    )


def _region(row: dict[str, str]) -> Region:
    return Region(
        code=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        level=_LEVELS[row["level"]],
        parent_id=row["parent"] or None,
        is_current=row["status"] == "current",
        is_virtual=row["type_zh"] == "虚拟",
    )


def _county(row: dict[str, str]) -> County:
    return County(
        slug=row["slug"],
        list_no=int(row["list_no"]),
        code=row["code"],
        name_zh=row["county_zh"],
        name_en=row["county_en"],
        short_zh=row["county_short_zh"],
        short_en=row["county_short_en"],
        alternative_en=row["county_en_alt"],
        province_id=row["province_code"],
        prefecture_zh=row["prefecture_zh"],
        prefecture_en=row["prefecture_en"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        year_lifted=int(row["year_lifted"]),
    )
