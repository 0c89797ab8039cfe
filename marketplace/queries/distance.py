"""How far counties are from somewhere: from a province's capital, or from where a browser says it is."""

import math
import re

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from accounts.models import County

NEAREST_FIRST = 60  # counties looked at before all the others are
EARTH_KM = 6371.0

# Where the capitals of the provinces lie (latitude, longitude): common knowledge, to two digits, about a kilometre.
CAPITALS: dict[str, tuple[float, float]] = {
    "110000": (39.90, 116.41), "120000": (39.13, 117.20), "130000": (38.04, 114.51), "140000": (37.87, 112.55),
    "150000": (40.84, 111.75), "210000": (41.80, 123.43), "220000": (43.82, 125.32), "230000": (45.80, 126.53),
    "310000": (31.23, 121.47), "320000": (32.06, 118.80), "330000": (30.27, 120.16), "340000": (31.82, 117.23),
    "350000": (26.07, 119.30), "360000": (28.68, 115.86), "370000": (36.65, 117.12), "410000": (34.75, 113.63),
    "420000": (30.59, 114.31), "430000": (28.23, 112.94), "440000": (23.13, 113.26), "450000": (22.82, 108.37),
    "460000": (20.04, 110.20), "500000": (29.56, 106.55), "510000": (30.57, 104.07), "520000": (26.65, 106.63),
    "530000": (25.04, 102.71), "540000": (29.65, 91.14), "610000": (34.34, 108.94), "620000": (36.06, 103.83),
    "630000": (36.62, 101.78), "640000": (38.49, 106.23), "650000": (43.83, 87.62), "710000": (25.03, 121.57),
    "810000": (22.32, 114.17), "820000": (22.20, 113.54),
}  # fmt: skip
_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d{1,2})?),(-?\d{1,3}(?:\.\d{1,2})?)")

Place = tuple[float, float]


def place_of(near: str) -> Place | None:
    """The latitude and longitude that `near` names: a province's code, or "24.9,115.6". None for anything else."""
    if near in CAPITALS:
        return CAPITALS[near]
    if match := _POSITION.fullmatch(near):
        latitude, longitude = float(match[1]), float(match[2])
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    return None


def kilometres(one: Place, other: Place) -> float:
    """The way a bird would fly."""
    (lat1, lon1), (lat2, lon2) = ([math.radians(number) for number in place] for place in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def counties_from(place: Place) -> dict[int, int]:
    """Whole kilometres to every county's seat, the nearest first. One query of 832 short rows."""
    rows = County.objects.order_by("pk").values_list("pk", "latitude", "longitude")
    far = {pk: kilometres(place, (latitude, longitude)) for pk, latitude, longitude in rows}
    return {pk: round(far[pk]) for pk in sorted(far, key=lambda pk: (far[pk], pk))}


def nearness(counties: list[int]) -> RawSQL:
    """A listing's county's place among `counties`, from 1: what "nearest first" sorts by."""
    return RawSQL(
        "array_position(%s::bigint[], marketplace_shelfplace.county_id)", [counties], output_field=IntegerField()
    )
